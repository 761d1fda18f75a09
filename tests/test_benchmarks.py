"""The arithmetic of the benchmarks and the page that is written from it; nothing is timed here."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import keras
import numpy as np
import pytest

from benchmarks import plots, report, results
from benchmarks.aims import AIMS, Aim, verdict
from benchmarks.figures import Curve, Figure, of_json, quartiles
from benchmarks.limit import BYTES, COPY, FLOPS, MATMUL, Work, work_of
from benchmarks.limit_table import limits_of
from benchmarks.measuring import in_turn
from benchmarks.models import COUNT, Images
from benchmarks.results import Section, sections_of

MACHINE = {"processor": "a processor, 2 cores, 8 GB", "python": "3.11"}
OURS, FLOOR = [0.030, 0.045, 0.033], [0.040, 0.050, 0.030]


def sections(**found: list[Figure | Curve]) -> dict[str, Section]:
    return {name: Section(name, MACHINE, "2026-01-01", 1, tuple(these)) for name, these in found.items()}


def row_of(lines: list[str], begin: str) -> list[str]:
    (row,) = (line for line in lines if line.startswith(f"| {begin} |"))
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_ratios_are_of_the_same_turn_and_per_pass_divides_each_side_by_its_passes() -> None:
    figure = Figure("IG", OURS, passes=50, than="floor", beside=FLOOR)
    np.testing.assert_allclose(figure.ratios, [0.75, 0.9, 1.1])
    np.testing.assert_allclose(figure.per_pass, [0.015, 0.018, 0.022])
    peer = Figure("IG", OURS, passes=50, than="a peer", beside=FLOOR, beside_passes=100)
    np.testing.assert_allclose(peer.per_pass, [1.5, 1.8, 2.2])


def test_repetitions_that_were_not_in_turn_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        Figure("saliency", OURS, than="floor", beside=FLOOR[:2]).ratios  # noqa: B018


@pytest.mark.slow
def test_calls_are_repeated_in_turn_and_short_ones_in_a_row() -> None:
    made: list[str] = []
    calls = {name: lambda name=name: made.append(name) for name in ("floor", "map")}  # type: ignore[misc]
    found = in_turn(calls, 0, times={"floor": 2}, fewest=3)
    assert made == ["floor", "floor", "map"] * 3
    assert {name: len(times) for name, times in found.items()} == {"floor": 3, "map": 3}


def test_no_image_is_seen_twice() -> None:
    images = Images(np.zeros((COUNT, 4, 4, 3), np.float32))
    seen = [images.fresh() for _ in range(3 * COUNT)]
    assert len({one.tobytes() for one in seen}) == len(seen)
    assert not images.few.any()


def test_quartiles_are_those_of_numpy() -> None:
    values = np.random.default_rng(0).uniform(size=11).tolist()
    np.testing.assert_allclose(dataclasses.astuple(quartiles(values)), np.quantile(values, [0.25, 0.5, 0.75]))
    assert dataclasses.astuple(quartiles([2.0])) == (2, 2, 2)


def test_growth_is_the_most_above_where_the_first_ones_had_settled() -> None:
    curve = Curve("questions", "question", "MB", [10, 50, 60, 70], [400, 500, 512, 505], start=50)
    assert curve.growth == 12


@pytest.mark.parametrize(
    ("values", "most", "met"),
    [([0.44], True, "goal"), ([0.45], True, "goal"), ([0.5], True, "bar"), ([0.57], True, "bar"), ([0.58], True, "missed")]
    + [([70], False, "goal"), ([40], False, "bar"), ([20], False, "missed")],
)
def test_a_number_is_judged_by_bar_and_goal(values: list[float], most: bool, met: str) -> None:
    bar, goal = (0.57, 0.45) if most else (30, 60)
    assert Aim("many", "SmoothGrad", bar, goal, most=most).judged(values) == met


def test_the_share_that_must_keep_to_a_bar_is_what_is_compared() -> None:
    painted = [10.0] * 18 + [30.0, 40.0]
    assert Aim("page", "recolour", 17).judged(painted) == "bar"
    strict = Aim("page", "recolour", 17, share=0.95)
    assert strict.judged(painted) == "missed"
    found = sections(page=[Figure("recolour", painted, "", "MobileNetV2")])
    assert report.budget(strict, found)[3:] == ["30.5 at 95%", "17", "", "**no**"]


def test_every_aim_stands_beside_its_number_and_says_whether_it_is_met() -> None:
    """One file in which each aim is met by a tenth, then one in which each is missed by a tenth."""
    for factor, met in ((0.9, "yes"), (1.1, "**no**")):
        found: dict[str, list[Figure | Curve]] = {}
        for aim in AIMS:
            limit = aim.bar * (factor if aim.most else 1 / factor) + (factor > 1 and not aim.bar)
            found.setdefault(aim.section, []).append(Figure(aim.what, [limit], "", aim.model))
        lines = report.budgets(AIMS, sections(**found))
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:] if line]
        assert [row[:3] for row in rows] == [[report.TITLES[aim.section][0], aim.what, aim.model] for aim in AIMS]
        assert {row[-1].split(",")[0] for row in rows} == {met}
        assert all(row[3] and row[4] for row in rows)


def test_an_aim_without_its_number_says_so_and_the_worst_of_several_counts() -> None:
    aim = Aim("peers", "occlusion", 1.0)
    assert verdict(aim, {}) is None
    assert row_of(report.budgets([aim], {}), "Beside other libraries")[3:] == ["not measured", "1", "", ""]
    peers = [Figure("occlusion", [each], than=name, beside=[2.0]) for name, each in (("a", 1.0), ("b", 3.0), ("c", 0.5))]
    worst = verdict(aim, sections(peers=peers))
    assert worst is not None
    assert (worst.figure.than, worst.value, worst.met) == ("b", 1.5, "missed")


SAMPLE = {
    "engine": [
        Figure("saliency", OURS, than="floor", beside=FLOOR),
        Figure("Integrated Gradients", [1.2, 1.2], passes=50, than="floor", beside=[0.04, 0.04]),
    ],
    "layers": [Figure("first map of a new layer", [0.1, 0.2, 0.9]), Figure("traces made by another class, 20 times", [0], "")],
    "memory": [Curve("500 questions", "question", "MB", [10, 50, 60], [400, 500, 512], 50), Figure("growth", [12], "MB", "")],
    "growth": [
        Figure(f"{begin}: saliency", OURS, than="floor", beside=FLOOR, at=at)
        for begin, sizes in (("image", (128, 224)), ("batch", (1, 2)))
        for at in sizes
    ],
    "limit": [
        Figure(MATMUL, [180, 200], "GFLOP/s", ""),
        Figure(COPY, [20, 10], "GB/s", ""),
        *[
            Figure(f"{kind}, {what}", [value], unit, "VGG16")
            for what in ("forward", "forward + gradient")
            for kind, value, unit in ((FLOPS, 40, "GFLOP"), (BYTES, 1000, "MB"), ("compiled", 0.3, "s"))
        ],
        Figure("saliency, forward + gradient", [0.4], model="VGG16"),
    ],
    "peers": [
        Figure("first map ever, saliency", [0.9], than="Captum", beside=[0.09]),
        Figure("saliency", [0.03], than="xplique", beside=[0.06]),
        Figure("saliency", [0.03], than="tf-explain", beside=[0.04]),
    ],
}


@pytest.fixture
def stored(tmp_path: Path) -> dict[str, Section]:
    file = tmp_path / "speed.json"
    for name, found in SAMPLE.items():
        results.keep(name, found, MACHINE, 12.3, file)
    return results.stored(file)


def test_what_is_stored_is_what_is_read(stored: dict[str, Section], tmp_path: Path) -> None:
    for name, found in SAMPLE.items():
        assert [one.as_json() for one in stored[name].found] == [one.as_json() for one in found]
        assert all(
            of_json(json.loads(json.dumps(one.as_json()))) == two for one, two in zip(found, stored[name].found, strict=True)
        )


def test_a_section_that_is_measured_again_takes_the_place_of_the_old_one(stored: dict[str, Section], tmp_path: Path) -> None:
    file = tmp_path / "speed.json"
    results.keep("engine", [Figure("saliency", [1.0])], MACHINE, 1, file)
    renewed = results.stored(file)
    assert [one.what for one in renewed["engine"].figures] == ["saliency"]
    assert {name: renewed[name] for name in SAMPLE if name != "engine"} == {
        name: stored[name] for name in SAMPLE if name != "engine"
    }


def test_the_page_is_written_from_a_stored_file(stored: dict[str, Section]) -> None:
    lines = report.page(stored).splitlines()
    engine, peers = lines.index("## Warm maps"), lines.index("## Beside other libraries")
    assert row_of(lines[engine:peers], "saliency") == (
        ["saliency", "MobileNetV2", "1", "33 ms", "floor 40 ms", "0.90 (0.82 to 1.00)", "0.90"]
    )
    assert row_of(lines, "Integrated Gradients")[-2:] == ["30.00", "0.60"]
    assert (
        "| Tracing | first map of a new layer | MobileNetV2 | 200 ms (150 to 550) | 400 ms | 250 ms | yes, the goal |" in lines
    )
    assert "| first map of a new layer | MobileNetV2 | 200 ms (150 to 550), n = 3 |" in lines
    assert "| saliency | MobileNetV2 | **tf-explain** | 30 ms | 40 ms | 0.75 | 0.75 |" in lines[peers:]
    assert "| saliency | MobileNetV2 | xplique | 30 ms | 60 ms | 0.50 | 0.50 |" in lines[peers:]
    assert f"- {MACHINE['processor']}; python 3.11; measured on {stored['engine'].day}" in lines
    for files in plots.PLOTS.values():
        assert any(f"({file})" in line for file in files for line in lines)


def test_the_page_says_where_a_library_is_ahead_and_nothing_where_none_is(stored: dict[str, Section]) -> None:
    text = report.page(stored)
    ahead = text[text.index("### Where a library is ahead") : text.index("## What was tried")]
    assert "- first map ever, saliency, MobileNetV2: Captum (10.00); Captum takes 90 ms, ours 900 ms. A library" in ahead
    assert "xplique" not in ahead
    behind = {**stored, **sections(peers=[Figure("saliency", [0.03], than="xplique", beside=[0.06])])}
    assert "By these medians, nowhere." in report.page(behind)


def test_the_limit_is_the_slower_of_operations_and_bytes_at_the_best_rates(stored: dict[str, Section]) -> None:
    _, both = limits_of(stored["limit"])
    assert (both.by_operations, both.by_bytes) == pytest.approx((40 / 200, 1 / 20))
    assert (both.least, both.floor / both.least, both.ours) == pytest.approx((0.2, 1.5, 0.4))


@pytest.mark.slow
def test_the_work_of_a_small_model_is_counted_by_hand() -> None:
    """Convolution 3x3 over 8x8x3 to 4 channels, a rectifier, a dense layer to 5; the gradient does each once more."""
    inputs = keras.Input((8, 8, 3))
    maps = keras.layers.Flatten()(keras.layers.Conv2D(4, 3, padding="same", activation="relu")(inputs))
    model = keras.Model(inputs, keras.layers.Dense(5)(maps))
    convolution, dense = 2 * (8 * 8 * 4) * (3 * 3 * 3), 2 * 256 * 5
    moved = 4 * ((8 * 8 * 3 + 3 * 3 * 3 * 4 + 8 * 8 * 4) + (256 + 256 * 5 + 5))
    assert work_of(model, gradient=False) == Work(convolution + dense, moved)
    assert work_of(model, gradient=True) == Work(2 * (convolution + dense), 2 * moved)


@pytest.mark.slow
def test_plots_are_drawn_from_a_stored_file_and_are_the_same_for_the_same_numbers(
    stored: dict[str, Section], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plots, "FOLDER", tmp_path)
    names = [file for files in plots.PLOTS.values() for file in files]
    plots.write(stored)
    first = {name: (tmp_path / name).read_text() for name in names}
    plots.write(stored)
    assert first == {name: (tmp_path / name).read_text() for name in names}
    assert all("<svg" in text and len(text) < 100_000 for text in first.values())
    assert "500 questions" in first["speed-memory.svg"]


def test_the_published_page_is_that_of_the_published_numbers() -> None:
    published = results.stored()
    assert report.PAGE.read_text() == report.page(published), "run: python -m benchmarks report"


def test_sections_are_those_of_the_page() -> None:
    from benchmarks.alone import SECTIONS

    assert list(SECTIONS) == list(report.TITLES)
    assert {aim.section for aim in AIMS} <= set(SECTIONS)
    assert sections_of({}) == {}
