"""Long work shows a bar with the time that is left, short work none, and nothing is left behind."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator

import keras
import numpy as np
import pytest

import salwidget
from salwidget import progress
from tests.widget.conftest import small_cnn

pytestmark = pytest.mark.slow

IMAGES = np.random.default_rng(0).uniform(size=(3, 16, 16, 3)).astype("float32")


@pytest.fixture
def model() -> keras.Model:
    return small_cnn()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """All work is long, and each word of it is written."""
    monkeypatch.setattr(progress, "DELAY", 1e-9)
    monkeypatch.setattr(progress, "INTERVAL", 0)


def test_short_work_says_nothing(
    model: keras.Model, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "DELAY", 600)  # whatever else this machine does
    salwidget.explain(model, IMAGES[0], "saliency")
    salwidget.dream(model, filters=0, steps=2).run()
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("at_once")
def test_a_long_answer_tells_the_share_and_the_time(model: keras.Model, capsys: pytest.CaptureFixture[str]) -> None:
    salwidget.explain(model, IMAGES[0], "smoothgrad", filters=0, samples=200)
    told = capsys.readouterr().err
    assert "SmoothGrad:" in told
    shares = [int(share) for share in re.findall(r"(\d+)%", told)]
    assert len(set(shares)) > 2
    assert shares == sorted(shares)
    assert re.search(r"\[\d\d:\d\d gone, (\d\d:\d\d|\?) left\]", told)


@pytest.mark.usefixtures("at_once")
def test_the_bar_does_not_wait_for_the_first_step(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.progress_bar("Tracing", 1, "%", True):
        for _ in range(500):
            if told := capsys.readouterr().err:
                break
            time.sleep(0.01)
        else:
            raise AssertionError("no bar in five seconds")
    assert "Tracing:   0%" in told


@pytest.mark.quick
@pytest.mark.usefixtures("at_once")
def test_no_thread_is_left(model: keras.Model) -> None:
    before = set(threading.enumerate())
    salwidget.dream(model, filters=0, steps=4).run()
    assert set(threading.enumerate()) == before


@pytest.mark.usefixtures("at_once")
def test_several_images_are_counted(model: keras.Model, capsys: pytest.CaptureFixture[str]) -> None:
    maps = salwidget.explain(model, IMAGES, "saliency", filters=0)
    assert len(maps) == 3
    assert "Saliency, map 3 of 3: 100%" in capsys.readouterr().err


@pytest.mark.usefixtures("at_once")
def test_dreams_count_their_steps(model: keras.Model, capsys: pytest.CaptureFixture[str]) -> None:
    dream = salwidget.dream(model, layer=1, filters=[0, 1], steps=8).run()
    assert "2 dreams: 8 of 8 steps" in capsys.readouterr().err
    dream.resume(3)
    assert "2 dreams: 11 of 11 steps" in capsys.readouterr().err


@pytest.mark.usefixtures("at_once")
def test_it_can_be_silenced(model: keras.Model, capsys: pytest.CaptureFixture[str]) -> None:
    told = salwidget.explain(model, IMAGES[0], "smoothgrad", filters=0, samples=60)
    silent = salwidget.explain(model, IMAGES[0], "smoothgrad", filters=0, samples=60, progress=False)
    np.testing.assert_array_equal(told.values, silent.values)
    capsys.readouterr()
    salwidget.explain(model, IMAGES[0], "smoothgrad", filters=0, samples=60, progress=False)
    salwidget.dream(model, filters=0, steps=4).run(progress=False)
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("at_once")
def test_an_interrupt_closes_the_bar(model: keras.Model, capsys: pytest.CaptureFixture[str]) -> None:
    from tqdm import tqdm

    class Interrupted(salwidget.Method):
        name, title, sentence, formula, limits, paper, units = "interrupted", "Interrupted", "s", "c", "l", "p", "u"

        def refine(self, context: salwidget.attribution.Context) -> Iterator[salwidget.attribution.Answer]:
            yield salwidget.attribution.Answer(np.zeros((16, 16)), progress=0.5)
            raise KeyboardInterrupt

    salwidget.method(Interrupted)
    try:
        with pytest.raises(KeyboardInterrupt):
            salwidget.explain(model, IMAGES[0], "interrupted")
    finally:
        del salwidget.METHODS["interrupted"]
    assert "50%" in capsys.readouterr().err
    assert not [bar for bar in tqdm._instances if not bar.disable]
