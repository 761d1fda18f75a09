"""How much memory a map takes above the model, and that questions and dreams without end take no more than the first ones."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import islice

from benchmarks.figures import Curve, Figure
from benchmarks.measuring import in_fresh_process, peak
from benchmarks.models import asked, mobilenet
from salwidget import explain
from salwidget.demo import digits
from salwidget.dreams import dream
from tests.test_memory import FIRST, QUERIES, mixed, resident

PEAKS = ("saliency", "smoothgrad", "occlusion", "score_cam", "rise")
STEPS, SETTLED = 2000, 200
QUESTIONS = "500 mixed questions"
DREAM = "2,000 dream steps"


def figures(seconds: float) -> Iterator[Figure | Curve]:
    """Counts, not times, decide here: with less than a second for a figure a tenth of the questions and steps are made."""
    share = 1 if seconds >= 1 else 0.1
    for method in PEAKS:
        yield Figure(f"{method}, above the model at the highest", [in_fresh_process("benchmarks.memory", method)], "GB")
    yield from grown(dreaming(mobilenet().model, share, f"{DREAM}, MobileNetV2"))
    yield from grown(dreaming(digits().model, share, f"{DREAM}, small CNN"))
    yield from grown(questions(share))


def grown(curve: Curve) -> Iterator[Figure | Curve]:
    yield curve
    yield Figure(f"{curve.what}: growth", [curve.growth], "MB", model="")


def highest(method: str) -> float:
    """GB of the first map in a process whose model has predicted once."""
    made = asked("MobileNetV2")
    made.model(made.images.few[:1])
    return peak(lambda: explain(made.model, made.images.few[0], method, filters=0))


def questions(share: float) -> Curve:
    """Resident memory, MB, along questions of all kinds in mixed order, on MobileNetV2 at 224 x 224."""
    made = asked("MobileNetV2")
    points = []
    following = mixed(["block_2_expand", "block_6_project"])
    for count, (method, question) in enumerate(islice(following, int(QUERIES * share)), 1):
        explain(made.model, made.images.few[count % 5], method, **question)
        if count % 10 == 0:
            points.append((count, resident()))
    return Curve(QUESTIONS, "question", "MB", [at for at, _ in points], [size for _, size in points], start=FIRST * share)


def dreaming(model: object, share: float, what: str) -> Curve:
    """Resident memory, MB, along the steps of one dream."""
    steps = int(STEPS * share)
    frames = dream(model, filters=0, steps=steps)
    points = [(frame.step, resident()) for frame in frames if frame.step % (steps // 100) == 0]
    return Curve(what, "step", "MB", [step for step, _ in points], [size for _, size in points], start=SETTLED * share)


if __name__ == "__main__":
    print(json.dumps(highest(*sys.argv[1:])))
