"""LRP: both rules by numpy on small networks, what they conserve, and what they refuse."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from salwidget import Unit, explain, open_network
from tests import models
from tests.models import SHAPE, image

pytestmark = pytest.mark.slow

RULES = ("epsilon", "z_plus")
NO_BIAS = {"use_bias": False}


def positive(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


def negative(x: np.ndarray) -> np.ndarray:
    return np.minimum(x, 0)


def epsilon_step(x: np.ndarray, w: np.ndarray, b: np.ndarray, relevance: np.ndarray, size: float) -> np.ndarray:
    """Bach et al. 2015, equation 58, for z = x w + b: the product and the bias as two sums, as TensorFlow has them."""
    rms = lambda z: np.sqrt(np.mean(z**2))  # noqa: E731
    product, z = x @ w, x @ w + b
    behind = product * relevance / (z + size * rms(z) * np.sign(z))
    return x * (w @ (behind / (product + size * rms(product) * np.sign(product))))


def z_plus_step(x: np.ndarray, w: np.ndarray, relevance: np.ndarray) -> np.ndarray:
    """Only x_i w_ij > 0 takes a part; biases take none."""
    parts = positive(x[:, None] * w)
    return (parts / parts.sum(0) * relevance).sum(1)


@pytest.fixture(scope="module")
def dense() -> keras.Model:
    head = [layers.Flatten(), layers.Dense(6, activation="relu"), layers.Dense(3, activation="softmax")]
    return models.fill(models.in_a_row((4, 2, 1), *head))


@pytest.mark.quick
@pytest.mark.parametrize("size", [0.0, 0.25])
@pytest.mark.parametrize("which", [0, 2])
def test_epsilon_on_two_layers_by_numpy(dense: keras.Model, size: float, which: int) -> None:
    w1, b1, w2, b2 = (weight.astype(np.float64) for weight in dense.get_weights())
    x = image((4, 2, 1)).ravel().astype(np.float64)
    hidden = positive(x @ w1 + b1)
    scores = hidden @ w2 + b2
    behind = np.eye(3)[which] * scores
    expected = epsilon_step(x, w1, b1, epsilon_step(hidden, w2, b2, behind, size), size)
    found = explain(dense, image((4, 2, 1)), "lrp", filters=which, rule="epsilon", epsilon=size)
    assert found.signed
    assert found.score == pytest.approx(scores[which], abs=1e-5)
    np.testing.assert_allclose(found.values.ravel(), expected, rtol=0, atol=1e-4 * np.abs(expected).max())


@pytest.mark.quick
@pytest.mark.parametrize("which", [0, 2])
def test_z_plus_on_two_layers_by_numpy(dense: keras.Model, which: int) -> None:
    w1, b1, w2, b2 = (weight.astype(np.float64) for weight in dense.get_weights())
    x = image((4, 2, 1)).ravel().astype(np.float64)
    hidden = positive(x @ w1 + b1)
    score = (hidden @ w2 + b2)[which]
    expected = z_plus_step(x, w1, z_plus_step(hidden, w2, np.eye(3)[which] * score))
    found = explain(dense, image((4, 2, 1)), "lrp", filters=which, rule="z_plus").values.ravel()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * np.abs(expected).max())
    assert found.sum() == pytest.approx(score, rel=1e-5)
    assert np.all(found * np.sign(score) >= 0)


def convolutional() -> keras.Model:
    """All that is linear in a row, with all that relevance passes unchanged."""
    steps = [
        layers.Conv2D(4, 3, activation="relu", **NO_BIAS),
        layers.SeparableConv2D(5, 2, padding="same", **NO_BIAS),
        layers.LeakyReLU(negative_slope=0.2),
        layers.Conv2D(4, 3, dilation_rate=2, activation="tanh", **NO_BIAS),
        layers.UpSampling2D(2, interpolation="bilinear"),
        layers.PReLU(shared_axes=(1, 2)),
        layers.ReLU(max_value=3),
        layers.ELU(),
        layers.GlobalAveragePooling2D(),
        layers.Dense(3, **NO_BIAS),
    ]
    return models.fill(models.in_a_row((12, 12, 2), *steps))


def rectified() -> keras.Model:
    """A rectifier behind each convolution: whatever is above zero was pushed up by something."""
    steps = [
        layers.Conv2D(4, 3, activation="relu", **NO_BIAS),
        layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2, activation="relu6", **NO_BIAS),
        layers.AveragePooling2D(2),
        layers.ZeroPadding2D(1),
        layers.Conv2DTranspose(4, 3, strides=2, activation="relu", **NO_BIAS),
        layers.UpSampling2D(2),
        layers.MaxPooling2D(2),
        layers.GlobalAveragePooling2D(),
        layers.Dense(3, **NO_BIAS),
    ]
    return models.fill(models.in_a_row((12, 12, 2), *steps))


def residual() -> keras.Model:
    inputs = keras.Input(SHAPE)
    first = layers.Conv2D(4, 3, padding="same", activation="relu", **NO_BIAS)(inputs)
    second = layers.Conv2D(4, 3, padding="same", **NO_BIAS)(first)
    total = layers.ReLU()(layers.Add()([first, second]))
    both = layers.Concatenate()([total, layers.Subtract()([second, first])])
    return models.fill(keras.Model(inputs, layers.Dense(3, **NO_BIAS)(layers.GlobalMaxPooling2D()(both))))


def volume() -> keras.Model:
    steps = [layers.Conv3D(3, 2, activation="relu", **NO_BIAS), layers.AveragePooling3D(2), layers.GlobalMaxPooling3D()]
    return models.fill(models.in_a_row((5, 5, 5, 1), *steps, layers.Dense(2, **NO_BIAS)))


def signal() -> keras.Model:
    steps = [layers.Conv1D(4, 3, activation="relu", **NO_BIAS), layers.MaxPooling1D(2), layers.Dense(3, **NO_BIAS)]
    return models.fill(models.in_a_row((12, 2), *steps, layers.Flatten(), layers.Dense(2, **NO_BIAS)))


WITHOUT_BIAS = {
    "convolutional": convolutional,
    "rectified": rectified,
    "residual": residual,
    "volume": volume,
    "signal": signal,
}


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        *[(kind, "epsilon") for kind in WITHOUT_BIAS],
        *[(kind, "z_plus") for kind in ("rectified", "residual", "volume", "signal")],
    ],
)
def test_nothing_is_lost_without_biases(kind: str, rule: str) -> None:
    model = WITHOUT_BIAS[kind]()
    picture = image(model.input_shape[1:])
    score = models.values_of(model, picture[None])[0, 1]
    found = explain(model, picture, "lrp", filters=1, rule=rule)
    assert found.values.sum() == pytest.approx(score, rel=1e-3)
    assert found.notes == (f"conservation: relevance {found.values.sum():.4g} of a score of {found.score:.4g}",)
    if rule == "z_plus":
        assert np.all(found.values * np.sign(score) >= 0)


@pytest.mark.parametrize("kind", ["rectified", "residual", "volume", "signal"])
def test_small_epsilon_without_biases_is_input_x_gradient(kind: str) -> None:
    """Each layer is linear around the image, so the parts telescope (Shrikumar et al. 2016, section 2.1)."""
    model = WITHOUT_BIAS[kind]()
    picture = image(model.input_shape[1:])
    expected = (picture * models.tape_gradient(model, picture, [1])).sum(-1)
    found = explain(model, picture, "lrp", filters=1, epsilon=0.0)
    np.testing.assert_allclose(found.values, expected, rtol=0, atol=1e-4 * np.abs(expected).max())
    assert np.abs(explain(model, picture, "lrp", filters=1, epsilon=0.3).values - expected).max() > 1e-3


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("rule", RULES)
def test_batch_normalisation_is_an_affine_map(rule: str, fused: bool) -> None:
    """On pixels as they are: y = scale x + shift, S = w . y. Epsilon gives x only scale x of y, z+ gives it all."""
    rng = np.random.default_rng(3)
    scale, offset, mean = (rng.normal(size=2) for _ in range(3))
    variance, slope = rng.uniform(0.5, 2, 2), rng.normal(size=SHAPE)
    norm = layers.BatchNormalization(epsilon=1e-3)
    if fused:
        fixed = [each.astype(np.float32) for each in (scale, offset, mean, variance)]
        step = lambda x: tf.compat.v1.nn.fused_batch_norm(x, *fixed, epsilon=1e-3, is_training=False)[0]  # noqa: E731
        head = layers.Dense(1, **NO_BIAS)
        model = models.subclassed_of(SHAPE, step, layers.Flatten(), head)
    else:
        head = layers.Dense(1, **NO_BIAS)
        model = models.in_a_row(SHAPE, norm, layers.Flatten(), head)
        norm.set_weights([scale, offset, mean, variance])
    head.kernel.assign(slope.reshape(-1, 1))
    picture = image()
    times = scale / np.sqrt(variance + 1e-3)
    part = picture * times
    y = part + offset - mean * times
    score = (slope * y).sum()
    if rule == "epsilon":
        expected = slope * part  # of slope y, the share part / y
    else:
        up = positive(slope * y)
        expected = up / up.sum() * score
    found = explain(model, picture, "lrp", filters=0, rule=rule, epsilon=0.0)
    np.testing.assert_allclose(found.values, expected.sum(-1), rtol=0, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize("rule", RULES)
def test_a_residual_sum_is_split_in_proportion(rule: str) -> None:
    """S = w . (a x + b x): both branches have the sign of x, so each rule gives back w (a + b) x."""
    inputs = keras.Input((3, 4, 1))
    first, second = layers.Rescaling(2.0), layers.Rescaling(0.5)
    model = keras.Model(inputs, layers.Dense(1, **NO_BIAS)(layers.Flatten()(layers.Add()([first(inputs), second(inputs)]))))
    slope, picture = np.abs(image((3, 4, 1), seed=5)), np.abs(image((3, 4, 1)))
    model.layers[-1].kernel.assign(slope.reshape(-1, 1))
    found = explain(model, picture, "lrp", rule=rule)
    np.testing.assert_allclose(found.values, (slope * 2.5 * picture)[..., 0], rtol=1e-4)


@pytest.mark.quick
def test_a_maximum_gives_all_to_its_winner() -> None:
    model = models.in_a_row((4, 4, 1), layers.MaxPooling2D(2), layers.Flatten(), layers.Dense(1, **NO_BIAS))
    model.layers[-1].kernel.assign(np.ones((4, 1)))
    picture = np.arange(1, 17, dtype=np.float32).reshape(4, 4, 1)
    expected = picture[..., 0] * np.isin(picture[..., 0], [6, 8, 14, 16])
    np.testing.assert_allclose(explain(model, picture, "lrp").values, expected, rtol=1e-5)


@pytest.mark.parametrize("rule", RULES)
def test_a_difference_of_targets_is_the_difference_of_their_maps(dense: keras.Model, rule: str) -> None:
    picture = image((4, 2, 1))
    first, second = (explain(dense, picture, "lrp", filters=which, rule=rule).values for which in (0, 2))
    both = explain(dense, picture, "lrp", target=Unit(filters=0) - 0.5 * Unit(filters=2), rule=rule).values
    np.testing.assert_allclose(both, first - 0.5 * second, rtol=0, atol=1e-5)
    mean = explain(dense, picture, "lrp", filters=(0, 2), rule=rule).values
    np.testing.assert_allclose(mean, (first + second) / 2, rtol=0, atol=1e-5)


def test_a_feature_map_and_one_of_its_cells_are_targets() -> None:
    model, picture = WITHOUT_BIAS["residual"](), image()
    network = open_network(model)
    maps = network.activations([picture[None]], network.layer(2))[0]
    for question, score in (({"filters": 1}, maps[..., 1].mean()), ({"filters": 1, "cell": (2, 3)}, maps[2, 3, 1])):
        found = explain(model, picture, "lrp", layer=2, **question)
        assert found.values.sum() == pytest.approx(score, rel=1e-3)
    cells = 0.5 * Unit(2, 1, cell=(2, 3)) + 0.5 * Unit(2, 1, cell=(4, 4))
    found = explain(model, picture, "lrp", target=cells).values
    assert found.sum() == pytest.approx((maps[2, 3, 1] + maps[4, 4, 1]) / 2, rel=1e-3)


@pytest.mark.quick
@pytest.mark.parametrize("question", [{"score": "probability"}, {"score": "log_probability"}, {"aim": 3.0}])
def test_only_logits_are_explained(dense: keras.Model, question: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"lrp explains a logit.*use score='logit'"):
        explain(dense, image((4, 2, 1)), "lrp", filters=0, **question)


@pytest.mark.quick
@pytest.mark.parametrize("question", [{"backprop_modifier": "guided"}, {"grad_modifier": "negate"}])
def test_modifiers_are_refused(dense: keras.Model, question: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="'lrp' uses no gradient: backprop_modifier and grad_modifier"):
        explain(dense, image((4, 2, 1)), "lrp", **question)


def test_gradients_are_left_alone_and_nothing_is_built_twice() -> None:
    model, picture = WITHOUT_BIAS["residual"](), image()
    plain = explain(model, picture, filters=1, reduce="sum").values
    network = open_network(model)
    for _ in range(2):
        for rule in RULES:
            explain(model, picture, "lrp", filters=1, rule=rule)
    assert network.cuts == 3
    np.testing.assert_array_equal(explain(model, picture, filters=1, reduce="sum").values, plain)
    np.testing.assert_allclose(plain, models.tape_gradient(model, picture, [1]).sum(-1), atol=1e-5)
