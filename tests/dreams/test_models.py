"""Every kind of model, and what goes before it; nothing of a model changes, and nothing of it is kept."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from salwidget import Unit, load_model
from salwidget.dreams import dream
from tests import models, zoo
from tests.data import ROOT, needs_data
from tests.models import image
from tests.test_memory import GROWTH, resident

pytestmark = pytest.mark.slow

BUILDS = {
    **models.KINDS,
    "shared": zoo.shared,
    "two images": zoo.two_images,
    "image beside vector": zoo.image_and_vector,
    "channels first": zoo.channels_first,
    "greyscale": zoo.greyscale,
    "signal": zoo.signal,
    "volume": zoo.volume,
    "uint8": zoo.whole_numbers,
    "mixed_float16": zoo.half,
    "transformer": zoo.transformer,
    "PReLU": zoo.activated(lambda: layers.PReLU(shared_axes=(1, 2))),
    "softmax in call": models.softmax_in_call,
}


def float64() -> keras.Model:
    with models.float64():
        return models.functional()


@pytest.mark.parametrize("build", [*BUILDS.values(), float64], ids=[*BUILDS, "float64"])
def test_every_kind_of_model_is_climbed_and_left_as_it_was(build: Any) -> None:
    """A probability without transforms is higher at the end: the model itself says so."""
    model = build()
    before = [weight.copy() for weight in model.get_weights()]
    trainable = [each.trainable for each in model.layers]
    known = bool(getattr(model, "inputs", None))
    made = dream(model, filters=1, steps=40, score="probability", transforms=None, **({} if known else {"size": models.SHAPE}))
    first = next(made)
    made.run()
    low, high = (float(output_of(model, shown)) for shown in (first.image, made.image))
    assert high > low
    assert made.evaluated() == pytest.approx(high, rel=0.01 if build is zoo.half else 1e-4)
    assert first.score == pytest.approx(low, rel=0.01 if build is zoo.half else 1e-4)
    for weight, old in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, old)
    assert [each.trainable for each in model.layers] == trainable


def output_of(model: keras.Model, shown: Any) -> float:
    """The probability of class 1."""
    inputs = getattr(model, "inputs", None) or []
    if isinstance(shown, dict):
        batch = [shown[each.name].reshape(1, *each.shape[1:]) for each in inputs]
        return float(model(batch, training=False)[0, 1])
    if inputs and inputs[0].dtype == "uint8":  # an image between whole numbers goes behind the model's own cast
        return float(models.chained(shown[None], model.layers[1:])[0, 1])
    given = np.moveaxis(shown, -1, 0) if inputs and inputs[0].shape[1] == 3 else shown
    return float(model(given[None], training=False)[0, 1])


@pytest.mark.parametrize("kind", models.KINDS)
def test_one_network_in_four_ways_has_one_dream(kind: str) -> None:
    expected = dream(models.functional(), filters=2, steps=15).run()
    model = models.KINDS[kind]()
    found = dream(model, filters=2, steps=15, size=models.SHAPE if kind == "subclassed" else None).run()
    np.testing.assert_allclose(found.image, expected.image, atol=1e-4)


def test_inputs_that_are_not_named_are_as_in_start_or_zero() -> None:
    model = zoo.image_and_vector()
    numbers = image((5,))
    held = dream(model, filters=1, steps=20, wrt="picture", start={"numbers": numbers}, transforms=None).run()
    empty = dream(model, filters=1, steps=20, wrt=0, transforms=None).run()
    for made, vector in ((held, numbers), (empty, 0 * numbers)):
        linear = keras.Model(model.inputs, model.layers[-1].input)
        hidden = linear([made.image[None], vector[None]])
        logit = np.asarray(hidden)[0] @ model.layers[-1].kernel.numpy()[:, 1] + model.layers[-1].bias.numpy()[1]
        assert made.evaluated() == pytest.approx(float(logit), abs=1e-4)
    assert held.evaluated() != pytest.approx(empty.evaluated(), abs=1e-2)
    begun = next(dream(model, filters=1, steps=1, start={"picture": np.full(zoo.SQUARE, 0.25), "numbers": numbers}))
    np.testing.assert_allclose(begun.image["picture"], np.full(zoo.SQUARE, 0.25), atol=1e-5)
    np.testing.assert_allclose(begun.image["numbers"][:, 0], numbers, atol=0.01)  # no nearer to the ends of its range than EDGE
    with pytest.raises(ValueError, match="start has no input 'numbrs'; the model's inputs are picture, numbers"):
        dream(model, filters=1, start={"numbrs": numbers})


def any_size() -> keras.Model:
    return models.fill(models.in_a_row((None, None, 3), *zoo.trunk(), *zoo.head()))


@pytest.mark.parametrize(("size", "shape"), [(10, (10, 10, 3)), ((9, 14), (9, 14, 3)), ((12, 8, 3), (12, 8, 3))])
def test_a_model_of_any_size_is_told_one(size: Any, shape: tuple[int, ...]) -> None:
    assert dream(any_size(), filters=1, size=size, steps=3).run().image.shape == shape
    start = np.full(shape, 0.5, np.float32)
    assert dream(any_size(), filters=1, start=start, steps=3).run().image.shape == shape


@pytest.mark.parametrize(
    ("build", "asked", "message"),
    [
        (any_size, {}, "takes images of any size: say which with size=, e.g. size=256"),
        (any_size, {"size": "large"}, "size='large' is no size; give one whole number, or one for each of the 2 axes"),
        (any_size, {"size": 0}, "size=0 is no size"),
        (any_size, {"size": True}, "size=True is no size"),
        (models.functional, {"size": 9}, "size=9 does not fit: flat takes images of 8 × 8; leave out size="),
        (models.subclassed, {}, "subclass does not know its input shape"),
        (models.functional, {"steps": 0}, "steps=0 is out of range; use a whole number from 1"),
        (models.functional, {"seed": -1}, "seed=-1 is out of range; use a whole number from 0"),
        (models.functional, {"filters": []}, "There is nothing to dream of"),
        (models.functional, {"filters": 9}, "filter 9 is out of range: layer 6 dense has 4 filters, 0 to 3"),
        (models.functional, {"filters": [1, 2], "batch": 3}, "batch=3 makes several images of one objective, but there are 2"),
        (models.functional, {"batch": 0}, "batch=0 is out of range"),
        (
            models.functional,
            {"filters": np.array([1, 2]), "objective": Unit()},
            "objective= already defines the target; remove layer, filters",
        ),
        (models.functional, {"optimizer": "uphill"}, "Keras knows no optimizer 'uphill'"),
        (models.functional, {"input_range": (1, 1)}, r"input_range=\(1, 1\) is empty; give black, then white"),
        (models.functional, {"input_range": 255}, "input_range=255 is no range; give black, then white"),
        (
            models.functional,
            {"start": np.zeros((8, 8, 3))},
            r"takes images of shape \(8, 8, 2\), but the image has \(8, 8, 3\)",
        ),
        (models.functional, {"preprocess": lambda x: x**2}, "preprocess= is not a scale and shift of each pixel's colours"),
        (models.functional, {"preprocess": lambda x: x - x.mean()}, "preprocess= is not a scale and shift"),
        (models.functional, {"preprocess": lambda x: x[:4]}, r"preprocess made \(4, 8, 2\) of \(8, 8, 2\)"),
    ],
)
def test_bad_input_gets_one_sentence(build: Any, asked: dict[str, Any], message: str) -> None:
    model = build()
    with pytest.raises(ValueError, match=message) as caught:
        dream(model, **asked)
    assert "\n" not in str(caught.value)


@pytest.mark.quick
def test_whole_numbers_have_no_dreams() -> None:
    inputs = keras.Input((6,), dtype="int32")
    model = keras.Model(inputs, models.chained(inputs, [layers.Embedding(9, 4), layers.Flatten(), layers.Dense(3)]))
    with pytest.raises(ValueError, match="takes whole numbers, which cannot change gradually: it has no dreams"):
        dream(model, filters=1)


def test_models_of_a_name_get_their_preprocessing() -> None:
    """``keras.applications`` in caffe style: RGB of 0 to 255 becomes BGR less its mean."""
    keras.utils.set_random_seed(1)
    model = keras.applications.VGG16(weights=None, input_shape=(32, 32, 3), classes=5, classifier_activation=None)
    made = dream(model, filters=1, steps=3, transforms=None).run()
    assert "keras.applications.vgg16.preprocess_input" in made.notes[0]
    assert made.image.max() > 100
    fed = made.image[None][..., ::-1] - np.float32([103.939, 116.779, 123.68])
    assert made.evaluated() == pytest.approx(float(model(fed)[0, 1]), rel=1e-3)


@needs_data
@pytest.mark.parametrize("sign", [1, -1])
def test_a_regression_is_raised_and_lowered(sign: int) -> None:
    model = load_model(ROOT / "models" / "pilotnet_naokishibuya.keras")
    made = dream(model, objective=sign * Unit(filters=0), steps=24, input_range=(0, 255)).run()
    steering = float(np.asarray(model(made.image[None], training=False)).item())
    assert sign * steering > 0.5
    assert made.evaluated() == pytest.approx(sign * steering, rel=1e-3)


def test_two_thousand_steps_take_no_more_memory_than_the_first() -> None:
    made = dream(models.functional(), filters=1, steps=2000)
    grown, before = [], 0.0
    for frame in made:
        if frame.step == 200:
            before = resident()
        elif frame.step % 200 == 0:
            grown.append(resident() - before)
    assert max(grown) < GROWTH, grown


@pytest.mark.parametrize("run", [False, True])
def test_a_dream_keeps_its_model_and_lets_it_go(run: bool) -> None:
    model = models.functional()
    reference = weakref.ref(model)
    made = dream(model, filters=1, steps=5)
    del model
    gc.collect()
    assert np.isfinite(made.run().image).all() if run else reference() is not None
    del made
    gc.collect()
    assert reference() is None
