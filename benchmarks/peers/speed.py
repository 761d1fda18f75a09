"""What a map costs here and in each peer: one process for each pair, repetitions in turn."""

from __future__ import annotations

import gc
import json
import os
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import keras
import numpy as np

import salwidget
from benchmarks.peers import environment
from benchmarks.peers.case import CLASS
from benchmarks.peers.page import SPEED
from benchmarks.peers.parity import PEERS, peer
from salwidget.dream import dream

# Repetitions: as many as fit into so many seconds, within these bounds.
SECONDS, FEWEST, MOST = 10, 3, 25
MODELS = {"MobileNetV2": PEERS, "VGG16": ("tf_keras_vis",)}
MEMORY = ("salwidget", "tf_keras_vis")
KERAS = "0.50 of the best Keras peer"
AIMS = {"smoothgrad": "1.00 per pass", "integrated_gradients": "1.00 per pass", "occlusion": KERAS, "score_cam": KERAS}
HEAD = ("what", "peer", "ours, ms", "theirs, ms", "ours / theirs", "per pass")


@dataclass(frozen=True)
class Task:
    """``asked`` is the peers' name for it; a peer that comes with other settings makes ``passes`` of its own."""

    name: str
    asked: str
    method: str
    passes: int
    model: str = "MobileNetV2"
    softmax: bool = False
    question: Mapping[str, Any] = field(default_factory=dict)

    @property
    def aim(self) -> str:
        """What ours / best peer should be at most."""
        return AIMS.get(self.method, "")

    def ours(self, models: Models) -> Callable[[], Any]:
        model = models.probabilities if self.softmax else models.logits
        return lambda: salwidget.explain(model, models.image, self.method, filters=CLASS, **self.question)

    def spent(self, answer: Any) -> int:
        """The passes of our side."""
        return answer.passes


class DreamTask(Task):
    """Of one class from noise, each side with the transforms and regularizers that it comes with."""

    def ours(self, models: Models) -> Callable[[], Any]:
        return lambda: dream(models.logits, filters=CLASS, steps=self.passes, input_range=(-1, 1)).run()

    def spent(self, answer: Any) -> int:
        return answer.step


TASKS = (
    Task("saliency", "saliency", "saliency", 1),
    Task("Grad-CAM", "Grad-CAM", "grad_cam", 1),
    Task("guided", "guided", "saliency", 1, question={"backprop_modifier": "guided"}),
    Task("SmoothGrad, 20 samples", "SmoothGrad, 20 samples", "smoothgrad", 20, question={"samples": 20}),
    Task(
        "Integrated Gradients, 50 steps", "Integrated Gradients, 50 steps", "integrated_gradients", 50, question={"steps": 50}
    ),
    Task("occlusion, 196 patches", "occlusion, 196 patches", "occlusion", 197, question={"patch": 16}),
    Task("occlusion, as each comes", "occlusion, as it comes", "occlusion", 5477),
    Task("RISE, 500 masks", "RISE, 500 masks", "rise", 500, softmax=True, question={"masks": 500}),
    Task("RISE, as each comes", "RISE, as it comes", "rise", 4000, softmax=True),
    Task("Score-CAM, 32 channels", "Score-CAM, 32 channels", "score_cam", 33, softmax=True, question={"top": 32}),
    Task("Score-CAM, all 1280 channels", "Score-CAM, all channels", "score_cam", 1281, softmax=True, question={"top": 0}),
    Task("Score-CAM, as each comes", "Score-CAM, all channels", "score_cam", 1281, softmax=True),
    Task(
        "Score-CAM, VGG16, all 512 channels",
        "Score-CAM, all channels",
        "score_cam",
        513,
        model="VGG16",
        softmax=True,
        question={"top": 0},
    ),
    DreamTask("dream, 50 steps", "activation maximization, 50 steps", "dream", 50),
)


@dataclass(frozen=True)
class Models:
    """A model of ``keras.applications`` with random weights, ending in logits and in probabilities; an image for it."""

    logits: keras.Model
    probabilities: keras.Model
    image: np.ndarray


def models(name: str) -> Models:
    keras.utils.set_random_seed(0)
    logits = getattr(keras.applications, name)(weights=None, classifier_activation=None)
    probabilities = keras.Model(logits.input, keras.layers.Softmax()(logits.output))
    return Models(logits, probabilities, np.random.default_rng(0).uniform(-1, 1, (224, 224, 3)).astype(np.float32))


def beside(name: str) -> list[dict[str, Any]]:
    """Seconds of each repetition of every task that a peer has, ours and theirs in turn."""
    found = []
    for model in (model for model, names in MODELS.items() if name in names):
        made = models(model)
        theirs = peer(name).calls(made.logits, made.probabilities, made.image)
        for task in (task for task in TASKS if task.model == model and task.asked in theirs):
            our, their = task.ours(made), theirs[task.asked]
            passes = task.spent(our())
            their()
            pairs = in_turn(our, their)
            found.append({"task": task.name, "passes": passes, "pairs": pairs})
    return found


def in_turn(first: Callable[[], object], second: Callable[[], object]) -> list[tuple[float, float]]:
    pairs: list[tuple[float, float]] = []
    started = time.perf_counter()
    while len(pairs) < FEWEST or (len(pairs) < MOST and time.perf_counter() - started < SECONDS):
        pairs.append((timed(first), timed(second)))
    return pairs


def timed(call: Callable[[], object]) -> float:
    gc.collect()
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def peak(name: str) -> float:
    """GB above a VGG16 that has predicted once, at the highest, while its 512-channel Score-CAM is made."""
    made, task = models("VGG16"), next(task for task in TASKS if task.model == "VGG16")
    if name == "salwidget":
        call: Callable[[], object] = task.ours(made)
    else:
        call = peer(name).calls(made.logits, made.probabilities, made.image)[task.asked]
    made.probabilities(made.image[None])
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the highest so far is forgotten
    before = memory("VmRSS")
    call()
    return (memory("VmHWM") - before) / 2**20


def memory(what: str) -> int:
    """kB, as the Linux kernel counts them."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what))


def measured() -> tuple[str, list[tuple[str, str, str]]]:
    """The page's second half, Markdown, and (what, measured, aim) for each task against the best peer that has it."""
    found = [{**one, "peer": name} for name in PEERS for one in json.loads(environment.call("speed", name))]
    peaks = {name: json.loads(environment.call("peak", name)) for name in MEMORY}
    highs = ", ".join(f"{name} {high:.2f} GB" for name, high in peaks.items())
    lines = [SPEED, "", *preface(), f"| {' | '.join(HEAD)} |", "|" + "---|" * len(HEAD)]
    summary = []
    for task in TASKS:
        those = sorted((one for one in found if one["task"] == task.name), key=lambda one: -ratio(one)[1])
        best = next(one for one in those if one["peer"] != "captum" or task.aim != KERAS)
        lines += [line(task, one, one is best) for one in those]
        low, middle, high = ratio(best)
        what = f"{task.name}: ours / {peer(best['peer']).name}, the best peer"
        summary.append((what, f"{middle:.2f} ({low:.2f} to {high:.2f}), per pass {per_pass(task, best):.2f}", task.aim))
    lines += ["", f"Score-CAM over the 512 channels of VGG16 at its highest takes, above the model: {highs}."]
    summary.append(("Score-CAM, VGG16, all 512 channels: memory above the model", f"{peaks['salwidget']:.2f} GB", "1.5 GB"))
    return "\n".join(lines) + "\n", summary


def preface() -> list[str]:
    versions = ", ".join(f"{name} {version(name)}" for name in ("tensorflow", "keras", "torch", "numpy"))
    machine = f"{processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions}"
    return [
        f"{machine}; written by `python -m benchmarks peers`.",
        "MobileNetV2 (VGG16 where it says so), 224 x 224, random weights, batch 1, float32, warm; medians, and the quartiles",
        "of the ratio of repetitions in turn, in one process for each peer. Captum runs the same network in torch. *Per pass*:",
        "the ratio with each side's time divided by the images that it put through the model. The best peer of each task is",
        "in bold. *As each comes*: with each library's own defaults, which are not equally many passes.",
        "",
    ]


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def ratio(one: Mapping[str, Any]) -> tuple[float, float, float]:
    """Quartiles and median of ours / theirs."""
    low, middle, high = quantiles((ours / theirs for ours, theirs in one["pairs"]), n=4, method="inclusive")
    return low, middle, high


def per_pass(task: Task, one: Mapping[str, Any]) -> float:
    ours, theirs = medians(one)
    return (ours / one["passes"]) / (theirs / task.passes)


def medians(one: Mapping[str, Any]) -> tuple[float, float]:
    """Seconds, ours and theirs."""
    return median(ours for ours, _ in one["pairs"]), median(theirs for _, theirs in one["pairs"])


def line(task: Task, one: Mapping[str, Any], best: bool) -> str:
    ours, theirs = medians(one)
    low, middle, high = ratio(one)
    name = peer(one["peer"]).name
    cells = [task.name, f"**{name}**" if best else name, f"{1e3 * ours:.0f}", f"{1e3 * theirs:.0f}"]
    return f"| {' | '.join(cells)} | {middle:.2f} ({low:.2f} to {high:.2f}) | {per_pass(task, one):.2f} |"
