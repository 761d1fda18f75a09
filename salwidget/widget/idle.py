"""What a widget does when nobody asks: charts, class scores, thumbnails of the layers, and the likely next cut."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

import numpy as np

from salwidget.heatmap import Heatmap, resized
from salwidget.network import Network
from salwidget.widget import protocol
from salwidget.widget.charts import Charts

THUMBNAIL = 36
# Layers whose thumbnails are computed in one pass: few enough that a question never waits long for a pass to end.
GROUP = 16


class Idle:
    """Work whose results are nice to have; it is dropped between steps when a question comes.

    ``replay`` holds the messages that a page opened later needs.
    """

    def __init__(
        self, network: Network, charts: Charts, labels: Sequence[str], send: Callable[[protocol.Message], None]
    ) -> None:
        self.replay: dict[str, protocol.Message] = {}
        self._network = network
        self._charts = charts
        self._labels = labels
        self._send = send
        self._scores: tuple[int, np.ndarray] | None = None
        self._thumbnails_of: tuple[int, int] = (-1, -1)

    def needs_scores(self, image_idx: int) -> bool:
        return self._scores is None or self._scores[0] != image_idx

    def show_scores(self, image_idx: int, image: np.ndarray) -> None:
        """Predict, and tell page and chart where the scores are new: another image, or a model trained further."""
        output = self._network.predict(image[None])[0]
        values = output.reshape(-1, output.shape[-1]).mean(0) if output.ndim else output.reshape(1)
        if not np.all(np.isfinite(values)):
            return
        if not self.needs_scores(image_idx) and self._scores is not None and np.array_equal(self._scores[1], values):
            return
        self._scores = image_idx, values
        self.replay["scores"] = protocol.scores(image_idx, self._network.activation, values)
        self._send(self.replay["scores"])
        self._charts.show_scores(values, self._labels, self._network.activation)

    def after(self, image_idx: int, image: np.ndarray, answer: Heatmap, threshold: float) -> Generator[None, None, None]:
        """All that follows an answer, a step at a time."""
        self._charts.show_values(answer, threshold)
        yield
        self.show_scores(image_idx, image)
        yield
        yield from self._thumbnails(image_idx, image)
        # The map a person is most likely to ask for next is the plain gradient of the same target.
        target = self._network.layers[answer.query.target.layer]
        self._network.gradient(target, answer.query.target.score, None, None)

    def _thumbnails(self, image_idx: int, image: np.ndarray) -> Generator[None, None, None]:
        layers = [layer for layer in self._network.layers if layer.has_space and len(layer.shape) == 3]
        done_for, done = self._thumbnails_of
        for start in range(done if done_for == image_idx else 0, len(layers), GROUP):
            group = layers[start : start + GROUP]
            maps = self._network.means_over_channels(image[None], group)
            greys = np.stack([_thumbnail(values[0]) for values in maps])
            message = protocol.thumbnails(image_idx, THUMBNAIL, [layer.index for layer in group], greys)
            self._send(message)
            if start == 0:
                self.replay = {key: each for key, each in self.replay.items() if not key.startswith("thumbnails")}
            self.replay[f"thumbnails {start}"] = message
            self._thumbnails_of = image_idx, start + GROUP
            yield


def _thumbnail(values: np.ndarray) -> np.ndarray:
    """uint8 (THUMBNAIL, THUMBNAIL) of a map, stretched to its own range."""
    low, high = float(values.min()), float(values.max())
    stretched = (values - low) / max(high - low, 1e-12) * 255
    return resized(stretched, (THUMBNAIL, THUMBNAIL), smooth=False).round().clip(0, 255).astype(np.uint8)
