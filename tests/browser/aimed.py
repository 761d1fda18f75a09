"""A view to aim at: many filters, many classes, and widths that notebooks have."""

from __future__ import annotations

import pytest

from tests.browser.jupyterlab import Explorer, Notebook

# 144 filters, 40 classes with names that overlap, and a map whose values are known: the weights do not matter.
OPEN = """
import keras, numpy as np
from salwidget import SaliencyWidget
keras.utils.set_random_seed(0)
image = keras.Input((64, 64, 3))
hidden = keras.layers.Conv2D(144, 3, padding="same", activation="relu", name="block_1_expand")(image)
hidden = keras.layers.Conv2D(8, 3, strides=2, padding="same", activation="relu", name="block_1_project")(hidden)
pooled = keras.layers.GlobalAveragePooling2D(name="pooled")(hidden)
model = keras.Model(image, keras.layers.Dense(40, activation="softmax", name="classes")(pooled), name="aimed")
names = [f"kind {number}" for number in range(38)] + ["brown bear", "water ouzel"]
images = np.random.default_rng(0).uniform(0, 255, (2, 64, 64, 3)).astype("uint8")
w = SaliencyWidget(model, images, labels=names, method="saliency")
w
"""


def resized(notebook: Notebook, explorer: Explorer, width: int, height: int = 1300) -> float:
    """Give the view about that width; returns what it has."""
    for _ in range(3):  # what stands beside the view depends on the window's width
        box = explorer.root.bounding_box()
        assert box is not None
        beside = round(notebook.page.evaluate("innerWidth") - box["width"])
        notebook.page.set_viewport_size({"width": width + beside, "height": height})
        explorer.at_rest()
    box = explorer.root.bounding_box()
    assert box is not None
    assert box["width"] == pytest.approx(width, abs=8)
    return box["width"]
