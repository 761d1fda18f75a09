"""Superpixels of the image that shows, for the tool that marks them."""

from __future__ import annotations

from salwidget.widget import protocol
from salwidget.widget.context import WidgetContext
from salwidget.widget.worker import Steps, guarded


def tell_superpixels(context: WidgetContext) -> None:
    """Tell the page which superpixel each pixel belongs to, as soon as the model's thread is free.

    Raises
    ------
    ValueError
        When a signal or volume shows.
    """
    controls = context.controls
    picture = context.example[controls.input_idx]
    if picture.given.ndim != 3:
        raise ValueError("Superpixels are of images, and this input is none.")

    def found() -> Steps:
        from salwidget.evidence import superpixels  # here: 0.2 s to import what makes them

        context.channel.send(protocol.superpixels(controls.image_idx, controls.input_idx, superpixels(picture.shown)))
        yield

    def refuse(error: BaseException) -> None:
        context.channel.send(protocol.error("message", protocol.sentence(error)))

    context.worker.errand(context, lambda: guarded(found(), refuse))
