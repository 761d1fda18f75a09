"""Every rule of LRP by numpy: each layer as one matrix, whose formula is written out as in Montavon et al. 2019."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from keras import layers

from salwidget import SaliencyWidget, explain, open_network
from salwidget.widget.trait_codec import GIVEN, TraitCodec
from tests import models
from tests.models import float64, image

pytestmark = pytest.mark.slow

PIXELS = (5, 4, 2)
EPSILON, GAMMA = 0.1, 0.4
LOW, HIGH = -1.0, 1.0

Step = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def positive(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


def negative(x: np.ndarray) -> np.ndarray:
    return np.minimum(x, 0)


def over(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.divide(a, b, out=np.zeros_like(a), where=b != 0)


def epsilon(x: np.ndarray, w: np.ndarray, b: np.ndarray, relevance: np.ndarray) -> np.ndarray:
    """The product and the bias as two sums, as TensorFlow has them."""
    stable = lambda z: z + EPSILON * np.sqrt(np.mean(z**2)) * np.sign(z)  # noqa: E731
    product = x @ w
    behind = product * over(relevance, stable(product + b))
    return x * (w @ over(behind, stable(product)))


def z_plus(x: np.ndarray, w: np.ndarray, b: np.ndarray, relevance: np.ndarray) -> np.ndarray:
    parts = positive(x[:, None] * w)
    return (over(parts, np.broadcast_to(parts.sum(0), parts.shape)) * relevance).sum(1)


def gamma(x: np.ndarray, w: np.ndarray, b: np.ndarray, relevance: np.ndarray) -> np.ndarray:
    """Each product x w, and the bias, counts 1 + gamma times where it has the sign of z: what pushes z its own way."""
    products, z = x[:, None] * w, x @ w + b
    towards = lambda part: part * np.where(part * z > 0, 1 + GAMMA, 1)  # noqa: E731
    return (towards(products) / (towards(products).sum(0) + towards(b)) * relevance).sum(1)


def z_box(x: np.ndarray, w: np.ndarray, b: np.ndarray, relevance: np.ndarray) -> np.ndarray:
    parts = x[:, None] * w - LOW * positive(w) - HIGH * negative(w)
    return (parts / parts.sum(0) * relevance).sum(1)


def w_square(x: np.ndarray, w: np.ndarray, b: np.ndarray, relevance: np.ndarray) -> np.ndarray:
    return (w**2 / (w**2).sum(0) * relevance).sum(1)


def flat(x: np.ndarray, w: np.ndarray, b: np.ndarray, relevance: np.ndarray) -> np.ndarray:
    joined = (w != 0).astype(float)
    return (joined / joined.sum(0) * relevance).sum(1)


def identity(x: np.ndarray, w: np.ndarray, b: np.ndarray, relevance: np.ndarray) -> np.ndarray:
    return relevance


STEPS: dict[str, Step] = {step.__name__: step for step in (epsilon, z_plus, gamma, z_box, w_square, flat, identity)}
MIXED = {"epsilon_plus": ("z_plus", "epsilon"), "epsilon_gamma": ("gamma", "epsilon")}
FIRSTS = ("same", "z_box", "w_square", "flat", "identity")


def three_layers(bias: bool = True) -> keras.Model:
    """Two convolutions with rectifiers, the first of which keeps the shape, and a dense layer."""
    with float64():
        steps = [
            layers.Conv2D(2, 3, padding="same", activation="relu", use_bias=bias, name="first"),
            layers.Conv2D(3, 2, strides=(1, 2), activation="relu", use_bias=bias, name="second"),
            layers.Flatten(),
            layers.Dense(3, use_bias=bias, name="head"),
        ]
        return models.fill(models.in_a_row(PIXELS, *steps))


def as_matrix(layer: keras.layers.Conv2D, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
    """A convolution as w (inputs, outputs), its bias for each output, and the shape of the outputs."""
    kernel = np.asarray(layer.kernel, np.float64)
    before = 1 if layer.padding == "same" else 0  # of a 3 x 3 window
    down, right = layer.strides
    rows, columns = (
        (size + 2 * before - k) // s + 1 for size, k, s in zip(shape[:2], kernel.shape[:2], layer.strides, strict=True)
    )
    w = np.zeros((*shape, rows, columns, kernel.shape[-1]))
    for row, column in np.ndindex(rows, columns):
        for i, j in np.ndindex(kernel.shape[:2]):
            y, x = row * down + i - before, column * right + j - before
            if 0 <= y < shape[0] and 0 <= x < shape[1]:
                w[y, x, :, row, column] = kernel[i, j]
    out = (rows, columns, kernel.shape[-1])
    bias = np.asarray(layer.bias, np.float64) if layer.use_bias else np.zeros(out[-1])
    return w.reshape(np.prod(shape), -1), np.broadcast_to(bias, out).ravel(), out


def by_hand(model: keras.Model, picture: np.ndarray, which: int, rules: tuple[str, str, str]) -> tuple[np.ndarray, float]:
    """The map (H, W) by a rule for each layer, and the score."""
    first, second, head = (model.get_layer(name) for name in ("first", "second", "head"))
    w1, b1, shape = as_matrix(first, PIXELS)
    w2, b2, _ = as_matrix(second, shape)
    w3 = np.asarray(head.kernel, np.float64)
    b3 = np.asarray(head.bias, np.float64) if head.use_bias else np.zeros(3)
    x = picture.ravel().astype(np.float64)
    a1 = positive(x @ w1 + b1)
    a2 = positive(a1 @ w2 + b2)
    scores = a2 @ w3 + b3
    relevance = np.eye(3)[which] * scores
    for rule, inputs, w, b in zip(reversed(rules), (a2, a1, x), (w3, w2, w1), (b3, b2, b1), strict=True):
        relevance = STEPS[rule](inputs, w, b, relevance)
    return relevance.reshape(PIXELS).sum(-1), float(scores[which])


def signed_pixels(seed: int = 0) -> np.ndarray:
    """In -1..1, and below zero somewhere: so that black is -1 and white is 1."""
    return np.tanh(image(PIXELS, seed, "float64"))


@pytest.mark.parametrize("first", FIRSTS)
@pytest.mark.parametrize("rule", ["epsilon", "z_plus", "gamma", "epsilon_plus", "epsilon_gamma"])
def test_every_rule_with_every_first_layer_by_numpy(rule: str, first: str) -> None:
    model, picture = three_layers(), signed_pixels()
    convolutions, dense = MIXED.get(rule, (rule, rule))
    rules = (convolutions if first == "same" else first, convolutions, dense)
    for which in (0, 2):
        expected, score = by_hand(model, picture, which, rules)
        found = explain(model, picture, "lrp", filters=which, rule=rule, first=first, epsilon=EPSILON, gamma=GAMMA)
        assert found.score == pytest.approx(score, rel=1e-6)
        np.testing.assert_allclose(found.values, expected, rtol=0, atol=1e-6 * np.abs(expected).max())


@pytest.mark.quick
def test_gamma_of_positive_numbers_is_the_formula_of_the_overview() -> None:
    """R_i = sum_j a_i (w_ij + g w_ij+) / (sum_0i a_i (w_ij + g w_ij+)) R_j, a_0 = 1 and w_0j the bias."""
    with float64():
        model = models.in_a_row((2, 2, 1), layers.Flatten(), layers.Dense(1))
    a, w, bias = np.array([0.5, 1.0, 2.0, 0.25]), np.array([1.0, -0.5, 0.75, -1.0]), 0.3
    model.layers[-1].set_weights([w[:, None], np.array([bias])])
    parts = a * (w + GAMMA * positive(w))
    expected = parts / (parts.sum() + bias + GAMMA * bias) * (a @ w + bias)
    found = explain(model, a.reshape(2, 2, 1), "lrp", rule="gamma", gamma=GAMMA)
    np.testing.assert_allclose(found.values.ravel(), expected, rtol=1e-6)


def test_gamma_zero_is_epsilon_zero() -> None:
    model, picture = three_layers(bias=False), signed_pixels()
    one, other = (explain(model, picture, "lrp", filters=1, **options).values for options in (
        {"rule": "gamma", "gamma": 0.0}, {"rule": "epsilon", "epsilon": 0.0},
    ))  # fmt: skip
    np.testing.assert_allclose(one, other, rtol=0, atol=1e-6 * np.abs(other).max())


@pytest.mark.parametrize("first", FIRSTS)
@pytest.mark.parametrize("rule", ["z_plus", "gamma", "epsilon"])
def test_nothing_is_lost_where_no_bias_takes_a_part(rule: str, first: str) -> None:
    model, picture = three_layers(bias=False), signed_pixels(1)
    score = models.values_of(model, picture[None])[0, 1]
    found = explain(model, picture, "lrp", filters=1, rule=rule, first=first, epsilon=0.0)
    assert found.values.sum() == pytest.approx(score, rel=1e-5)


def test_the_box_is_as_preprocessed_and_as_the_model_makes_it() -> None:
    """Bytes, less a mean for each channel, through Rescaling and a border of zeros: the bounds go the same way."""
    mean = np.array([100.0, 30.0], np.float32)
    with float64():
        inner = [layers.Rescaling(-0.01, 0.5), layers.ZeroPadding2D(1), layers.Conv2D(3, 3, name="conv")]
        model = models.fill(models.in_a_row(PIXELS, *inner, layers.ReLU(), layers.GlobalAveragePooling2D(), layers.Dense(2)))
    bytes_ = np.random.default_rng(2).integers(0, 256, PIXELS).astype(np.uint8)
    conv, head = model.get_layer("conv"), model.layers[-1]
    conv.set_weights([conv.kernel.numpy(), np.full(3, 1.0)])

    padded = lambda x: np.pad((x - mean.astype(np.float64)) * -0.01 + 0.5, ((1, 1), (1, 1), (0, 0)))  # noqa: E731
    x, one, other = (padded(np.broadcast_to(each, PIXELS).astype(np.float64)) for each in (bytes_, 0, 255))
    low, high = np.minimum(one, other), np.maximum(one, other)
    kernel = np.asarray(conv.kernel, np.float64)
    windows = [(np.s_[i : i + 3, j : j + 3], (i, j)) for i, j in np.ndindex(PIXELS[:2])]
    maps = np.array([positive(np.tensordot(x[at], kernel, 3) + conv.bias.numpy()) for at, _ in windows])  # (cells, 3)
    weights = head.kernel.numpy()[:, 1]
    pooled = maps.mean(0) * weights
    score = pooled.sum() + head.bias.numpy()[1]
    up = positive(pooled)
    behind = maps / maps.sum(0) * (up / up.sum() * score)
    expected = np.zeros(x.shape)
    for (at, _), relevance in zip(windows, behind, strict=True):
        parts = x[at][..., None] * kernel - low[at][..., None] * positive(kernel) - high[at][..., None] * negative(kernel)
        expected[at] += (parts / parts.sum((0, 1, 2)) * relevance).sum(-1)
    inside = expected[1:-1, 1:-1].sum(-1)

    found = explain(model, bytes_, "lrp", filters=1, preprocess=lambda x: x - mean, rule="z_plus", first="z_box")
    np.testing.assert_allclose(found.values, inside, rtol=0, atol=1e-5 * np.abs(inside).max())
    assert found.values.sum() == pytest.approx(score, rel=1e-4)  # zeros between zeros take no part
    given = {"low": np.zeros(PIXELS), "high": np.full(PIXELS, 255.0)}
    same = explain(model, bytes_, "lrp", filters=1, preprocess=lambda x: x - mean, rule="z_plus", first="z_box", **given)
    np.testing.assert_array_equal(same.values, found.values)


COMPOSITES = [
    ({"first": "flat", "head": "z_plus"}, ("flat", "epsilon", "z_plus")),
    ({"Conv2D": "gamma", "Dense": "epsilon"}, ("gamma", "gamma", "epsilon")),
    ({"Conv2D": "z_plus", "first": "z_box"}, ("z_box", "z_plus", "epsilon")),
    ({"second": "w_square", "Conv2D": "gamma"}, ("gamma", "w_square", "epsilon")),
    ({1: "identity", -1: "gamma"}, ("identity", "epsilon", "gamma")),
]


@pytest.mark.parametrize(("composite", "rules"), COMPOSITES, ids=str)
def test_single_layers_have_rules_of_their_own(composite: dict[str | int, str], rules: tuple[str, str, str]) -> None:
    model, picture = three_layers(), signed_pixels()
    expected, _ = by_hand(model, picture, 1, rules)
    found = explain(model, picture, "lrp", filters=1, composite=composite, epsilon=EPSILON, gamma=GAMMA)
    np.testing.assert_allclose(found.values, expected, rtol=0, atol=1e-6 * np.abs(expected).max())


def test_a_layers_rule_is_over_that_of_the_first_and_of_its_kind() -> None:
    model, picture = three_layers(), signed_pixels()
    asked = {"composite": {"first": "w_square"}, "first": "flat", "rule": "z_plus"}
    expected, _ = by_hand(model, picture, 1, ("w_square", "z_plus", "z_plus"))
    np.testing.assert_allclose(explain(model, picture, "lrp", filters=1, **asked).values, expected, atol=1e-6)


def test_a_layer_inside_a_nested_model_is_found_by_name() -> None:
    inner = three_layers()
    outer = keras.Sequential([keras.Input(PIXELS, dtype="float64"), inner], name="outer")
    expected, _ = by_hand(inner, signed_pixels(), 1, ("flat", "gamma", "epsilon"))
    composite = {"first": "flat", "second": "gamma"}
    found = explain(outer, signed_pixels(), "lrp", filters=1, composite=composite, epsilon=EPSILON, gamma=GAMMA)
    np.testing.assert_allclose(found.values, expected, rtol=0, atol=1e-6 * np.abs(expected).max())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"composite": {"frist": "flat"}}, "no layer 'frist'.*first"),
        ({"composite": {"first": "flatt"}}, "composite: 'flatt' is not known; use one of 'epsilon', 'z_plus'"),
        ({"composite": {"second": "z_box"}}, r"'z_box' is for pixels, but others come before layer 2 second"),
        ({"composite": {"second": "identity"}}, r"'identity' keeps shapes, but layer 2 second turns .*; use 'flat'"),
        ({"first": "alpha"}, "first='alpha' is not known; use one of 'same', 'z_box'"),
    ],
)
def test_what_does_not_fit_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        explain(three_layers(), signed_pixels(), "lrp", filters=1, **options)
    assert str(caught.value).count(". ") == 0


@pytest.mark.quick
def test_a_composite_that_is_no_dict_is_refused() -> None:
    with pytest.raises(TypeError, match="composite is a dict from a layer's name, index or kind to one of epsilon"):
        explain(three_layers(), signed_pixels(), "lrp", composite="flat")


def test_a_composite_is_python_again_and_is_built_once() -> None:
    model, picture = three_layers(), signed_pixels()
    found = explain(model, picture, "lrp", filters=1, composite={1: "flat", "Dense": "z_plus"})
    assert "composite={'first': 'flat', 'Dense': 'z_plus'}" in found.query.as_python()
    network, before = open_network(model), open_network(model).cuts
    again = explain(model, picture, "lrp", filters=1, composite={"first": "flat", "Dense": "z_plus"})
    assert network.cuts == before
    np.testing.assert_array_equal(again.values, found.values)


@pytest.mark.quick
def test_the_page_shows_that_it_is_given_and_gives_it_back() -> None:
    model = three_layers()
    with closing(SaliencyWidget(model, [signed_pixels()], method="lrp", options={"composite": {"first": "flat"}})) as widget:
        options = widget.options
    assert repr(options) == "{'composite': {'first': 'flat'}}"
    codec = TraitCodec(SimpleNamespace(network=open_network(model), labels=[]))
    assert codec.to_page("options", options) == {"composite": GIVEN}
    assert codec.from_page("options", {"composite": GIVEN, "rule": "gamma"}) == {**options, "rule": "gamma"}
