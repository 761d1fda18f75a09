"""A dream of a model with two inputs in a real notebook: an image of each, painted as they are made."""

from __future__ import annotations

import numpy as np

from tests.browser.conftest import Open
from tests.browser.dream_tab import DreamTab
from tests.browser.server import Server

OPEN = """
import base64
import keras, numpy as np, salwidget
from keras import layers
from salwidget import SaliencyWidget
def packed(picture):
    return [list(picture.shape), base64.b64encode(picture.tobytes()).decode()]
keras.utils.set_random_seed(3)
left, right = keras.Input((24, 20, 3), name="left"), keras.Input((16, 16, 1), name="right")
seen = [layers.GlobalAveragePooling2D()(layers.Conv2D(8, 5, activation="relu")(each)) for each in (left, right)]
model = keras.Model([left, right], layers.Dense(3, activation="softmax")(layers.Concatenate()(seen)))
rng = np.random.default_rng(0)
images = {"left": rng.uniform(size=(2, 24, 20, 3)), "right": rng.uniform(size=(2, 16, 16, 1))}
w = SaliencyWidget(model, images, labels=["ant", "bee", "cat"], filter_indices=1)
w
"""


def test_each_input_has_its_image_on_the_stage(server: Server, open_notebook: Open) -> None:
    notebook, _ = open_notebook(server, [OPEN])
    tab = DreamTab(notebook)
    tab.show()
    tab.start(steps=600)
    tab.come_to("done", 600)
    steps = tab.painted()
    assert len(steps) > 3
    assert steps == sorted(set(steps)), "a frame came late"
    titles = tab.stage.locator(".sw-dream-title").all_inner_texts()
    assert titles == ["bee · left", "bee · right"]
    painted = tab.pictures()
    for shown, name in zip(painted, ("left", "right"), strict=True):
        np.testing.assert_array_equal(shown, tab.kernels(f"w.dreamed.picture[{name!r}]"))
        assert shown.std() > 0
    assert notebook.evaluate("[float(s) for s in w.dreamed.scores[[0, -1]]]") == sorted(
        notebook.evaluate("[float(s) for s in w.dreamed.scores[[0, -1]]]")
    )
    # Alone, beside the other as it is in the image above.
    tab.start(steps=60, inputs="one")
    tab.come_to("done", 60)
    assert tab.stage.locator(".sw-dream-title").all_inner_texts() == ["bee"]
    tab.check_picture()
    # A tile of each input for every class.
    tab.start("filters", tile_steps=12)
    tab.come_to("done", 12)
    tiles = tab.pictures()
    asked = "filters=[0, 1, 2], steps=12, input_range={'left': (0, 1), 'right': (0, 1)}"
    grids = [tab.kernels(f"salwidget.dream(model, {asked}).run().picture[{name!r}]") for name in ("left", "right")]
    assert len(tiles) == 6
    for place, tile in enumerate(tiles):
        np.testing.assert_array_equal(tile, grids[place % 2][place // 2])
    assert notebook.errors == []
