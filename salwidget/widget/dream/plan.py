"""What a dream is of: the target of each of its images, in the words of the controls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from salwidget.attribution.explain import predicted
from salwidget.dreams import Dream, deep_dream, diversity, dream
from salwidget.dreams.objective import titles_of
from salwidget.dreams.setting import dreamed
from salwidget.engine.batch_size import batch_size
from salwidget.engine.inputs import Input
from salwidget.engine.network import Network
from salwidget.engine.resolve import target_of, why_no_probability, with_top_class
from salwidget.images import Example
from salwidget.target import Target, Unit, aimed
from salwidget.target_text import target_title
from salwidget.widget.controls import Controls
from salwidget.widget.controls_query import controls_target
from salwidget.widget.dream.protocol import Form
from salwidget.widget.dream.settings import Settings, engine_words

# How much images of one target are held apart, in units of its score: the likeness of two is at most 1.
APART = 5.0


@dataclass(frozen=True, eq=False)
class Plan:
    """A dream as it was asked for: it may wait, and the controls move on.

    ``targets`` has one for each image; those of a dense output may leave the class open, until ``settled``. ``sources`` are
    the inputs that are dreamed: an image of each for each target.
    """

    form: Form
    targets: tuple[Target, ...]
    titles: tuple[str, ...]
    filters: tuple[int | None, ...]
    settings: Settings
    example: Example
    # Of the targets, whose images are made at once.
    at_once: int
    sources: tuple[Input, ...]

    @property
    def steps(self) -> int:
        steps: int = self.settings["tile_steps" if self.form == "grid" else "steps"]
        return steps


def planned(
    network: Network, labels: Sequence[str], form: Form, settings: Settings, controls: Controls, example: Example
) -> Plan:
    """The plan for what the controls ask.

    Raises
    ------
    ValueError, TypeError
        In one sentence, for what cannot be dreamed of.
    """
    if controls.aim == "maintain":
        raise ValueError("A dream has no aim 'maintain': use 'increase', 'decrease' or a number to come closer to.")
    if form == "grid":
        return _grid(network, labels, settings, controls, example)
    both = settings["goal"] == "target" and settings["score"] == "both"
    scores = ("logit", "probability") if both else (settings["score"],)
    wanted = [_target(network, settings["goal"], controls, score) for score in scores]
    if settings["count"] > 1 and (len(wanted) > 1 or wanted[0].nearness_to is not None):
        raise ValueError("Several answers need one score that is to rise: choose one score, and no number as the aim.")
    targets = tuple(wanted * settings["count"])
    plan = Plan("single", targets, (), (), settings, example, len(targets), _sources(network, targets, settings, controls))
    return replace(plan, titles=_titles(network, labels, plan), filters=tuple(map(filter_of, targets)))


def settled(plan: Plan, network: Network, labels: Sequence[str]) -> Plan:
    """``plan`` with the model's own top class on the example where the class was left open."""
    batch = [picture.input[None] for picture in plan.example]
    filled = {
        target: with_top_class(target, network, lambda layer: int(np.argmax(predicted(network, batch, layer))))
        for target in set(plan.targets)
    }
    targets = tuple(filled[target] for target in plan.targets)
    if targets == plan.targets:
        return plan
    plan = replace(plan, targets=targets, filters=tuple(map(filter_of, targets)))
    return replace(plan, titles=_titles(network, labels, plan))


def dream_of(plan: Plan, offset: int, model: Any, network: Network) -> Dream:
    """The dream of the images from ``offset`` on that are made at once, before its first step."""
    targets = plan.targets[offset : offset + plan.at_once]
    pictures = {each.name: plan.example[each.index] for each in plan.sources}
    begin = {each.name: one.input for each, one in zip(network.inputs, plan.example, strict=True) if each not in plan.sources}
    if plan.settings["start"] == "image":
        begin |= {name: picture.given for name, picture in pictures.items()}
    words = {**engine_words(plan.settings, plan.sources), "steps": plan.steps}
    if plan.settings.get("inputs") == "one":
        words["wrt"] = plan.sources[0].name
    if "size" in plan.settings and plan.settings["start"] == "noise":
        words["size"] = plan.settings["size"]
    if plan.form == "single" and plan.settings["count"] > 1:
        layer = network.layers[targets[0].layer]
        before = (network.last_with_space(layer, source) for source in plan.sources)
        apart = layer if layer.has_space else next((each for each in before if each is not None), None)
        words["objective"] = targets[0] if apart is None else targets[0] + APART * diversity(apart.index)
        words["batch"] = len(targets)
    else:
        words["objective"] = list(targets) if plan.form == "grid" or len(targets) > 1 else targets[0]
    how: Any = {name: picture.preprocess for name, picture in pictures.items() if picture.preprocess is not None}
    ranges: Any = {name: picture.range for name, picture in pictures.items()}
    if len(network.inputs) == 1:
        (how,), (ranges,) = how.values() or [None], ranges.values()
    return dream(model, start=begin or None, preprocess=how or None, input_range=ranges, **words)


def filter_of(target: Target) -> int | None:
    """The one filter that a target is about, if there is one."""
    chosen = target.filters
    return chosen[0] if len(target.terms) == 1 and chosen is not None and len(chosen) == 1 else None


def _target(network: Network, goal: str, controls: Controls, score: str) -> Target:
    if goal == "layer":
        return target_of(network, deep_dream(controls.layer_idx))
    if score != "above":
        if controls.target is not None:
            raise ValueError("The target was given in Python and has its own score: leave the dream's score as above.")
        layer = network.layers[controls.layer_idx]
        if score == "probability" and layer not in network.outputs:
            raise ValueError(f"Only an output has a probability, and layer {layer} is none: leave the dream's score as above.")
        if score == "probability" and (reason := why_no_probability(network, layer)):
            raise ValueError(f"There is no probability to dream of: {reason}.")
        controls = replace(controls, score=score)
    # A gradient modifier is about maps.
    return target_of(network, controls_target(replace(controls, grad_modifier=None))[0])


def _grid(network: Network, labels: Sequence[str], settings: Settings, controls: Controls, example: Example) -> Plan:
    layer = network.layers[controls.layer_idx]
    score = controls.score if settings["score"] in ("above", "both") else settings["score"]
    targets = tuple(
        target_of(network, aimed(1 * Unit(layer.index, one, score, controls.cell), controls.aim))
        for one in range(layer.filters)
    )
    named = layer in network.outputs and layer.filters == len(labels)
    titles = tuple(labels) if named else tuple(map(str, range(layer.filters)))
    at_once = min(batch_size(network, example[0].input.shape, gradient=True), len(targets))
    sources = _sources(network, targets, settings, controls)
    return Plan("grid", targets, titles, tuple(range(layer.filters)), settings, example, at_once, sources)


def _sources(network: Network, targets: Sequence[Target], settings: Settings, controls: Controls) -> tuple[Input, ...]:
    return dreamed(network, targets, controls.input_idx if settings.get("inputs") == "one" else None)


def _titles(network: Network, labels: Sequence[str], plan: Plan) -> tuple[str, ...]:
    def said(target: Target) -> str:
        layer, score = network.layers[target.layer], target.terms[0][1].score
        if plan.settings["goal"] == "layer":
            return f"all of {layer.name}"
        is_open = with_top_class(target, network, lambda _: 0) is not target
        text = "the top class" if is_open else target_title(network, target, labels)
        return f"{text}: {score.replace('_', ' ')}" if plan.settings["score"] == "both" else text

    return titles_of(plan.targets, said)
