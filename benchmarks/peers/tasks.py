"""What all are asked: the same model, image, class and sample counts for both sides of a pair."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import keras

import salwidget
from benchmarks.models import CLASS, RANGES, Images, images_for
from benchmarks.peers.peer import ANOTHER_CLASS
from salwidget.dreams import dream


@dataclass(frozen=True)
class Models:
    """A model of ``keras.applications`` with random weights, ending in logits and in probabilities; images for it.

    We are given a new image each time, so that no answer can be kept; the peers keep none, and are given the same.
    """

    logits: keras.Model
    probabilities: keras.Model
    images: Images

    def explained(self, softmax: bool, method: str, **question: Any) -> Callable[[], Any]:
        model = self.probabilities if softmax else self.logits
        return lambda: salwidget.explain(model, self.images.fresh(), method, filters=CLASS, **question)


def models(name: str) -> Models:
    keras.utils.set_random_seed(0)
    logits = getattr(keras.applications, name)(weights=None, classifier_activation=None)
    probabilities = keras.Model(logits.input, keras.layers.Softmax()(logits.output))
    return Models(logits, probabilities, images_for(name))


@dataclass(frozen=True)
class Task:
    """``asked`` is the peers' name for it where it is another; both sides make as many ``passes``, or say how many."""

    name: str
    method: str
    passes: int
    models: tuple[str, ...] = ("MobileNetV2",)
    softmax: bool = False
    asked: str = ""
    question: Mapping[str, Any] = field(default_factory=dict)

    def ours(self, made: Models) -> Callable[[], Any]:
        return made.explained(self.softmax, self.method, **self.question)

    def spent(self, answer: Any) -> int:
        """The passes of our side."""
        return answer.passes


class ClassTask(Task):
    """Of the same image another class each time."""

    def ours(self, made: Models) -> Callable[[], Any]:
        classes, image = count(CLASS + 1), made.images.fresh()
        return lambda: salwidget.explain(made.logits, image, self.method, filters=next(classes))


class DreamTask(Task):
    """Of one class from noise, each side with the transforms and regularizers that it comes with."""

    def ours(self, made: Models) -> Callable[[], Any]:
        return lambda: dream(made.logits, filters=CLASS, steps=self.passes, input_range=(-1, 1)).run()

    def spent(self, answer: Any) -> int:
        return answer.step


SALIENCY = Task("saliency", "saliency", 1, tuple(RANGES))
ALL_CHANNELS = Task(
    "Score-CAM, all 512 channels", "score_cam", 513, ("VGG16",), True, "Score-CAM, all channels", question={"top": 0}
)
TASKS = (
    SALIENCY,
    ClassTask(ANOTHER_CLASS, "saliency", 1),
    Task("Grad-CAM", "grad_cam", 1, tuple(RANGES)),
    Task("guided", "saliency", 1, question={"backprop_modifier": "guided"}),
    Task("SmoothGrad, 20 samples", "smoothgrad", 20, question={"samples": 20}),
    Task("Integrated Gradients, 50 steps", "integrated_gradients", 50, question={"steps": 50}),
    Task("occlusion, 196 patches", "occlusion", 197, question={"patch": 16}),
    Task("RISE, 500 masks", "rise", 500, softmax=True, question={"masks": 500}),
    Task("Score-CAM, 32 channels", "score_cam", 33, softmax=True, question={"top": 32}),
    ALL_CHANNELS,
    DreamTask("dream, 50 steps", "dream", 50, asked="activation maximization, 50 steps"),
)
