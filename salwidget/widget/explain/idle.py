"""What a widget does when nobody asks: charts, class scores, thumbnails of the layers, and what is likely next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import numpy as np

from salwidget.attribution.explain import answers
from salwidget.engine.layers import Layer
from salwidget.engine.network import Batch, Network
from salwidget.engine.resolve import target_of
from salwidget.heatmap import Heatmap, resized
from salwidget.images import Example
from salwidget.query import Query
from salwidget.target import Unit
from salwidget.widget import protocol
from salwidget.widget.context import WidgetContext
from salwidget.widget.controls import Controls
from salwidget.widget.explain.charts import Charts
from salwidget.widget.worker import Steps

THUMBNAIL = 36
# Seconds without a question after which what is likely next is prepared; whoever drags a slider rests less.
REST = 1.0


class Idle:
    """Work whose results are nice to have; it is dropped between steps when a question comes."""

    def __init__(self, context: WidgetContext, charts: Charts) -> None:
        self._context, self._charts = context, charts
        self._scores: tuple[int, Layer, np.ndarray] | None = None
        self._thumbnails_of = -1

    def forget(self) -> None:
        """What was shown of images and classes is no longer true."""
        self._scores, self._thumbnails_of = None, -1

    def needs_scores(self, image_idx: int, layer_idx: int) -> bool:
        return self._scores is None or self._scores[:2] != (image_idx, self._context.output_at(layer_idx))

    def show_scores(self, image_idx: int, layer_idx: int, example: Example) -> None:
        """Predict, and tell page and chart where the scores are new: another image, or a model trained further.

        They are those of the output at ``layer_idx``, or of the first output while another layer is explained.
        """
        output = self._context.output_at(layer_idx)
        prediction = self._context.network.predict(_batch(example), output)[0]
        values = prediction.reshape(-1, prediction.shape[-1]).mean(0) if prediction.ndim else prediction.reshape(1)
        if not np.all(np.isfinite(values)):
            return
        if not self.needs_scores(image_idx, layer_idx) and self._scores and np.array_equal(self._scores[2], values):
            return
        self._scores = image_idx, output, values
        activation = self._context.network.activation_of(output)
        message = protocol.scores(image_idx, output.index, activation, values)
        self._context.channel.send(message, keep=f"scores {output.index}")
        self._charts.show_scores(values, self._context.labels if len(self._context.labels) == len(values) else [], activation)

    def after(self, controls: Controls, example: Example, answer: Heatmap, threshold: float) -> Steps:
        """All that follows an answer to these controls, a step at a time."""
        self._charts.show_values(answer, threshold)
        yield
        self.show_scores(controls.image_idx, controls.layer_idx, example)
        yield
        yield from self._thumbnails(controls.image_idx, _batch(example))
        yield REST
        yield from self._likely(answer.query, example)

    def _likely(self, query: Query, example: Example) -> Steps:
        """Ask what a person is likely to ask next up to its first answer: what takes long then is compiled.

        Another filter or class needs nothing. A step takes up to half a second, for a late layer of a large model.
        """
        for other in likely(query, self._context.network):
            if not self._context.network.has_room:
                return
            with suppress(ValueError, TypeError):  # there is no such map; whoever asks for it is told
                next(answers(self._context.network, other, example))
            yield

    def _thumbnails(self, image_idx: int, batch: Batch) -> Steps:
        if self._thumbnails_of == image_idx:
            return
        layers = [layer for layer in self._context.network.layers if layer.has_space and len(layer.shape) == 3]
        # In one pass: each part of the layers would be compiled on its own, with all that leads to it.
        maps = self._context.network.means_over_channels(batch, layers) if layers else []
        yield
        if layers:
            greys = np.stack([_thumbnail(values[0]) for values in maps])
            message = protocol.thumbnails(image_idx, THUMBNAIL, [layer.index for layer in layers], greys)
            self._context.channel.send(message, keep="thumbnails")
        self._thumbnails_of = image_idx
        yield


def likely(query: Query, network: Network) -> Iterator[Query]:
    """The plain gradient of the same target, the layers beside it, another backprop rule."""
    plain = replace(query, method="saliency", backprop_modifier=None, grad_modifier=None, options=())
    layer = query.target.layer
    beside = [network.layers[index] for index in (layer + 1, layer - 1) if 0 <= index < len(network.layers)]
    others = [replace(query, target=target_of(network, Unit(each.index, 0))) for each in beside if each.filters]
    rules = [replace(plain, backprop_modifier="guided")] if network.rectifiers else []
    yield from dict.fromkeys([plain, *others, *rules])


def _batch(example: Example) -> Batch:
    return [picture.input[None] for picture in example]


def _thumbnail(values: np.ndarray) -> np.ndarray:
    """uint8 (THUMBNAIL, THUMBNAIL) of a map, stretched to its own range."""
    low, high = float(values.min()), float(values.max())
    stretched = (values - low) / max(high - low, 1e-12) * 255
    return resized(stretched, (THUMBNAIL, THUMBNAIL), smooth=False).round().clip(0, 255).astype(np.uint8)
