"""A cell changes the model under an open widget: the page says so, its layers follow, and one click asks again."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.server import Server

OPEN = """
import keras, numpy as np
from keras import layers
from salwidget import SaliencyWidget
keras.utils.set_random_seed(1)
early, mean = layers.Conv2D(4, 3, activation="relu", name="early"), layers.GlobalAveragePooling2D(name="mean")
model = keras.Sequential([keras.Input((16, 16, 3)), early, mean, layers.Dense(3, name="old")])
w = SaliencyWidget(model, np.random.default_rng(0).uniform(size=(2, 16, 16, 3)).astype("float32"))
w
"""
REGROWN = """
model.pop()
model.add(layers.Dense(5, name="middle"))
model.add(layers.Dense(4, name="new"))
"""
TRAINED = "model.set_weights([weight + 0.1 for weight in model.get_weights()])"


def test_the_page_follows_a_cell_that_changes_the_model(server: Server, open_notebook: Open) -> None:
    notebook, explorer = open_notebook(server, [OPEN, REGROWN, TRAINED])
    explorer.settled()
    index = explorer.control("layer_idx")
    expect(index).to_have_attribute("max", "2")
    notebook.run(1)
    explorer.settled("stale")
    expect(index).to_have_attribute("max", "3")
    expect(index).to_have_value("3")
    expect(explorer.root.get_by_text("The model has changed: old is gone and middle, new are new.")).to_be_visible()
    again = explorer.root.get_by_role("button", name="Ask again")
    again.click()
    explorer.settled()
    assert notebook.evaluate("[w.status, w.layer_idx, w.heatmap.query.target.layer]") == ["fresh", 3, 3]
    expect(again).to_have_count(0)
    # The layers' list, and the filters of one of them.
    explorer.slide("layer_idx", 2)
    expect(explorer.root.get_by_text("middle", exact=False).first).to_be_visible()
    explorer.settled()
    expect(explorer.control("filter_indices")).to_have_attribute("max", "4")
    notebook.run(2)
    explorer.settled("stale")
    expect(explorer.root.get_by_text("The weights of the model have changed since this map.")).to_be_visible()
    before = explorer.pixels()
    again.click()
    explorer.settled()
    assert notebook.evaluate("[w.status, w.layer_idx]") == ["fresh", 2]
    assert (explorer.pixels() != before).any()
    assert notebook.errors == []
