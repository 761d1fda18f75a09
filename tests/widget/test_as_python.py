"""What is copied is executed, in a namespace that holds only what a notebook has."""

from __future__ import annotations

import ast
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
from IPython.core.events import EventManager
from PIL import Image

import salwidget
from salwidget import SaliencyWidget, Unit
from salwidget.attribution import method_of
from salwidget.widget import names
from salwidget.widget.controls import LOOK, QUESTION
from tests.widget.conftest import Sent, kinds, last, say, settled, until

pytestmark = pytest.mark.slow

Make = Callable[..., SaliencyWidget]


class Shell(SimpleNamespace):
    """As much of IPython as holds variables and says when a cell has run."""

    def __init__(self) -> None:
        super().__init__(user_ns={})
        self.events = EventManager(self, {"post_run_cell": lambda result: None})

    def run(self, code: str) -> Any:
        """Run a cell; returns the value of its last line."""
        *lines, last = ast.parse(code).body
        exec(compile(ast.Module(lines, []), "cell", "exec"), self.user_ns)
        assert isinstance(last, ast.Expr)
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), self.user_ns)
        self.events.trigger("post_run_cell", None)
        return value


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Shell:
    made = Shell()
    monkeypatch.setattr(names, "notebook", lambda: made)
    monkeypatch.setattr("salwidget.widget.names.notebook", lambda: made)
    return made


@pytest.fixture
def opened(shell: Shell) -> Iterator[list[SaliencyWidget]]:
    """Widgets that a cell has opened; they are closed after the test."""
    widgets: list[SaliencyWidget] = []
    yield widgets
    for widget in widgets:
        widget.close()


def copied(widget: SaliencyWidget) -> str:
    """What the page's menu item copies."""
    assert settled(widget) == "fresh", widget.status
    return str(widget.children[0].python["explain"])


def assert_same(found: Any, widget: SaliencyWidget) -> None:
    assert found.query == widget.heatmap.query
    np.testing.assert_allclose(found.values, widget.heatmap.values, rtol=0, atol=1e-6)


def cnn() -> keras.Model:
    keras.utils.set_random_seed(7)
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.Conv2D(6, 3, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax"),
        ]
    )


def photographs(dtype: str = "uint8") -> np.ndarray:
    given = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3))
    return given.astype(dtype)


def doubled(image: np.ndarray) -> np.ndarray:
    return image / 64 - 1


@pytest.mark.parametrize("method", salwidget.METHODS)
def test_what_is_copied_gives_the_map_shown(method: str, shell: Shell, opened: list[SaliencyWidget]) -> None:
    model = cnn()
    shell.user_ns["model"] = model
    widget = SaliencyWidget(model, photographs(), preprocess=doubled, image_idx=3)
    opened.append(widget)
    shell.user_ns["explorer"] = widget
    refused = method_of(method).refusal
    network = widget._session.context.network
    layer = next(each for each in reversed(network.layers) if not refused(network, each, network.inputs[0]))
    widget.layer_idx = layer.index
    if layer is not network.output:
        widget.filter_indices = 1
    widget.method = method
    shell.events.trigger("post_run_cell", None)
    assert_same(shell.run(copied(widget)), widget)
    assert "explorer.images[3]" in copied(widget)


def margin(logits: Any) -> Any:
    return logits[:, 0] - logits[:, 1]


def softened(gradient: Any) -> Any:
    return gradient / 2


ASKED: dict[str, dict[str, Any]] = {
    "A - B": {"filter_indices": 0, "versus": 2},
    "several filters": {"layer_idx": 1, "filter_indices": (1, 3), "method": "saliency"},
    "a number as the aim": {"filter_indices": 1, "aim": 0.1 + 0.2},
    "decrease": {"filter_indices": 1, "aim": "decrease"},
    "maintain": {"filter_indices": 1, "aim": "maintain", "method": "saliency"},
    "a cell": {"layer_idx": 1, "filter_indices": 3, "cell": (4, 5), "method": "saliency"},
    "a probability": {"score": "probability"},
    "a seed": {"method": "smoothgrad", "seed": 12},
    "options": {"method": "smoothgrad", "options": {"samples": 4}},
    "an array": {"method": "integrated_gradients", "options": {"baseline": np.full((16, 16, 3), 0.25, np.float32)}},
    "a named target": {"target": margin},
    "a lambda": {"target": lambda logits: logits[:, 2]},
    "a sum of units": {"target": Unit(filters=0) - 0.1234567891 * Unit(filters=1)},
    "near a value": {"target": (Unit(filters=0) + Unit(filters=1)).near(0.123456789)},
    "a sum with a lambda": {"target": Unit(filters=0) + Unit(-1, function=lambda logits: logits[:, 1])},
    "a named modifier": {"method": "saliency", "grad_modifier": softened},
    "a modifier without a name": {"method": "saliency", "grad_modifier": lambda gradient: gradient * 3},
    "a rule": {"method": "saliency", "backprop_modifier": lambda given, made, gradient: gradient * 0.5},
}


@pytest.mark.parametrize("known", [True, False], ids=["named", "without a name"])
@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_every_question_is_copied_and_so_is_the_widget(
    asked: dict[str, Any], known: bool, shell: Shell, opened: list[SaliencyWidget]
) -> None:
    widget = SaliencyWidget(cnn(), photographs(), preprocess=doubled, image_idx=1, **asked)
    opened.append(widget)
    if known:
        shell.user_ns |= {"explorer": widget, "margin": margin, "softened": softened}
        shell.events.trigger("post_run_cell", None)
    assert_same(shell.run(copied(widget)), widget)
    twin = shell.run(widget.as_python())
    opened.append(twin)
    assert settled(twin) == "fresh"
    assert_same(twin.heatmap, widget)
    assert {name: getattr(twin, name) for name in (*QUESTION, *LOOK)} == {
        name: getattr(widget, name) for name in (*QUESTION, *LOOK)
    }


def test_the_widget_is_copied_with_its_look_and_labels(shell: Shell, opened: list[SaliencyWidget]) -> None:
    look = {"opacity": 0.25, "threshold": 0.5, "colormap": "gray", "charts": False, "tab": "dream"}
    widget = SaliencyWidget(cnn(), photographs("float32"), labels=["a", "b", "c"], **look)
    opened.append(widget)
    settled(widget)
    twin = shell.run(widget.children[0].python["widget"])
    opened.append(twin)
    assert {name: getattr(twin, name) for name in look} == look
    assert twin.labels == ["a", "b", "c"]


def test_two_widgets_are_told_apart(shell: Shell, opened: list[SaliencyWidget]) -> None:
    model = cnn()
    for name, image in (("first", 0), ("second", 2)):
        shell.user_ns[name] = SaliencyWidget(model, photographs(), image_idx=image)
        opened.append(shell.user_ns[name])
    shell.events.trigger("post_run_cell", None)
    for name in ("first", "second"):
        assert f"{name}.images" in copied(shell.user_ns[name])
        assert_same(shell.run(copied(shell.user_ns[name])), shell.user_ns[name])


def test_without_a_variable_the_text_makes_one_and_leaves_others_alone(shell: Shell, opened: list[SaliencyWidget]) -> None:
    shell.user_ns |= {"w": "mine", "_hidden": None}
    widget = SaliencyWidget(cnn(), photographs())
    opened.append(widget)
    shell.user_ns["_hidden"] = widget
    assert_same(shell.run(copied(widget)), widget)
    assert shell.user_ns["w"] == "mine"
    assert shell.user_ns["w2"] is widget
    assert "opened" not in copied(widget)


def test_an_image_that_was_dropped_is_among_those_copied(shell: Shell, opened: list[SaliencyWidget]) -> None:
    widget = SaliencyWidget(cnn(), photographs(), preprocess=doubled)
    opened.append(widget)
    settled(widget)
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(3).integers(0, 256, (40, 30, 3), np.uint8)).save(file, "PNG")
    say(widget, {"kind": "upload", "name": "dropped.png"}, [file.getvalue()])
    until(lambda: widget.image_idx == 4, "the upload")
    assert_same(shell.run(copied(widget)), widget)
    assert "images[4]" in copied(widget)
    assert len(shell.run("w.images")) == 5
    twin = shell.run(widget.as_python())
    opened.append(twin)
    assert settled(twin) == "fresh"
    assert_same(twin.heatmap, widget)
    assert twin.children[0].images == widget.children[0].images
    assert [each["name"] for each in twin.children[0].images] == [*(f"image {place}" for place in range(4)), "dropped.png"]


def test_files_keep_their_names_in_the_widget_copied(shell: Shell, opened: list[SaliencyWidget], tmp_path: Path) -> None:
    for name, image in zip(("wolf.png", "husky.png"), photographs("uint8"), strict=False):
        Image.fromarray(image).save(tmp_path / name)
    widget = SaliencyWidget(cnn(), [tmp_path / "husky.png", photographs()[2], str(tmp_path / "wolf.png")], image_idx=2)
    opened.append(widget)
    settled(widget)
    twin = shell.run(widget.as_python())
    opened.append(twin)
    assert [each["name"] for each in twin.children[0].images] == ["husky.png", "image 1", "wolf.png"]
    again = SaliencyWidget(cnn(), widget.images[::-1])
    opened.append(again)
    assert [each["name"] for each in again.children[0].images] == ["wolf.png", "image 1", "husky.png"]


def one_axis(space: int) -> keras.Model:
    layers = keras.layers
    conv, pool = {1: (layers.Conv1D, layers.GlobalAveragePooling1D), 3: (layers.Conv3D, layers.GlobalAveragePooling3D)}[space]
    return keras.Sequential([keras.Input((*[8] * space, 2)), conv(3, 3, activation="relu"), pool(), layers.Dense(2)])


def assert_copied(shell: Shell, widget: SaliencyWidget, opened: list[SaliencyWidget]) -> None:
    """Both copied texts give the widget's map: the call that makes it, and the widget that the other one opens."""
    assert_same(shell.run(copied(widget)), widget)
    twin = shell.run(widget.as_python())
    opened.append(twin)
    settled(twin)
    assert_same(twin.heatmap, widget)


@pytest.mark.parametrize("space", [1, 3])
def test_signals_and_volumes(space: int, shell: Shell, opened: list[SaliencyWidget]) -> None:
    given = np.random.default_rng(0).normal(size=(2, *[8] * space, 2)).astype("float32")
    widget = SaliencyWidget(one_axis(space), given, image_idx=1)
    opened.append(widget)
    assert_copied(shell, widget, opened)


def test_several_inputs(shell: Shell, opened: list[SaliencyWidget]) -> None:
    layers = keras.layers
    left, right = keras.Input((8, 8, 3), name="left"), keras.Input((8, 8, 1), name="right")
    towers = [layers.Flatten()(layers.Conv2D(2, 3, activation="relu")(each)) for each in (left, right)]
    model = keras.Model([left, right], layers.Dense(2)(layers.Concatenate()(towers)))
    draw = np.random.default_rng(0)
    images = {name: draw.uniform(size=(2, 8, 8, channels)).astype("float32") for name, channels in (("left", 3), ("right", 1))}
    widget = SaliencyWidget(model, images, preprocess={"left": doubled}, method="saliency", image_idx=1, input_idx=1)
    opened.append(widget)
    assert_copied(shell, widget, opened)


@pytest.mark.quick
def test_a_closed_widget_says_so(shell: Shell) -> None:
    widget = SaliencyWidget(cnn(), photographs())
    code = copied(widget)
    widget.close()
    with pytest.raises(ValueError, match="no open widget"):
        shell.run(code)
    with pytest.raises(ValueError, match="closed"):
        widget.as_python()
    assert not shell.events.callbacks["post_run_cell"]


DREAMS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "plain": ({}, {"seed": 3}),
    "from the image": ({"preprocess": doubled}, {"start": "image", "jitter": 0.2, "tv": 2.0}),
    "of the whole layer": ({"layer_idx": 1}, {"goal": "layer", "parametrization": "pixels"}),
    "several answers": ({"layer_idx": 1, "filter_indices": 2}, {"count": 2}),
    "both scores": ({"filter_indices": 2}, {"score": "both"}),
    "a lambda": ({"target": lambda logits: logits[:, 2]}, {}),
    "a sum with a lambda": ({"target": Unit(filters=0) + Unit(-1, function=lambda logits: logits[:, 1])}, {}),
    "near a value": ({"filter_indices": 1, "aim": 0.1 + 0.2}, {}),
}


@pytest.mark.parametrize(("asked", "settings"), DREAMS.values(), ids=DREAMS)
def test_a_dream_is_copied(
    asked: dict[str, Any], settings: dict[str, Any], shell: Shell, opened: list[SaliencyWidget], sent: Sent
) -> None:
    widget = SaliencyWidget(cnn(), photographs(), image_idx=1, **asked)
    opened.append(widget)
    settled(widget)
    widget.dream(steps=4, **settings)
    until(lambda: "dream" in kinds(sent) and last(sent, "dream")["state"] in ("done", "failed"), "the dream")
    assert last(sent, "dream")["state"] == "done"
    again = shell.run(last(sent, "dream")["python"])
    np.testing.assert_array_equal(again.image, widget.dreamed.image)
    assert (again.titles, again.steps) == (widget.dreamed.titles, 4)
