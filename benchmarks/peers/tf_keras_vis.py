"""tf-keras-vis."""

from __future__ import annotations

from functools import partial
from typing import Any
from unittest.mock import patch

import keras
import numpy as np
import tf_keras_vis.scorecam as their_scorecam
from tf_keras_vis.activation_maximization import ActivationMaximization
from tf_keras_vis.gradcam import Gradcam
from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus
from tf_keras_vis.layercam import Layercam
from tf_keras_vis.saliency import Saliency
from tf_keras_vis.utils.model_modifiers import GuidedBackpropagation

from benchmarks.peers.case import CLASS, LAST, NOISE, SAMPLES, Case
from benchmarks.peers.formulas import score_masks
from benchmarks.peers.peer import ANOTHER_CLASS, Call, Calls, Peer, Theirs, another_class

CELLS = {"penultimate_layer": LAST, "seek_penultimate_conv_layer": False, "expand_cam": False, "normalize_cam": False}
SIGNED = {"keepdims": True, "gradient_modifier": None, "normalize_map": False}


def score(outputs: Any) -> Any:
    return outputs[:, CLASS]


def saliency(case: Case) -> np.ndarray:
    return Saliency(case.model)(score, case.batch, normalize_map=False)[0]


def guided(case: Case, model: keras.Model) -> np.ndarray:
    asked = Saliency(model, model_modifier=GuidedBackpropagation())
    return np.asarray(asked(score, case.batch, **SIGNED))[0].sum(-1)


def smoothgrad(case: Case, **how: Any) -> np.ndarray:
    def scaled(mean: float, width: Any, shape: Any) -> np.ndarray:
        return np.asarray(width) * case.noise.reshape(shape)

    with patch("numpy.random.normal", scaled):
        found = Saliency(case.model)(score, case.batch, smooth_samples=SAMPLES, smooth_noise=NOISE, **how)
    return np.asarray(found)[0]


def cam(explainer: Any, case: Case) -> np.ndarray:
    return np.asarray(explainer(case.model)(score, case.batch, **CELLS))[0]


def score_cam(case: Case, model: keras.Model) -> np.ndarray:
    return np.asarray(their_scorecam.Scorecam(model)(score, case.batch, **CELLS))[0]


def score_cam_of_our_masks(case: Case, model: keras.Model) -> np.ndarray:
    with patch.object(their_scorecam, "zoom", lambda *_, **__: np.moveaxis(score_masks(case), 0, -1)[None]):
        return score_cam(case, model)


def calls(logits: keras.Model, probabilities: keras.Model, image: np.ndarray) -> Calls:
    batch = image[None]

    def scores(label: int) -> Any:
        return lambda outputs: outputs[:, label]

    def another() -> Call:
        plain = Saliency(logits)
        return another_class(lambda label: plain(scores(label), batch))

    return {
        "saliency": lambda: partial(Saliency(logits), score, batch),
        ANOTHER_CLASS: another,
        "SmoothGrad, 20 samples": lambda: partial(Saliency(logits), score, batch, smooth_samples=20),
        "Grad-CAM": lambda: partial(Gradcam(logits), score, batch),
        "guided": lambda: partial(Saliency(logits, model_modifier=GuidedBackpropagation()), score, batch),
        "Score-CAM, all channels": lambda: partial(their_scorecam.Scorecam(probabilities), score, batch),
        "Score-CAM, 32 channels": lambda: partial(their_scorecam.Scorecam(probabilities), score, batch, max_N=32),
        "activation maximization, 50 steps": lambda: partial(
            ActivationMaximization(logits), score, input_range=(-1, 1), steps=50
        ),
    }


PEER = Peer(
    "tf-keras-vis",
    "tf-keras-vis",
    (
        Theirs("saliency", "normalize_map=False", saliency),
        Theirs("guided", "GuidedBackpropagation(), sum over channels", lambda c: guided(c, c.model)),
        Theirs(
            "guided, layers.ReLU",
            "GuidedBackpropagation()",
            lambda c: guided(c, c.with_relu_layers),
            "layers.ReLU is not replaced: silently the plain gradient",
        ),
        Theirs(
            "guided, capped ReLU",
            "GuidedBackpropagation()",
            lambda c: guided(c, c.with_caps),
            "layers.ReLU is not replaced: silently the plain gradient",
        ),
        Theirs(
            "guided, nested model",
            "GuidedBackpropagation()",
            lambda c: guided(c, c.nested),
            "layers of a nested model are not replaced: silently the plain gradient",
        ),
        Theirs("smoothgrad", "gradient_modifier=None, keepdims=True, then the sum", lambda c: smoothgrad(c, **SIGNED).sum(-1)),
        Theirs(
            "smoothgrad",
            "by default (normalize_map=False, keepdims=True, then the sum)",
            lambda c: smoothgrad(c, keepdims=True, normalize_map=False).sum(-1),
            "averages absolute values",
        ),
        Theirs("grad_cam", "expand_cam=False, normalize_cam=False", lambda c: cam(Gradcam, c)),
        Theirs(
            "grad_cam++",
            "expand_cam=False, normalize_cam=False",
            lambda c: cam(GradcamPlusPlus, c),
            "multiplies each power of the gradient by exp(S) and normalises α over the cells",
        ),
        Theirs("layercam", "expand_cam=False, normalize_cam=False", lambda c: cam(Layercam, c)),
        Theirs("score_cam", "model of logits, our masks", lambda c: score_cam_of_our_masks(c, c.model)),
        Theirs(
            "score_cam",
            "model of logits",
            lambda c: score_cam(c, c.model),
            "enlarges maps from corner to corner, where the authors' code keeps the cells' centres in place",
        ),
        Theirs(
            "score_cam",
            "model with softmax, our masks",
            lambda c: score_cam_of_our_masks(c, c.with_softmax),
            "applies softmax to probabilities once more",
        ),
    ),
    calls,
)
