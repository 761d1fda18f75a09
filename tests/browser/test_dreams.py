"""A dream in a real notebook: started, paused, stopped, queued, left, on a subshell and on the main thread."""

from __future__ import annotations

import statistics
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.browser.conftest import Open
from tests.browser.dream_tab import DreamTab
from tests.browser.jupyterlab import TOKEN, Notebook, Server

OPEN = """
import base64, threading, time
import keras, numpy as np, salwidget
from salwidget import SaliencyWidget
from salwidget.demo import digits, snow_test
from salwidget.widget import dreams
def packed(picture):
    return [list(picture.shape), base64.b64encode(picture.tobytes()).decode()]
demo, before = snow_test().biased, set(threading.enumerate())
model = demo.model
w = SaliencyWidget(model, demo.images, labels=demo.labels, image_idx=3)
made, heard = [], []
w.observe(lambda change: made.append(change["new"]), names="dreamed")
w.children[0].on_msg(lambda _, content, __: heard.append(content["kind"]))
w
"""
LONG = """
print("begun", flush=True)
count, end = 0, time.time() + 3
while time.time() < end: count += 1
count
"""
ENDLESS = "time.sleep(100)"
AGAIN = """
demo = digits()
model = demo.model
w = SaliencyWidget(model, demo.images, labels=demo.labels)
w
"""
INTERRUPT = """async ([url, token, path]) => {
    const headers = {Authorization: `token ${token}`};
    const sessions = await (await fetch(`${url}/api/sessions`, {headers})).json();
    const {id} = sessions.find(session => session.path === path).kernel;
    return (await fetch(`${url}/api/kernels/${id}/interrupt`, {method: "POST", headers})).status;
}"""
# Of the kernel's threads, those that neither were there before the widget nor are JupyterLab's way to talk to it.
LEFT = "[each.name for each in threading.enumerate() if each not in before and not each.name.startswith('subshell')]"

Live = tuple[Notebook, DreamTab]


@pytest.fixture(scope="module")
def live(each_server: Server, open_notebook: Open) -> Live:
    notebook, _ = open_notebook(each_server, [OPEN, LONG, ENDLESS, AGAIN])
    tab = DreamTab(notebook)
    tab.show()
    return notebook, tab


def file_of(notebook: Notebook) -> str:
    return notebook.page.url.split("/tree/")[1].split("?")[0]


def save(notebook: Notebook) -> None:
    """As a person does; returns when the file has the widget in it."""
    path = notebook.server.folder / file_of(notebook)
    path.touch()
    old = path.stat().st_mtime_ns
    notebook.page.keyboard.press("Control+s")
    while path.stat().st_mtime_ns == old or "widget-view+json" not in path.read_text():
        notebook.page.wait_for_timeout(50)


def test_a_dream_is_painted_step_by_step_to_its_end(live: Live) -> None:
    _, tab = live
    tab.start(steps=300)
    tab.come_to("done", 300)
    steps = tab.painted()
    assert len(steps) > 3
    assert steps == sorted(set(steps)), "a frame came late"
    assert steps[-1] == 300
    (painted,) = tab.pictures()
    np.testing.assert_array_equal(painted, tab.kernels("w.dreamed.picture"))


def test_a_pause_changes_nothing(live: Live) -> None:
    notebook, tab = live
    tab.start(steps=300, seed=5)
    tab.press("pause")
    assert tab.come_to_rest("paused") < 300
    tab.press("pause")
    tab.come_to("done", 300)
    assert notebook.evaluate("np.array_equal(w.dreamed.image, eval(w.dreamed.as_python()).image)")
    (painted,) = tab.pictures()
    np.testing.assert_array_equal(painted, tab.kernels("w.dreamed.picture"))


def test_stop_is_seen_within_200_ms_and_more_goes_on(live: Live) -> None:
    _, tab = live
    waited = []
    for seed in range(3):
        tab.passes(tab.start(steps=2000, seed=seed) * 0 + 20)
        waited.append(tab.stopped_after())
    print("STOP", waited)
    assert statistics.median(waited) <= 200, waited
    step = tab.come_to_rest("stopped")
    assert step < 2000
    (painted,) = tab.pictures()
    np.testing.assert_array_equal(painted, tab.kernels("w.dreamed.picture"))
    assert painted.std() > 0
    tab.press("more")
    tab.passes(step)
    tab.press("stop")
    assert tab.come_to_rest("stopped") > step


def test_frames_arrive_while_a_cell_computes(live: Live) -> None:
    notebook, tab = live
    tab.start(steps=1500)
    notebook.start(1)
    notebook.cell(1).get_by_text("begun").wait_for()
    tab.watch()
    notebook.page.wait_for_timeout(2500)
    steps = tab.painted()
    print("DURING", steps)
    assert "[*]" in notebook.cell(1).inner_text(), "the cell has ended too early to say anything"
    assert len(steps) > (1 if notebook.server.subshells == "disabled" else 5), steps
    assert steps == sorted(set(steps))
    assert int(notebook.ended(1).split()[-1]) > 0
    tab.come_to("done", 1500)
    (painted,) = tab.pictures()
    np.testing.assert_array_equal(painted, tab.kernels("w.dreamed.picture"))


def test_two_dreams_queue_and_nothing_is_lost_in_the_other_tab(live: Live) -> None:
    notebook, tab = live
    first = tab.start(steps=300, seed=1)
    tab.set(steps=300, seed=2)
    tab.press("start")
    tab.stage.get_by_text("1 waiting").wait_for()
    tab.show("explain")
    tab.stage.wait_for(state="detached")
    notebook.page.wait_for_timeout(300)
    tab.show()
    tab.come_to("done", 300, first + 1)
    assert notebook.evaluate("[one.step for one in made[-2:]]") == [300, 300]
    tab.show("explain")
    tab.stage.wait_for(state="detached")
    tab.show()
    tab.come_to("done", 300, first + 1)
    (painted,) = tab.pictures()
    np.testing.assert_array_equal(painted, tab.kernels("w.dreamed.picture"))
    notebook.evaluate("heard.clear()")
    scrubber = tab.root.get_by_test_id("dream-scrubber")
    assert int(scrubber.get_attribute("max") or 0) > 3
    scrubber.fill("0")
    tab.come_to("done", 1)
    (painted,) = tab.pictures()
    np.testing.assert_array_equal(painted, tab.kernels("w.dreamed.history.kept[0][1][0]"))
    tab.root.get_by_role("button", name="live").click()
    tab.come_to("done", 300)
    assert notebook.evaluate("[heard, w.dreamed.step]") == [[], 300]


def test_both_scores_are_two_images(live: Live) -> None:
    _, tab = live
    tab.start(steps=60, score="both")
    tab.come_to("done", 60)
    titles = tab.stage.locator(".sw-dream-title").all_inner_texts()
    assert titles == ["wolf: logit", "wolf: probability"]
    pictures = tab.pictures()
    np.testing.assert_array_equal(pictures, tab.kernels("w.dreamed.picture"))
    assert (pictures[0] != pictures[1]).any()


def test_a_dream_is_saved_as_film_and_picture(live: Live, tmp_path: Path) -> None:
    notebook, tab = live
    tab.start(steps=100, seed=7)
    tab.come_to("done", 100)
    for ending in ("gif", "png"):
        with notebook.page.expect_download() as download:
            tab.press(f"export-{ending}")
        download.value.save_as(tmp_path / f"dream.{ending}")
    picture = tab.kernels("w.dreamed.picture")
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "dream.png")), picture)
    film = Image.open(tmp_path / "dream.gif")
    assert film.size == picture.shape[1::-1]
    assert film.n_frames > 10


def test_a_reload_shows_the_dream_again(live: Live) -> None:
    notebook, tab = live
    (before,) = tab.pictures()
    step = tab.step
    save(notebook)
    notebook.page.reload()
    tab.stage.wait_for(timeout=60_000)
    tab.come_to("done", step)
    (after,) = tab.pictures()
    np.testing.assert_array_equal(after, before)
    notebook.server.wait_for_kernel(file_of(notebook), notebook.page)


def test_an_interrupt_leaves_the_dream_and_close_no_thread(live: Live) -> None:
    notebook, tab = live
    tab.start(steps=4096)
    where = [notebook.server.url, TOKEN, file_of(notebook)]
    for _ in range(3):
        step = tab.step
        assert notebook.page.evaluate(INTERRUPT, where) == 204
        tab.passes(step)
    assert notebook.page.get_by_text("Traceback").count() == 0
    notebook.start(2)
    notebook.page.wait_for_timeout(500)
    notebook.page.evaluate(INTERRUPT, where)
    with pytest.raises(AssertionError, match="KeyboardInterrupt"):
        notebook.ended(2)
    tab.passes(tab.step)
    notebook.evaluate("w.close()")
    notebook.page.wait_for_timeout(500)
    print("THREADS", notebook.evaluate("[[each.name, str(type(each)), str(getattr(each,'_target',None))] for each in threading.enumerate() if each not in before]"))
    assert notebook.evaluate(LEFT) == []
    assert notebook.errors == []
