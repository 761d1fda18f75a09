"""What a widget does when nobody asks: charts, class scores, thumbnails of the layers, and the likely next cut."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import numpy as np

from salwidget.heatmap import Heatmap, resized
from salwidget.images import Example
from salwidget.layers import Layer
from salwidget.network import Batch, Network
from salwidget.widget import protocol
from salwidget.widget.charts import Charts
from salwidget.widget.page import Page

THUMBNAIL = 36
# Layers whose thumbnails are computed in one pass: few enough that a question never waits long for a pass to end.
GROUP = 16


class Idle:
    """Work whose results are nice to have; it is dropped between steps when a question comes."""

    def __init__(self, network: Network, charts: Charts, labels: Sequence[str], page: Page) -> None:
        self._network = network
        self._charts = charts
        self._labels = labels
        self._page = page
        self._scores: tuple[int, Layer, np.ndarray] | None = None
        self._thumbnails_of: tuple[int, int] = (-1, -1)

    def needs_scores(self, image_idx: int, layer_idx: int) -> bool:
        return self._scores is None or self._scores[:2] != (image_idx, self._output(layer_idx))

    def show_scores(self, image_idx: int, layer_idx: int, example: Example) -> None:
        """Predict, and tell page and chart where the scores are new: another image, or a model trained further.

        They are those of the output at ``layer_idx``, or of the first output while another layer is explained.
        """
        output = self._output(layer_idx)
        prediction = self._network.predict(_batch(example), output)[0]
        values = prediction.reshape(-1, prediction.shape[-1]).mean(0) if prediction.ndim else prediction.reshape(1)
        if not np.all(np.isfinite(values)):
            return
        if not self.needs_scores(image_idx, layer_idx) and self._scores and np.array_equal(self._scores[2], values):
            return
        self._scores = image_idx, output, values
        activation = self._network.activation_of(output)
        message = protocol.scores(image_idx, output.index, activation, values)
        self._page.send(message, keep=f"scores {output.index}")
        self._charts.show_scores(values, self._labels if len(self._labels) == len(values) else [], activation)

    def after(
        self, image_idx: int, layer_idx: int, example: Example, answer: Heatmap, threshold: float
    ) -> Generator[None, None, None]:
        """All that follows an answer, a step at a time."""
        self._charts.show_values(answer, threshold)
        yield
        self.show_scores(image_idx, layer_idx, example)
        yield
        yield from self._thumbnails(image_idx, _batch(example))
        # The map a person is most likely to ask for next is the plain gradient of the same target.
        source = self._network.inputs[answer.query.source]
        if source.differentiable and self._network.depends(self._network.layers[answer.query.target.layer], source):
            self._network.gradient(answer.query.target, source)

    def _output(self, layer_idx: int) -> Layer:
        layer = self._network.layers[layer_idx]
        return layer if layer in self._network.outputs else self._network.output

    def _thumbnails(self, image_idx: int, batch: Batch) -> Generator[None, None, None]:
        layers = [layer for layer in self._network.layers if layer.has_space and len(layer.shape) == 3]
        done_for, done = self._thumbnails_of
        for start in range(done if done_for == image_idx else 0, len(layers), GROUP):
            group = layers[start : start + GROUP]
            maps = self._network.means_over_channels(batch, group)
            greys = np.stack([_thumbnail(values[0]) for values in maps])
            message = protocol.thumbnails(image_idx, THUMBNAIL, [layer.index for layer in group], greys)
            self._page.send(message, keep=f"thumbnails {start}")
            self._thumbnails_of = image_idx, start + GROUP
            yield


def _batch(example: Example) -> Batch:
    return [picture.input[None] for picture in example]


def _thumbnail(values: np.ndarray) -> np.ndarray:
    """uint8 (THUMBNAIL, THUMBNAIL) of a map, stretched to its own range."""
    low, high = float(values.min()), float(values.max())
    stretched = (values - low) / max(high - low, 1e-12) * 255
    return resized(stretched, (THUMBNAIL, THUMBNAIL), smooth=False).round().clip(0, 255).astype(np.uint8)
