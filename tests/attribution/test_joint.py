"""Several inputs that move together: papers' examples, completeness over all maps, own sums along the joint path."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from scipy import ndimage

import salwidget
from salwidget import explain, open_network
from salwidget.attribution.integrated_gradients import nodes
from salwidget.widget.catalogue import method_as_json
from tests import models
from tests.models import image

pytestmark = pytest.mark.slow

PICTURE, FACTS = (5, 6, 2), (4,)
METHODS = ["integrated_gradients", "expected_gradients", "guided_ig", "blur_ig", "smoothgrad", "squaregrad", "vargrad", "xrai"]


def of_two(build: Any, *shapes: tuple[int, ...], dtypes: tuple[str, ...] = ("float64", "float64")) -> keras.Model:
    with models.float64():
        inputs = [keras.Input(shape, name=name, dtype=dtype) for shape, name, dtype in zip(shapes, "xz", dtypes, strict=True)]
        return keras.Model(inputs, build(*inputs))


def smooth() -> keras.Model:
    """An image and facts of it, which meet in a smooth layer."""

    def build(x: Any, z: Any) -> Any:
        maps = layers.Flatten()(layers.Conv2D(3, 3, activation="softplus")(x))
        both = layers.Concatenate()([maps, layers.Dense(3, activation="tanh")(z)])
        return layers.Dense(1)(layers.Dense(6, activation="tanh")(both))

    return models.fill(of_two(build, PICTURE, FACTS))


def product() -> keras.Model:
    """S = sum of x z."""
    return of_two(lambda x, z: keras.ops.sum(x * z, axis=-1, keepdims=True), (6,), (6,))


def given() -> dict[str, np.ndarray]:
    return {"x": image(PICTURE, dtype="float64"), "z": image(FACTS, seed=4, dtype="float64")}


def starts() -> dict[str, np.ndarray]:
    return {"x": image(PICTURE, seed=7, dtype="float64"), "z": image(FACTS, seed=8, dtype="float64")}


def score(model: keras.Model, points: dict[str, np.ndarray]) -> float:
    return float(model([points[name][None] for name in "xz"])[0, 0])


def gradients(model: keras.Model, points: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    tensors = [tf.constant(points[name][None]) for name in "xz"]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        value = model(tensors)
    return {name: each.numpy()[0] for name, each in zip("xz", tape.gradient(value, tensors), strict=True)}


def per_place(values: np.ndarray) -> np.ndarray:
    return values.sum(-1) if values.ndim == 3 else values


@pytest.mark.quick
def test_the_example_of_the_paper_on_two_inputs() -> None:
    """Sundararajan et al. 2017, of two networks that are one function: ReLU(ReLU(x) - 1 - ReLU(z)) at (3, 1) from (0, 0)."""
    model = of_two(lambda x, z: keras.ops.relu(keras.ops.relu(x) - 1 - keras.ops.relu(z)), (1,), (1,))
    at = {"x": np.array([3.0]), "z": np.array([1.0])}
    found = explain(model, at, "integrated_gradients")
    assert found["x"].values == pytest.approx([1.5], abs=1e-6)
    assert found["z"].values == pytest.approx([-0.5], abs=1e-6)
    assert "x and z move together" in found["x"].notes
    assert "completeness: sum 1.5, with the other inputs' maps S(x) − S(x0) 1" in found["x"].notes


@pytest.mark.parametrize("way", ["joint", "alone"])
def test_integrated_gradients_are_the_sum_along_the_line(way: str) -> None:
    model, at, begin = smooth(), given(), starts()
    found = explain(model, at, "integrated_gradients", baseline=begin, inputs=way, steps=40)
    alphas, weights = nodes(64)
    for name in "xz":
        sums = np.zeros(at[name].shape)
        for alpha, weight in zip(alphas, weights, strict=True):
            line = {each: begin[each] + alpha * (at[each] - begin[each]) for each in "xz"}
            point = line if way == "joint" else {**at, name: line[name]}
            sums += weight * gradients(model, point)[name]
        expected = per_place((at[name] - begin[name]) * sums)
        np.testing.assert_allclose(found[name].values, expected, rtol=1e-5, atol=1e-7)
        if way == "alone":
            change = score(model, at) - score(model, {**at, name: begin[name]})
            assert expected.sum() == pytest.approx(change, abs=1e-9)
            other = "z" if name == "x" else "x"
            assert f"{name} moves alone, {other} stays as given" in found[name].notes


# What each path begins with, steps, and how far the sum may be from S(x) - S(x0).
PATHS: dict[str, tuple[dict[str, Any], float]] = {
    "integrated_gradients": ({"steps": 40}, 1e-6),
    "guided_ig": ({"steps": 300}, 1e-2),
    "blur_ig": ({"steps": 300, "max_sigma": 3}, 1e-3),
}


@pytest.mark.parametrize("method", PATHS)
def test_the_maps_of_all_inputs_add_up_to_the_change_of_the_score(method: str) -> None:
    options, error = PATHS[method]
    model, at = smooth(), given()
    if method == "blur_ig":
        begin = {"x": ndimage.gaussian_filter(at["x"], [3, 3, 0]), "z": ndimage.gaussian_filter(at["z"], 3)}
    else:
        begin = starts()
        options = {**options, "baseline": begin}
    change = score(model, at) - score(model, begin)
    sums = {way: sum(m.values.sum() for m in explain(model, at, method, inputs=way, **options).values()) for way in PATH_WAYS}
    assert sums["joint"] == pytest.approx(change, abs=error * abs(change))
    assert abs(sums["alone"] - change) > 5 * error * abs(change), "or this test says nothing"


PATH_WAYS = ("joint", "alone")


def test_guided_ig_without_room_is_the_sum_along_the_straight_line() -> None:
    model, at, begin = smooth(), given(), starts()
    found = explain(model, at, "guided_ig", baseline=begin, steps=20, max_dist=0)
    for name in "xz":
        change = at[name] - begin[name]
        line = [{each: begin[each] + step / 20 * (at[each] - begin[each]) for each in "xz"} for step in range(20)]
        expected = change * np.mean([gradients(model, point)[name] for point in line], 0)
        np.testing.assert_allclose(found[name].values, per_place(expected), rtol=1e-5, atol=1e-7)
    assert found["x"].passes == 2 * 20 + 1, "a gradient of each input, and the image's own score"


def test_blur_ig_is_the_sum_over_jointly_blurred_inputs() -> None:
    model, at = smooth(), given()
    found = explain(model, at, "blur_ig", steps=12, max_sigma=4)
    widths = np.geomspace(0.5, 4.5, 12) - 0.5
    path = [
        {"x": ndimage.gaussian_filter(at["x"], [width, width, 0]), "z": ndimage.gaussian_filter(at["z"], width)}
        for width in widths
    ]
    slopes = [gradients(model, point) for point in path]
    for name in "xz":
        pairs = zip(range(11), range(1, 12), strict=True)
        parts = [(slopes[i][name] + slopes[j][name]) / 2 * (path[i][name] - path[j][name]) for i, j in pairs]
        np.testing.assert_allclose(found[name].values, per_place(np.sum(parts, 0)), rtol=1e-5, atol=1e-7)


def test_noise_on_all_inputs() -> None:
    """The gradient of x z with respect to x is z: with noise on z it varies as the noise does, without it not at all."""
    model = product()
    at = {"x": image((6,), dtype="float64"), "z": image((6,), seed=1, dtype="float64")}
    joint, alone = (explain(model, at, "vargrad", samples=200, noise=0.5, inputs=way, wrt="x") for way in PATH_WAYS)
    np.testing.assert_allclose(joint.values, (0.5 * np.ptp(at["z"])) ** 2, rtol=0.4)
    assert joint.values.mean() == pytest.approx((0.5 * np.ptp(at["z"])) ** 2, rel=0.12)
    np.testing.assert_allclose(alone.values, 0, atol=1e-12)
    both = explain(model, at, "smoothgrad", samples=200, noise=0.1, reduce="sum")
    for name, other in ("xz", "zx"):
        np.testing.assert_allclose(both[name].values, at[other], atol=0.03 * np.ptp(at[other]))
        assert np.abs(both[name].values - at[other]).max() > 1e-4
    assert not np.allclose(both["x"].values - at["z"], both["z"].values - at["x"]), "each input has noise of its own"


def test_expected_gradients_draw_the_same_row_for_all_inputs() -> None:
    """From r both to x z: half of what each moves alone is joint, (x - r) times the mean of z's way."""
    model = product()
    at = {"x": np.arange(1.0, 7.0), "z": np.linspace(-1, 1, 6)}
    rows = {"x": np.array([[0.0] * 6, [9.0] * 6]), "z": np.array([[0.0] * 6, [5.0] * 6])}
    found = explain(model, at, "expected_gradients", samples=500, references=rows)
    for name, other in ("xz", "zx"):
        ways = zip(rows[name], rows[other], strict=True)
        expected = np.mean([(at[name] - a) * (at[other] + b) / 2 for a, b in ways], 0)
        spread = np.max([np.abs(at[name] - a) * np.abs(at[other] - b) for a, b in zip(rows[name], rows[other], strict=True)])
        np.testing.assert_allclose(found[name].values, expected, atol=0.2 * spread)
    drawn = {name: one[:1] for name, one in rows.items()}
    joint, alone = (explain(model, at, "expected_gradients", references=drawn, wrt="x", inputs=way) for way in PATH_WAYS)
    np.testing.assert_allclose(alone.values, at["x"] * at["z"], rtol=1e-6)
    np.testing.assert_allclose(joint.values / alone.values, np.full(6, joint.values[0] / alone.values[0]), rtol=1e-5)
    assert joint.values[0] / alone.values[0] == pytest.approx(0.5, abs=0.15)  # the mean of 50 places on the way


@pytest.mark.quick
def test_whole_numbers_stay_as_given() -> None:
    def build(x: Any, z: Any) -> Any:
        return keras.ops.sum(x, axis=-1, keepdims=True) * keras.ops.sum(layers.Embedding(9, 1)(z), axis=1)

    model = models.fill(of_two(build, (3,), (4,), dtypes=("float64", "int32")))
    at = {"x": np.array([1.0, 2.0, 3.0]), "z": np.arange(4)}
    found = explain(model, at, "integrated_gradients", wrt="x")
    assert "x moves alone, z stays as given" in found.notes
    assert found.values.sum() == pytest.approx(found.score, abs=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_one_input_alone_is_the_same_question(method: str) -> None:
    model, offered = models.functional(), method_as_json(method, open_network(models.functional()))
    assert explain(model, image(), method, inputs="alone") == explain(model, image(), method)
    assert "inputs" not in [option["name"] for option in offered["options"]]
    several = method_as_json(method, open_network(smooth()))
    assert "inputs" in [option["name"] for option in several["options"]]
    with pytest.raises(ValueError, match="inputs='both' is not known; use one of 'joint', 'alone'"):
        explain(smooth(), given(), method, wrt="x", inputs="both")


def test_baselines_by_input() -> None:
    model, at, begin = smooth(), given(), starts()
    asked = explain(model, at, "integrated_gradients", baseline={"z": begin["z"]}, wrt="z")
    black = {"x": np.full(PICTURE, at["x"].min()), "z": begin["z"]}
    np.testing.assert_allclose(asked.values, line_sum(model, at, black, "z"), rtol=1e-5, atol=1e-7)
    scope = {"salwidget": salwidget, "model": model, "image": at, "baseline": {"z": begin["z"]}}
    assert eval(asked.query.as_python(several_inputs=True), scope) == asked
    with pytest.raises(
        ValueError, match=r"shape \(5, 6, 2\), but input z has \(4, 1\); of several inputs, give a dict by input"
    ):
        explain(model, at, "integrated_gradients", baseline=begin["x"], wrt="x")
    with pytest.raises(ValueError, match=r"has no input 'y'; its inputs are x, z"):
        explain(model, at, "integrated_gradients", baseline={"y": begin["x"]}, wrt="x")
    with pytest.raises(ValueError, match="baseline is one of 'black'"):
        explain(model, at, "integrated_gradients", baseline={"x": "grey"}, wrt="x")
    references = {"x": np.zeros((2, *PICTURE)), "z": np.zeros((3, *FACTS))}
    with pytest.raises(ValueError, match="The same row of all references is one baseline, but there are 2 and 3 rows"):
        explain(model, at, "expected_gradients", references=references, wrt="x")


def line_sum(model: keras.Model, at: dict[str, np.ndarray], begin: dict[str, np.ndarray], name: str) -> np.ndarray:
    alphas, weights = nodes(50)
    line = [{each: begin[each] + alpha * (at[each] - begin[each]) for each in "xz"} for alpha in alphas]
    slopes = [gradients(model, point)[name] for point in line]
    return per_place((at[name] - begin[name]) * np.tensordot(weights, slopes, 1))
