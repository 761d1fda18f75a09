"""The pointing game on photographs: the counts of Grad-CAM that were recorded before this engine was written."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.truth.asked import Asked
from benchmarks.truth.photographs import MOBILENET, SQUEEZENET, Photograph, Reader, combined, hits, photographs, pointing
from tests.data import needs_data


@needs_data
@pytest.mark.parametrize(("reader", "recorded"), [(SQUEEZENET, 15), (MOBILENET, 13)], ids=["SqueezeNet", "MobileNetV2"])
def test_grad_cam_hits_the_recorded_number_of_boxes(reader: Reader, recorded: int) -> None:
    assert reader.recorded == recorded
    asked, chosen = Asked("grad_cam", options={"penultimate_layer": reader.layers[0]}), photographs()
    assert len(chosen) == 16
    # The record does not say how its maps were enlarged; bicubic gives the very photographs that it says are missed.
    found = pointing(reader, asked, chosen, bicubic=True)
    assert sum(found) == recorded
    if reader is MOBILENET:
        missed = [one.label for one, hit in zip(chosen, found, strict=True) if not hit]
        assert sorted(missed) == ["bubble", "corn", "speedboat"]
    assert sum(pointing(reader, asked, chosen)) >= recorded


def test_a_hit_is_a_peak_inside_a_box(tmp_path) -> None:
    photograph = Photograph(tmp_path, "spot", 0, ((0.5, 0.0, 1.0, 0.25),))
    values = np.zeros((8, 8))
    assert not hits(values, photograph)
    values[1, 6] = 1
    assert hits(values, photograph)
    values[2, 6] = 2
    assert not hits(values, photograph)


def test_combined_maps_are_scaled_first() -> None:
    one, other = np.array([[1.0, 4.0]]), np.array([[100.0, 25.0]])
    np.testing.assert_allclose(combined([one, other], "product"), [[0.25, 0.25]])
    np.testing.assert_allclose(combined([one, other], "mean"), [[0.625, 0.625]])
