"""The answers of the tab Test: the region covered, the map of the edited image, then its controls while the hand rests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from salwidget.engine.network import Network
from salwidget.evidence.contract import REPLACEMENTS, OtherImage, Replacement, replacement_of
from salwidget.evidence.covering import answers
from salwidget.evidence.intervention import Intervention
from salwidget.images import Example, Picture
from salwidget.target import Target
from salwidget.widget.context import WidgetContext
from salwidget.widget.controls import Controls
from salwidget.widget.controls_query import controls_query
from salwidget.widget.pane import Pane, Question
from salwidget.widget.test import protocol
from salwidget.widget.worker import Steps

# How many patches elsewhere a region is compared with.
CONTROLS = 64
# Seconds for which a hand that paints must rest before its controls are worth their time.
REST = 0.3
# What a page draws with before the answer is there.
DRAFT = "blur"


class TestPane(Pane):
    """Maps of the image with its region covered, and beside them what the model says of it.

    Parameters
    ----------
    told
        Called with each better ``Intervention``; under the lock.

    Attributes
    ----------
    tested
        Of the last one: the controls, and their target with its class.
    """

    # pytest collects classes by their names.
    __test__ = False

    def __init__(self, context: WidgetContext, told: Callable[[Intervention], None]) -> None:
        super().__init__(context, "test")
        self._told = told
        self.tested: tuple[Controls, Target] | None = None
        # Made once for an image: strokes are many, and a blurred image is the same for all of them.
        self._made: dict[str, Replacement] = {}
        self._made_for: tuple[Picture, int] | None = None
        self._drafted: Picture | None = None

    def _answers(self, seq: int, question: Question, example: Example) -> Steps:
        _, controls, network = question
        source, region = network.inputs[controls.input_idx], controls.region
        picture = example[source.index]
        self._tell_draft(controls, picture, network)
        if region is None:
            yield from super()._answers(seq, question, example)
            return
        chosen = self.replacement(controls.replace, controls, network)
        target = controls_query(network, example, controls).target
        labels = self._context.labels
        steps = answers(network, example, target, source, region, chosen, keep=controls.keep, controls=CONTROLS, labels=labels)
        made = next(steps)
        self._show_made(seq, controls, target, made)
        yield
        covered = ~region if controls.keep else region
        given = chosen.edited(covered)
        edited = replace(picture, given=given, input=picture.fed(given))
        beside = tuple(edited if each is picture else each for each in example)
        yield from super()._answers(seq, question, beside)
        if self._context.network is not network:
            return
        yield REST
        yield from self._previews(controls, network, picture, covered)
        for made in steps:
            self._show_made(seq, controls, target, made)
            yield

    def replacement(self, name: str, controls: Controls, network: Network) -> Replacement:
        """The replacement of that name for the image of the controls; one of another image takes the next of the widget.

        Raises
        ------
        ValueError
            When there is no other image to take.
        """
        examples = self._context.gallery.examples
        picture = examples[controls.image_idx][controls.input_idx]
        if self._made_for is None or self._made_for[0] is not picture or self._made_for[1] != controls.seed:
            self._made, self._made_for = {}, (picture, controls.seed)
        if name not in self._made or type(self._made[name]) is not REPLACEMENTS[name]:
            options: dict[str, Any] = {}
            if others := other_images(name):
                if len(examples) < 2:
                    raise ValueError(
                        f"replace={name!r} takes the next image, and there is one alone: add another to the widget."
                    )
                options = dict.fromkeys(others, examples[other_image(controls, len(examples))][controls.input_idx].given)
            self._made[name] = replacement_of(name, picture, options, controls.seed, network)
        return self._made[name]

    def forget(self) -> None:
        """Images are prepared otherwise, or others."""
        self._made, self._made_for, self._drafted = {}, None, None

    def _show_made(self, seq: int, controls: Controls, target: Target, made: Intervention) -> None:
        network = self._context.network
        labels = self._context.labels if len(self._context.labels) == network.output.filters else []
        activation = network.activation_of(network.output)
        message = protocol.intervention(made, controls.score, activation, labels)
        with self._lock:
            if seq == self.seq:
                self.tested = controls, target
                self._context.channel.send(message, keep="intervention")
                self._told(made)

    def _tell_draft(self, controls: Controls, picture: Picture, network: Network) -> None:
        if self._drafted is picture or picture.given.ndim != 3:
            return
        self._drafted = picture
        blurred = self.replacement(DRAFT, controls, network).edited(np.ones(picture.given.shape[:2], bool))
        message = protocol.draft(controls.image_idx, controls.input_idx, picture.as_shown(blurred))
        self._context.channel.send(message, keep="draft")

    def _previews(self, controls: Controls, network: Network, picture: Picture, covered: np.ndarray) -> Steps:
        """Each replacement as it would look; one that cannot be made is left out, and says why when it is chosen."""
        pictures = {}
        for name in REPLACEMENTS:
            try:
                pictures[name] = picture.as_shown(self.replacement(name, controls, network).edited(covered))
            except Exception:
                continue
            yield
        if pictures and controls.region is not None:
            self._context.channel.send(protocol.previews(controls.region, pictures), keep="previews")


def other_images(name: str) -> list[str]:
    """The options of a replacement that are another image."""
    return [each for each, option in REPLACEMENTS[name].declared().items() if isinstance(option, OtherImage)]


def other_image(controls: Controls, count: int) -> int:
    """The number of the image that they are given."""
    return (controls.image_idx + 1) % count
