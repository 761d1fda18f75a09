"""Controls: copies of a region elsewhere, shifted, turned and mirrored."""

from __future__ import annotations

import numpy as np
import pytest

from salwidget.evidence import rectangle
from salwidget.evidence.matched import matched_controls

SIZE = (12, 12)


def shapes_of(region: np.ndarray) -> set[bytes]:
    ways = [np.rot90(side, turns) for side in (region, region[:, ::-1]) for turns in range(4)]
    return {way.tobytes() + bytes(way.shape) for way in ways}


@pytest.mark.parametrize("seed", range(5))
def test_controls_are_different_copies_that_overlap_by_a_fifth_at_most(seed: int) -> None:
    region = rectangle((16, 20), 4, 5, 3, 5)
    region[9, 4:6] = False
    found = matched_controls(region, 64, np.random.default_rng(seed))
    assert len({each.region.tobytes() for each in found}) == 64
    for each in found:
        there = each.region
        assert not each.wraps
        rows, columns = np.flatnonzero(there.any(1)), np.flatnonzero(there.any(0))
        cut = there[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        assert cut.tobytes() + bytes(cut.shape) in shapes_of(region[5:10, 4:7])
        assert (there & region).sum() <= 0.2 * region.sum()


@pytest.mark.quick
def test_all_places_of_a_small_image_are_found() -> None:
    region = rectangle((4, 5), 1, 1, 1, 2)
    found = {each.region.tobytes() for each in matched_controls(region, 1000, np.random.default_rng(0)) if not each.wraps}
    expected = set()
    for height, width in ((2, 1), (1, 2)):
        for top in range(4 - height + 1):
            for left in range(5 - width + 1):
                other = rectangle((4, 5), left, top, width, height)
                if not (other & region).any():
                    expected.add(other.tobytes())
    assert found == expected


def test_a_scattered_region_goes_around_the_edges_and_a_large_one_stays() -> None:
    scattered = np.random.default_rng(1).random(SIZE) < 0.1
    scattered[0, 0] = scattered[-1, -1] = True
    found = matched_controls(scattered, 64, np.random.default_rng(0))
    assert len(found) == 64
    assert any(each.wraps for each in found)
    assert all(each.region.sum() == scattered.sum() for each in found)
    large = np.ones(SIZE, bool)
    large[0] = False
    assert matched_controls(large, 64, np.random.default_rng(0)) == []
