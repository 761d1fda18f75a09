"""The tab Test: a region covered and what the model says then, its controls, and its object on other backgrounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from salwidget.evidence.backgrounds import LENDERS, Background, plain_backgrounds, swaps
from salwidget.evidence.contract import replacement_of
from salwidget.evidence.intervention import Intervention
from salwidget.widget.context import WidgetContext
from salwidget.widget.controls import QUESTION, TEST, Controls
from salwidget.widget.names import Names
from salwidget.widget.panel import Panel
from salwidget.widget.protocol import Request, error, sentence
from salwidget.widget.test import protocol
from salwidget.widget.test.as_python import covered
from salwidget.widget.test.pane import TestPane
from salwidget.widget.test.strip import ControlStrip
from salwidget.widget.worker import Steps, guarded

# The slot of the worker for other backgrounds, which are asked beside the pane.
SWAPS = "swaps"


class TestPanel(Panel):
    """What the model says of the image with its region covered; asked while the tab is open."""

    # pytest collects classes by their names.
    __test__ = False

    name = "test"
    requests = protocol.READERS

    def __init__(self, context: WidgetContext) -> None:
        super().__init__(context)
        self.strip = self.figure = ControlStrip(self._pick)
        self.pane = TestPane(context, self._told)
        self.panes = [self.pane]
        self._shown: Intervention | None = None
        self._picked = -1
        # The last region of each image and input: its object is taken out where the image lends its background.
        self._regions: dict[tuple[int, int], np.ndarray] = {}

    def ask(self) -> None:
        if self.is_open:
            self.pane.ask()

    def moved(self, names: Sequence[str]) -> None:
        controls = self.context.controls
        place = controls.image_idx, controls.input_idx
        if controls.region is not None:
            self._regions[place] = controls.region
        elif "region" in names and not {"image_idx", "input_idx"}.intersection(names):
            self._regions.pop(place, None)
        if "region" in names or "keep" in names:
            self._stop_swapping()
        if "region" in names and controls.region is None:
            self._told(None)
        # A move of the question asks by itself.
        if self.is_open and set(TEST).intersection(names) and not set(QUESTION).intersection(names):
            self.pane.ask()

    def opened(self) -> None:
        self.pane.ask()

    def closed(self) -> None:
        self.pane.stop()
        self._stop_swapping()

    def labels_changed(self) -> None:
        self._forget()

    def network_changed(self) -> None:
        self._forget()

    def python(self, names: Names) -> dict[str, str]:
        return {
            "test": "" if self._shown is None or self.pane.tested is None else covered(self.context, names, *self.pane.tested)
        }

    def handle(self, request: Request) -> None:
        if request.kind == "stop swap":
            self._stop_swapping()
            return
        with self.context.lock:
            controls = self.context.controls
            if controls.region is None:
                raise ValueError("There is no object to put on other backgrounds: mark it first.")
            if controls.region.all():
                raise ValueError("The region is the whole image, which has no background: mark less of it.")
            job = guarded(self._swap(controls, controls.region), self._fail)
            self.context.worker.ask(self.context, lambda: job, SWAPS)

    # The region covered

    def _told(self, made: Intervention | None) -> None:
        """Under the lock."""
        was, self._shown, self._picked = self._shown, made, -1
        self.context.publish(intervention=made)
        if made is None:
            self.strip.clear()
            for kept in ("intervention", "previews"):
                self.context.channel.forget(kept)
        elif len(made.agreement) > 1 or made.progress >= 1:  # bqplot's drawing would hold up a hand that paints
            self.strip.show(made)
        if (was is None) != (made is None) or (made is not None and made.progress >= 1):
            self.context.tell_python()

    def _pick(self, number: int) -> None:
        """Outline a control in the image, or no more when its dot is pressed again."""
        with self.context.lock:
            patches = () if self._shown is None else self._shown.patches
            self._picked = -1 if number == self._picked or number >= len(patches) else number
            region = patches[self._picked].region if self._picked >= 0 else None
            self.context.channel.send(protocol.patch(region))

    # Other backgrounds

    def _swap(self, controls: Controls, region: np.ndarray) -> Steps:
        context = self.context
        network, example = context.network, context.gallery.examples[controls.image_idx]
        columns = [*self._lent(controls), *plain_backgrounds(example[controls.input_idx])]
        yield
        labels = context.labels if len(context.labels) == network.output.filters else []
        for made in swaps(network, [example], [region], controls.input_idx, columns, controls.seed, labels):
            if context.network is not network:
                return
            context.channel.send(protocol.swaps(region, made), keep=SWAPS)
            yield

    def _lent(self, controls: Controls) -> list[Background]:
        """Other images of the same size: their backgrounds where their object was marked, else as they are."""
        network, place = self.context.network, controls.input_idx
        examples = self.context.gallery.examples
        shape = examples[controls.image_idx][place].given.shape
        others = [
            number for number, each in enumerate(examples) if number != controls.image_idx and each[place].given.shape == shape
        ]
        if len(others) > LENDERS:
            others = sorted(np.random.default_rng(controls.seed).choice(others, LENDERS, replace=False).tolist())
        found = []
        for number in others:
            picture, marked = examples[number][place], self._regions.get((number, place))
            name, given = picture.name or f"image {number}", picture.given
            if marked is not None and not marked.all():
                given = replacement_of("neighbours", picture, {}, controls.seed, network).edited(marked)
                name = f"that of {name}"
            found.append(Background(name, "image", {"other": given}))
        return found

    def _stop_swapping(self) -> None:
        self.context.worker.stop(self.context, SWAPS)
        if self.context.controls.region is None:
            self.context.channel.forget(SWAPS)

    def _fail(self, failure: BaseException) -> None:
        self.context.channel.send(error(self.name, sentence(failure)))

    def _forget(self) -> None:
        """Regions and answers are of images as they were."""
        self._regions.clear()
        for kept in ("intervention", "previews", "draft", SWAPS):
            self.context.channel.forget(kept)
        self.pane.forget()
