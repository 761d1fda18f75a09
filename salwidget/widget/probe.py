"""The point probe: what the cells of the feature map do for the likeliest classes of the image that shows."""

from __future__ import annotations

from collections.abc import Generator, Hashable

from salwidget.digest import digest
from salwidget.evidence.probing import support_of
from salwidget.evidence.support import Support
from salwidget.widget import protocol
from salwidget.widget.context import WidgetContext
from salwidget.widget.worker import guarded

# Its place at the worker: a newer request takes the place of one that waits, and questions of panes go on in turn.
SLOT = "probe"


class Probe:
    """Answers the page's request once for an image, an output and the weights as they are; hovering is the page's own."""

    def __init__(self, context: WidgetContext) -> None:
        self._context = context
        # What decided the last answer.
        self._told: Hashable = None

    def ask(self) -> None:
        job = guarded(self._answer(), self._fail)
        self._context.worker.ask(self._context, lambda: job, SLOT)

    def catch_up(self) -> None:
        """Answer again where weights or names have changed since; of another image the page asks itself."""
        if self._told is not None and self._told != self._key():
            self.ask()

    # On the worker's thread

    def _answer(self) -> Generator[None, None, None]:
        context = self._context
        context.reopen()
        network, controls, example, key = context.network, context.controls, context.example, self._key()
        end = context.output_at(controls.layer_idx)
        found: Support | None = network.cache.get(key)
        if found is None:
            found = support_of(network, example, network.inputs[controls.input_idx], end, context.labels)
            network.cache.put(key, found, found.values.nbytes)
        self._told = key
        context.channel.send(protocol.supports(controls.image_idx, controls.input_idx, end.index, found))
        # A question ends what was done while nobody asked.
        context.worker.when_idle(context, context.likely)
        yield

    def _key(self) -> Hashable:
        context, controls = self._context, self._context.controls
        images = digest(*(picture.input for picture in context.example))
        end = context.output_at(controls.layer_idx).index
        return "probe", images, controls.input_idx, end, tuple(context.labels), context.network.refresh()

    def _fail(self, error: BaseException) -> None:
        self._context.channel.send(protocol.error("message", protocol.sentence(error)))
