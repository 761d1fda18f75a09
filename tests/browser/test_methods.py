"""Long methods, targets A and B, signals, volumes, several inputs and outputs, in a real notebook."""

from __future__ import annotations

import numpy as np
import pytest

from tests.browser.conftest import Open
from tests.browser.jupyterlab import Explorer, Notebook
from tests.browser.server import Server

OPEN = """
import keras, numpy as np, salwidget
from salwidget import SaliencyWidget, Unit
from salwidget.demo import snow_test
demo = snow_test().biased
w = SaliencyWidget(demo.model, demo.images, labels=demo.labels, image_idx=3)
shares = []
w.observe(lambda change: shares.append(change["new"].progress), names="heatmap")
def by_hand(**asked):
    return float(np.abs(w.heatmap.values - salwidget.explain(demo.model, demo.images[3], **asked).values).max())
w
"""
LAYERS = "import keras, numpy as np\nfrom salwidget import SaliencyWidget\nL = keras.layers\nkeras.utils.set_random_seed(1)\n"
SIGNAL = f"""{LAYERS}
model = keras.Sequential([keras.Input((96, 2)), L.Conv1D(6, 5, activation="relu"), L.Flatten(), L.Dense(3, "softmax")])
t = np.linspace(0, 20, 96)
w = SaliencyWidget(model, np.stack([np.sin(t), np.cos(3 * t)], -1).astype("float32"), method="saliency")
w
"""
VOLUME = f"""{LAYERS}
model = keras.Sequential([keras.Input((12, 20, 16, 1)), L.Conv3D(4, 3, activation="relu"), L.Flatten(), L.Dense(2, "softmax")])
w = SaliencyWidget(model, np.random.default_rng(0).uniform(size=(12, 20, 16)).astype("float32"), method="saliency")
w
"""
SEVERAL = f"""{LAYERS}
picture, vector = keras.Input((24, 24, 3), name="picture"), keras.Input((5,), name="vector")
maps = L.GlobalAveragePooling2D()(L.Conv2D(4, 3, activation="relu")(picture))
joint = L.Concatenate()([maps, L.Dense(3, activation="tanh")(vector)])
model = keras.Model([picture, vector], [L.Dense(3, "softmax", name="kind")(joint), L.Dense(1, name="size")(joint)])
rng = np.random.default_rng(0)
given = {{"picture": rng.uniform(size=(24, 24, 3)).astype("float32"), "vector": rng.normal(size=5).astype("float32")}}
w = SaliencyWidget(model, given, method="saliency")
w
"""


@pytest.fixture(scope="module")
def snow(server: Server, open_notebook: Open) -> tuple[Notebook, Explorer]:
    return open_notebook(server, [OPEN])


def final(notebook: Notebook, explorer: Explorer) -> None:
    """Wait until the stage shows the whole answer to what Python was told, and nothing is under way."""
    explorer.answered()
    explorer.root.locator(".sw-status[data-state=fresh]").wait_for(timeout=60_000)
    assert notebook.evaluate("w.status") == "fresh"


def test_a_long_method_paints_better_and_better_answers(snow: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = snow
    notebook.evaluate("[shares.clear(), setattr(w, 'options', {}), 1][-1]")
    explorer.choose("method", "rise")
    explorer.slide("masks", 4000)
    bar = explorer.root.get_by_role("progressbar")
    bar.wait_for(timeout=60_000)
    early = explorer.pixels()
    final(notebook, explorer)
    bar.wait_for(state="detached")
    painted = notebook.evaluate("shares")
    assert painted[-1] == 1
    assert len({share for share in painted if share < 1}) >= 2, "no partial answers were shown"
    assert (explorer.pixels() != early).any()
    assert notebook.evaluate("by_hand(method='rise', masks=4000)") <= 1e-7


def test_stop_keeps_the_partial_answer_and_the_next_question_is_answered(snow: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = snow
    explorer.choose("method", "rise")
    explorer.slide("masks", 8000)
    explorer.root.get_by_role("progressbar").wait_for(timeout=60_000)
    explorer.root.get_by_role("button", name="Stop").click()
    explorer.settled("stale")
    notebook.becomes("w.status", "stale")
    assert 0 < notebook.evaluate("w.heatmap.progress") < 1
    assert explorer.pixels()[..., 3].max() > 0, "the last partial answer is gone"
    explorer.choose("method", "grad_cam")
    notebook.becomes("w.method", "grad_cam")
    final(notebook, explorer)


def test_a_minus_b_and_its_swap(snow: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = snow
    explorer.choose("method", "grad_cam")
    explorer.slide("filter_indices", 1)
    explorer.control("versus").fill("0")
    explorer.control("versus").press("Enter")
    notebook.becomes("[w.method, w.filter_indices, w.versus]", ["grad_cam", 1, 0])
    final(notebook, explorer)
    assert notebook.evaluate("by_hand(method='grad_cam', target=Unit(filters=1) - Unit(filters=0))") <= 1e-6
    before = notebook.evaluate("float(w.heatmap.values.sum())")
    explorer.root.get_by_role("button", name="swap A and B").click()
    notebook.becomes("[w.filter_indices, w.versus]", [0, 1])
    final(notebook, explorer)
    assert notebook.evaluate("float(w.heatmap.values.sum())") == pytest.approx(-before, rel=1e-4)
    explorer.root.get_by_role("button", name="no target B").click()
    notebook.becomes("w.versus", None)
    final(notebook, explorer)


def test_a_target_of_python_and_back(snow: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = snow
    notebook.evaluate("[setattr(w, 'target', 2 * Unit(layer=3, filters=1)), 1][-1]")
    final(notebook, explorer)
    assert explorer.control("layer_idx").is_disabled()
    explorer.root.get_by_role("button", name="clear the target").click()
    notebook.becomes("w.target is None", True)
    final(notebook, explorer)
    assert explorer.control("layer_idx").is_enabled()


@pytest.mark.parametrize("method", ["integrated_gradients", "grad_cam++", "score_cam", "occlusion", "xrai", "lrp", "guided_ig"])
def test_the_page_shows_what_explain_gives(snow: tuple[Notebook, Explorer], method: str) -> None:
    notebook, explorer = snow
    explorer.choose("method", method)
    notebook.becomes("w.method", method)
    final(notebook, explorer)
    assert notebook.evaluate(f"by_hand(method={method!r}, filters=w.filter_indices)") <= 1e-6


def test_an_option_moved_in_the_page_is_asked(snow: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = snow
    explorer.choose("method", "integrated_gradients")
    explorer.choose("baseline", "white")
    explorer.slide("steps", 9)
    notebook.becomes("[w.method, w.options]", ["integrated_gradients", {"baseline": "white", "steps": 9}])
    final(notebook, explorer)
    asked = "by_hand(method='integrated_gradients', filters=w.filter_indices, baseline='white', steps=9)"
    assert notebook.evaluate(asked) <= 1e-6
    assert notebook.errors == []


def test_a_signal_is_drawn_and_coloured_and_read(server: Server, open_notebook: Open) -> None:
    notebook, explorer = open_notebook(server, [SIGNAL], width=760)
    final(notebook, explorer)
    painted = explorer.pixels()
    assert painted[..., 3].max() > 0
    brightest = notebook.evaluate("[int(w.heatmap.values.argmax()), float(w.heatmap.values.max())]")
    explorer.stage.scroll_into_view_if_needed()
    box = explorer.stage.locator(".sw-picture").bounding_box()
    assert box
    notebook.page.mouse.move(box["x"] + box["width"] * (brightest[0] + 0.5) / 96, box["y"] + box["height"] / 2)
    read = explorer.stage.locator("output").inner_text()
    assert str(brightest[0]) in read
    assert f"{brightest[1]:.2g}"[:3] in read
    assert notebook.errors == []


def test_a_volume_is_shown_by_slices_without_asking(server: Server, open_notebook: Open) -> None:
    notebook, explorer = open_notebook(server, [VOLUME], width=1030)
    final(notebook, explorer)
    strongest = notebook.evaluate("int(np.abs(w.heatmap.values).sum((1, 2)).argmax())")
    assert int(explorer.control("slice").input_value()) == strongest
    before, passes = explorer.pixels(), notebook.evaluate("w._session.panes['explain'].seq")
    explorer.slide("slice", (strongest + 5) % 12)
    after = explorer.repainted(before)
    assert after.shape == before.shape
    assert np.all(after.shape[:2] == np.array([20, 16]))
    assert notebook.evaluate("w._session.panes['explain'].seq") == passes
    assert notebook.errors == []


def test_inputs_and_outputs_have_pickers(server: Server, open_notebook: Open) -> None:
    notebook, explorer = open_notebook(server, [SEVERAL], width=1030)
    final(notebook, explorer)
    size = notebook.evaluate("[layer.index for layer in w._session.context.network.outputs if layer.name == 'size'][0]")
    explorer.choose("output", str(size))
    notebook.becomes("w.layer_idx", size)
    explorer.choose("map of input", "1")
    notebook.becomes("w.input_idx", 1)
    final(notebook, explorer)
    assert notebook.evaluate("[w.layer_idx, w.input_idx, list(w.heatmap.values.shape)]") == [size, 1, [5]]
    explorer.choose("map of input", "0")
    notebook.becomes("w.input_idx", 0)
    final(notebook, explorer)
    assert notebook.evaluate("list(w.heatmap.values.shape)") == [24, 24]
    assert notebook.errors == []
