"""PAIR-code's saliency. It asks the person for the function that calls the model."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from unittest.mock import patch

import keras
import numpy as np
import saliency.core as pair
import tensorflow as tf
from saliency.core import blur_ig as their_blur_ig
from saliency.core import guided_ig as their_guided_ig

from benchmarks.peers.case import CLASS, LAST, NOISE, SAMPLES, STEPS, Case
from benchmarks.peers.formulas import PATCH, WIDEST, line_integral
from benchmarks.peers.peer import ANOTHER_CLASS, Call, Calls, Peer, Theirs, another_class
from salwidget.attribution.blur_ig import blurred

GRADIENT, OUTPUT = pair.base.INPUT_OUTPUT_GRADIENTS, pair.base.OUTPUT_LAYER_VALUES
MAPS, MAP_GRADIENT = pair.base.CONVOLUTION_LAYER_VALUES, pair.base.CONVOLUTION_OUTPUT_GRADIENTS


def called(model: keras.Model, layer: str | None = None, label: int = CLASS) -> Callable[..., dict[str, np.ndarray]]:
    """The function of the library's own example: eager, with a tape."""
    cut = keras.Model(model.input, [model.get_layer(layer).output, model.output]) if layer else None

    def call(images: np.ndarray, call_model_args: Any = None, expected_keys: Any = None) -> dict[str, np.ndarray]:
        inputs = tf.convert_to_tensor(images, tf.float32)
        if OUTPUT in expected_keys:
            return {OUTPUT: model(inputs, training=False)[:, label].numpy()}
        with tf.GradientTape() as tape:
            if GRADIENT in expected_keys:
                tape.watch(inputs)
                return {GRADIENT: tape.gradient(model(inputs, training=False)[:, label], inputs).numpy()}
            assert cut is not None
            maps, logits = cut(inputs, training=False)
            score = logits[:, label]
        return {MAPS: maps.numpy(), MAP_GRADIENT: tape.gradient(score, maps).numpy()}

    return call


def mask(method: Any, case: Case, **how: Any) -> np.ndarray:
    return method().GetMask(case.image, called(case.model), **how)


def smoothgrad(case: Case, **how: Any) -> np.ndarray:
    noise = iter(case.noise)
    with patch("numpy.random.normal", lambda mean, width, shape: width * next(noise)):
        found = pair.GradientSaliency().GetSmoothedMask(
            case.image, called(case.model), stdev_spread=NOISE, nsamples=SAMPLES, **how
        )
    return found.sum(-1)


def guided_ig(case: Case) -> np.ndarray:
    quantile: Any = np.quantile

    def renamed(*arguments: Any, interpolation: str = "linear") -> Any:
        return quantile(*arguments, method=interpolation)

    with patch.object(their_guided_ig.np, "quantile", renamed):
        return mask(pair.GuidedIG, case, x_steps=STEPS).sum(-1)


def blur_ig(case: Case, **how: Any) -> np.ndarray:
    return mask(pair.BlurIG, case, max_sigma=WIDEST, **how).sum(-1)


def mirrored_blur_ig(case: Case) -> np.ndarray:
    with patch.object(their_blur_ig, "gaussian_blur", blurred):
        return blur_ig(case, steps=1000, grad_step=1e-3, batch_size=50)


def xrai(case: Case) -> np.ndarray:
    attribution = np.broadcast_to(line_integral(case)[..., None], case.shape)
    return mask(pair.XRAI, case, segments=case.segments, base_attribution=attribution)


def grad_cam(case: Case) -> np.ndarray:
    return pair.GradCam().GetMask(case.image, called(case.model, LAST), should_resize=False, three_dims=False)


def occlusion(case: Case) -> np.ndarray:
    return mask(pair.Occlusion, case, size=PATCH)[..., 0]


def calls(logits: keras.Model, probabilities: keras.Model, image: np.ndarray) -> Calls:
    plain, gradients = called(logits), pair.GradientSaliency()
    last = next(layer.name for layer in reversed(logits.layers) if len(layer.output.shape) == 4)

    def grad_cam() -> Call:
        return partial(pair.GradCam().GetMask, image, called(logits, last))

    return {
        "saliency": lambda: partial(gradients.GetMask, image, plain),
        ANOTHER_CLASS: lambda: another_class(lambda label: gradients.GetMask(image, called(logits, label=label))),
        "SmoothGrad, 20 samples": lambda: partial(gradients.GetSmoothedMask, image, plain, nsamples=20),
        "Integrated Gradients, 50 steps": lambda: partial(
            pair.IntegratedGradients().GetMask, image, plain, x_steps=50, batch_size=10
        ),
        "Grad-CAM": grad_cam,
    }


PEER = Peer(
    "PAIR saliency",
    "saliency",
    (
        Theirs("saliency", "then the maximum of abs(g)", lambda c: np.abs(mask(pair.GradientSaliency, c)).max(-1)),
        Theirs("smoothgrad", "magnitude=False, then the sum", lambda c: smoothgrad(c, magnitude=False)),
        Theirs("smoothgrad", "by default, then the sum", smoothgrad, "averages squares (magnitude=True)"),
        Theirs("squaregrad", "magnitude=True, then the sum", smoothgrad),
        Theirs(
            "integrated_gradients",
            f"x_steps={STEPS}",
            lambda c: mask(pair.IntegratedGradients, c, x_steps=STEPS, batch_size=50).sum(-1),
            tolerance=2e-2,
        ),
        Theirs("guided_ig", f"x_steps={STEPS}; numpy.quantile patched, numpy 2.4 stops it", guided_ig),
        Theirs(
            "blur_ig",
            "sqrt=False, steps=1000, grad_step=0.001, our blur",
            mirrored_blur_ig,
            tolerance=2e-2,
        ),
        Theirs(
            "blur_ig",
            "steps=1000, batch_size=50",
            lambda c: blur_ig(c, steps=1000, batch_size=50),
            "blurs black from beyond the border into the image",
        ),
        Theirs(
            "blur_ig",
            "sqrt=True, steps=1000, batch_size=50",
            lambda c: blur_ig(c, steps=1000, batch_size=50, sqrt=True),
            "sqrt=True ends at √max_sigma, and weighs a whole batch by the width of its last step",
        ),
        Theirs("xrai (regions)", "our segments and attribution", xrai),
        Theirs("grad_cam", "should_resize=False, three_dims=False", grad_cam),
        Theirs(
            "occlusion, patch 8",
            "size=8 (its stride is 1)",
            occlusion,
            "one call of the model for each pixel's patch; sums where patches overlap",
        ),
    ),
    calls,
)
