"""The tab Test in Python: what is sent for a region, against plain predictions, and what asks, waits, stops and goes."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest
from scipy.special import softmax

import salwidget
from salwidget import SaliencyWidget
from salwidget.evidence import superpixels
from salwidget.evidence.contract import REPLACEMENTS, Replacement, replacement
from salwidget.widget.packed_region import packed, token
from salwidget.widget.test.strip import stacked
from tests.widget.conftest import Sent, from_page, kinds, last, say, settled, small_cnn, until

pytestmark = pytest.mark.slow

Make = Callable[..., SaliencyWidget]

IMAGES = np.random.default_rng(0).uniform(size=(3, 16, 16, 3)).astype(np.float32)
REGION = np.zeros((16, 16), bool)
REGION[3:7, 4:9] = True


def complete(sent: Sent, region: np.ndarray = REGION, **more: Any) -> tuple[dict[str, Any], list[bytes]]:
    """The last and best intervention on a region."""

    def found() -> list[tuple[dict[str, Any], list[bytes]]]:
        wanted = {"kind": "intervention", "region": token(region), "final": True, **more}
        return [(c, b) for c, b in sent if all(c.get(name) == value for name, value in wanted.items())]

    until(found, lambda: kinds(sent))
    return found()[-1]


def logits(model: keras.Model, image: np.ndarray) -> np.ndarray:
    """By the model's own layers, without its softmax."""
    features = keras.Model(model.inputs, model.get_layer("average").output).predict(image[None], verbose=0)[0]
    kernel, bias = model.get_layer("scores").get_weights()
    return features.astype(np.float64) @ kernel + bias


def test_a_region_is_covered_and_the_page_told_what_plain_predictions_say(make: Make, sent: Sent) -> None:
    model = small_cnn()
    widget = make(model, IMAGES, filter_indices=1, labels=["ant", "bee", "cat"], tab="test", replace="mean")
    widget.region = REGION
    content, (controls, pixels) = complete(sent)
    edited = np.where(REGION[..., None], IMAGES[0][~REGION].mean(0), IMAGES[0]).astype(np.float32)
    before, after = logits(model, IMAGES[0]), logits(model, edited)
    assert content["before"] == pytest.approx(before[1], rel=1e-4)
    assert content["after"] == pytest.approx(after[1], rel=1e-4)
    assert content["change"] == pytest.approx(after[1] - before[1], rel=1e-3)
    likely = softmax([before, after], axis=1)
    np.testing.assert_allclose(content["probability"], likely[:, 1], rtol=1e-4)
    np.testing.assert_allclose(content["log_odds"], np.log(likely[:, 1] / (1 - likely[:, 1])), rtol=1e-3)
    assert (content["replace"], content["keep"], content["units"], content["wanted"]) == ("mean", False, "logit", 64)
    rows = {row["label"]: row for row in content["rows"]}
    assert set(rows) == {"ant", "bee", "cat"}
    for index, name in enumerate(("ant", "bee", "cat")):
        assert rows[name]["before"] == pytest.approx(before[index], rel=1e-4, abs=1e-5)
        np.testing.assert_allclose(rows[name]["probability"], likely[:, index], rtol=1e-4)
        ranks = [1 + int((scores > scores[index]).sum()) for scores in (before, after)]
        assert rows[name]["rank"] == ranks
    shown = np.frombuffer(pixels, np.uint8).reshape(*content["size"], 3)
    np.testing.assert_array_equal(shown, np.clip(edited * 255, 0, 255).round().astype(np.uint8))
    changes = np.frombuffer(controls, np.float32)
    assert len(changes) == 64
    assert content["p"] == (1 + int((np.abs(changes) >= abs(np.float32(content["change"]))).sum())) / 65
    assert widget.intervention.sentence == content["sentence"]
    assert widget.intervention.agreement == content["agreement"]
    assert {"blur", "mean", "neighbours"} == set(content["agreement"])


def test_the_map_of_the_tab_is_that_of_the_edited_image_and_explain_keeps_its_own(make: Make, sent: Sent) -> None:
    widget = make(images=IMAGES, filter_indices=1, tab="test", method="saliency", replace="mean")
    widget.region = REGION
    complete(sent)
    until(lambda: widget._session.panes["test"].status == "fresh", "a map")
    edited = np.where(REGION[..., None], IMAGES[0][~REGION].astype(np.float64).mean(0), IMAGES[0]).astype(np.float32)
    expected = salwidget.explain(widget.model, edited, "saliency", layer=3, filters=1).values
    tested = widget._session.panes["test"].heatmap.values
    np.testing.assert_allclose(tested, expected, rtol=1e-5, atol=1e-6 * expected.max())
    own = salwidget.explain(widget.model, IMAGES[0], "saliency", layer=3, filters=1).values
    np.testing.assert_array_equal(widget.wait().values, own)
    assert np.abs(own - tested).max() > 0.1 * own.max()


def test_nothing_is_asked_of_a_region_until_the_tab_is_open_and_no_map_is_asked_anew(make: Make, sent: Sent) -> None:
    widget = make(images=IMAGES, filter_indices=1)
    settled(widget)
    sent.clear()
    from_page(widget, region=packed(REGION))
    np.testing.assert_array_equal(widget.region, REGION)
    from_page(widget, replace="mean")
    assert kinds(sent) == []
    assert widget.status == "fresh"
    from_page(widget, tab="test")
    complete(sent, replace="mean")
    assert not [content for content, _ in sent if content.get("pane") == "explain"]


def test_of_sixty_strokes_the_last_is_answered_to_its_end_and_no_other(make: Make, sent: Sent) -> None:
    widget = make(images=IMAGES, filter_indices=1, tab="test")
    settled(widget)
    strokes = []
    for number in range(60):
        stroke = np.zeros((16, 16), bool)
        stroke.ravel()[40 : 41 + number] = True
        strokes.append(stroke)
        from_page(widget, region=packed(stroke))
    complete(sent, strokes[-1])
    tokens = [token(stroke) for stroke in strokes]
    told = [tokens.index(content["region"]) for content, _ in sent if content["kind"] == "intervention"]
    assert told == sorted(told)
    assert [content["region"] for content, _ in sent if content["kind"] == "intervention" and content["final"]] == [tokens[-1]]
    # While the hand moves no control is asked for.
    assert all(content["progress"] < 0.1 for content, _ in sent if content.get("region") in tokens[:-1] and "p" in content)


def test_another_question_is_tested_with_the_region_that_is_there(make: Make, sent: Sent) -> None:
    widget = make(images=IMAGES, filter_indices=0, labels=["ant", "bee", "cat"], tab="test")
    widget.region = REGION
    complete(sent)
    sent.clear()
    widget.filter_indices = 2
    content, _ = complete(sent)
    assert content["target"] == "the logit of cat"
    assert len([one for one in kinds(sent) if one == "computing"]) == 2, "one question of each pane"


def test_another_image_has_no_region_and_its_draft_is_sent(make: Make, sent: Sent) -> None:
    widget = make(images=IMAGES, tab="test")
    widget.region = REGION
    complete(sent)
    assert widget.intervention is not None
    sent.clear()
    from_page(widget, image_idx=1)
    assert widget.region is None
    assert widget.intervention is None
    until(lambda: "draft" in kinds(sent), "a draft")
    content, (pixels,) = next((c, b) for c, b in sent if c["kind"] == "draft")
    assert (content["image_idx"], content["size"], len(pixels)) == (1, [16, 16], 16 * 16 * 3)
    until(lambda: widget._session.panes["test"].status == "fresh", "the map of the image as it is")
    np.testing.assert_array_equal(widget._session.panes["test"].heatmap.values, widget.wait().values)


def test_a_page_that_opens_later_is_told_the_last_test_and_none_that_has_gone(make: Make, sent: Sent) -> None:
    widget = make(images=IMAGES, tab="test")
    widget.region = REGION
    complete(sent)
    sent.clear()
    say(widget, {"kind": "ready", "loopback": True})
    assert last(sent, "intervention")["region"] == token(REGION)
    assert "previews" in kinds(sent)
    widget.region = None
    sent.clear()
    say(widget, {"kind": "ready", "loopback": True})
    assert "intervention" not in kinds(sent)


def test_previews_show_the_region_under_each_replacement_that_can_be_made(make: Make, sent: Sent) -> None:
    widget = make(images=IMAGES[:1], tab="test")
    widget.region = REGION
    complete(sent)
    content, (pixels,) = next((c, b) for c, b in sent if c["kind"] == "previews")
    assert content["names"] == [name for name in REPLACEMENTS if name != "image"], "there is no other image"
    pictures = np.frombuffer(pixels, np.uint8).reshape(len(content["names"]), *content["size"], 3)
    grey = pictures[content["names"].index("colour")]
    assert np.all(np.abs(grey[REGION].astype(int) - 127) <= 1)
    outside = np.clip(IMAGES[0] * 255, 0, 255).round()[~REGION]
    assert all(np.abs(each[~REGION] - outside).max() <= 1 for each in pictures.astype(int))


def test_another_image_is_the_next_of_the_widget(make: Make, sent: Sent) -> None:
    widget = make(images=IMAGES, tab="test", replace="image", image_idx=2)
    widget.region = REGION
    _, (_, pixels) = complete(sent)
    shown = np.frombuffer(pixels, np.uint8).reshape(16, 16, 3)
    np.testing.assert_array_equal(shown[REGION], (IMAGES[0] * 255).round().astype(np.uint8)[REGION])


BAD = {
    "one image": ({"images": IMAGES[:1], "replace": "image"}, REGION, "there is one alone"),
    "all of it": ({"replace": "mean"}, np.ones((16, 16), bool), "is made of pixels outside"),
    "all of it kept": ({"keep": True}, np.ones((16, 16), bool), "keep=True covers all but the region"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_cannot_be_tested_is_said_and_the_last_answer_stays(make: Make, sent: Sent, what: str) -> None:
    given, region, said = BAD[what]
    widget = make(**{"images": IMAGES, **given, "replace": "blur", "keep": False, "tab": "test"})
    widget.region = REGION
    complete(sent)
    kept = widget.intervention
    with widget.hold_trait_notifications():
        widget.region = region
        for name in {"replace", "keep"} & set(given):
            setattr(widget, name, given[name])
    until(lambda: "error" in kinds(sent), lambda: kinds(sent))
    error = last(sent, "error")
    assert (error["about"], error["pane"]) == ("question", "test")
    assert said in error["text"]
    assert widget.intervention is kept
    widget.replace, widget.keep, widget.region = "blur", False, ~REGION
    complete(sent, ~REGION)


def test_a_score_that_is_nan_under_the_edit_is_said(make: Make, sent: Sent) -> None:
    image = keras.Input((16, 16, 3))
    brightness = keras.layers.GlobalAveragePooling2D()(image)
    model = keras.Model(image, keras.layers.Lambda(lambda x: keras.ops.log(x - 0.22))(brightness))
    bright = np.where(REGION[..., None], 0.9, 0.2).astype(np.float32).repeat(3, axis=-1)  # 0.25 on average
    widget = make(model, bright[None], tab="test", filter_indices=0, replace="mean")
    settled(widget)
    widget.region = REGION
    until(lambda: "error" in kinds(sent), lambda: kinds(sent))
    assert "NaN or infinite with a region covered (replace='mean')" in last(sent, "error")["text"]


def test_a_signal_has_no_regions(make: Make, sent: Sent) -> None:
    model = keras.Sequential([keras.Input((40, 2)), keras.layers.Conv1D(3, 5), keras.layers.GlobalAveragePooling1D()])
    widget = make(model, np.random.default_rng(0).normal(size=(1, 40, 2)).astype(np.float32), tab="test")
    settled(widget)
    with pytest.raises(Exception, match="this is a signal of 40"):
        widget.region = np.ones(40, bool)
    until(lambda: widget._session.panes["test"].status == "fresh", "the map of the signal as it is")


# A replacement of the user's


@pytest.fixture
def checkers() -> Iterator[type[Replacement]]:
    class Checkers(Replacement):
        name, title = "checkers", "Checkers"
        sentence, limits = "Black and white in turn.", "An example."

        def fill(self, region: np.ndarray) -> np.ndarray:
            return np.indices(region.shape).sum(0)[..., None] % 2 * self.range[1]

    yield Checkers
    REPLACEMENTS.pop("checkers", None)


def test_a_replacement_that_is_registered_appears_and_answers_and_again_when_it_changes(
    make: Make, sent: Sent, checkers: type[Replacement]
) -> None:
    widget = make(images=IMAGES, tab="test")
    replacement(checkers)
    assert widget.children[0].replacements[-1]["title"] == "Checkers"
    widget.region, widget.replace = REGION, "checkers"
    _, (_, pixels) = complete(sent, replace="checkers")
    board = np.frombuffer(pixels, np.uint8).reshape(16, 16, 3)[REGION]
    np.testing.assert_array_equal(board[:, 0], (np.argwhere(REGION).sum(1) % 2 * 255).astype(np.uint8))

    class White(checkers):  # type: ignore[misc, valid-type]
        def fill(self, region: np.ndarray) -> np.ndarray:
            return np.ones(3)

    sent.clear()
    replacement(White)
    _, (_, pixels) = complete(sent, replace="checkers")
    assert np.all(np.frombuffer(pixels, np.uint8).reshape(16, 16, 3)[REGION] == 255)


# Backgrounds


def test_the_object_is_put_on_the_other_images_without_their_own_where_that_is_known(make: Make, sent: Sent) -> None:
    model = small_cnn()
    widget = make(model, IMAGES, labels=["ant", "bee", "cat"], tab="test", image_idx=1)
    widget.region = ~REGION
    widget.image_idx = 0
    widget.region = REGION
    say(widget, {"kind": "swap"})
    until(lambda: [c for c, _ in sent if c["kind"] == "swaps" and c["final"]], lambda: kinds(sent))
    content, (pixels,) = [(c, b) for c, b in sent if c["kind"] == "swaps"][-1]
    assert content["region"] == token(REGION)
    names = [tile["name"] for tile in content["tiles"]]
    assert names == ["that of image 1", "image 2", "black", "grey", "white", "noise", "its own, blurred"]
    pictures = np.frombuffer(pixels, np.uint8).reshape(7, 16, 16, 3)
    top = int(logits(model, IMAGES[0]).argmax())
    flips = 0
    for name, background in {"image 2": IMAGES[2], "black": np.zeros(3), "white": np.ones(3)}.items():
        edited = np.where(REGION[..., None], IMAGES[0], background).astype(np.float32)
        scores, tile = logits(model, edited), content["tiles"][names.index(name)]
        assert tile["label"] == ["ant", "bee", "cat"][int(scores.argmax())]
        assert tile["probability"] == pytest.approx(softmax(scores).max(), rel=1e-4)
        assert tile["flips"] == (int(scores.argmax()) != top)
        np.testing.assert_array_equal(pictures[names.index(name)], (edited * 255).round().astype(np.uint8))
    flips = sum(tile["flips"] for tile in content["tiles"])
    assert content["flipped"][:2] == [flips, 7]


def test_an_image_whose_region_was_taken_back_lends_all_of_itself(make: Make, sent: Sent) -> None:
    widget = make(images=IMAGES, tab="test", image_idx=1)
    widget.region = REGION
    widget.region = None
    widget.image_idx, widget.region = 0, REGION
    say(widget, {"kind": "swap"})
    until(lambda: [c for c, _ in sent if c["kind"] == "swaps" and c["final"]], lambda: kinds(sent))
    assert [tile["name"] for tile in last(sent, "swaps")["tiles"]][:2] == ["image 1", "image 2"]


def test_the_strip_is_not_drawn_while_a_hand_paints(make: Make, sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    widget = make(images=IMAGES, tab="test")
    settled(widget)
    drawn: list[int] = []
    monkeypatch.setattr(widget._session.figures[1], "show", lambda made: drawn.append(len(made.agreement)))
    widget.region = REGION
    complete(sent)
    assert drawn
    assert min(drawn) > 1


@pytest.mark.parametrize(("region", "said"), [(None, "mark it first"), (np.ones((16, 16), bool), "has no background")])
def test_backgrounds_need_an_object(make: Make, sent: Sent, region: np.ndarray | None, said: str) -> None:
    widget = make(images=IMAGES, tab="test", region=region)
    say(widget, {"kind": "swap"})
    error = last(sent, "error")
    assert (error["about"], error["pane"]) == ("test", None)
    assert said in error["text"]


# Superpixels, which all tabs mark


def test_superpixels_of_the_image_that_shows_are_told_when_they_are_asked_for(make: Make, sent: Sent) -> None:
    widget = make(images=IMAGES, image_idx=1)
    say(widget, {"kind": "superpixels"})
    until(lambda: "superpixels" in kinds(sent), lambda: kinds(sent))
    content, (labels,) = next((c, b) for c, b in sent if c["kind"] == "superpixels")
    assert (content["image_idx"], content["input_idx"], content["size"]) == (1, 0, [16, 16])
    eight_bits = np.clip(IMAGES[1] * 255, 0, 255).round().astype(np.uint8)
    np.testing.assert_array_equal(np.frombuffer(labels, np.uint16).reshape(16, 16), superpixels(eight_bits))


# As Python


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"filter_indices": 2}, "filters=2"),
        ({"filter_indices": 1, "keep": True, "replace": "noise", "seed": 3}, "replace='noise', keep=True, seed=3"),
        ({"filter_indices": 0, "versus": 1, "score": "probability"}, "target="),
        ({"layer_idx": 1, "filter_indices": 3, "cell": (2, 2)}, "target="),
        ({"replace": "image"}, "other="),
    ],
)
def test_copied_python_gives_the_number_that_the_page_shows(make: Make, sent: Sent, given: dict, words: str) -> None:
    widget = make(images=IMAGES, labels=["ant", "bee", "cat"], tab="test", **given)
    widget.region = REGION
    content, _ = complete(sent)
    until(lambda: widget.children[0].python["test"], "a line of Python")
    line = widget.children[0].python["test"]
    names: dict[str, Any] = {}
    before, _, call = line.rpartition("\nsalwidget.cover(")
    exec(f"{before}\nmade = salwidget.cover({call}", names)
    assert words in line.replace("\n", " ").replace("    ", "").replace(",  ", ", ")
    assert names["made"].change == pytest.approx(content["change"], rel=1e-6)
    assert names["made"].p == content["p"]
    assert names["made"].sentence == content["sentence"]


# The strip of dots


@pytest.mark.quick
def test_dots_of_one_column_stand_on_each_other() -> None:
    changes = np.array([0.0, 1.0, 0.001, 0.5, 0.999999])
    np.testing.assert_array_equal(stacked(changes, 0.0, 1.1), [0.5, 0.5, 1.5, 0.5, 1.5])


def test_a_dot_that_is_pressed_outlines_its_patch_and_pressed_again_none(make: Make, sent: Sent) -> None:
    widget = make(images=IMAGES, tab="test")
    widget.region = REGION
    complete(sent)
    strip = widget._session.figures[1]
    assert strip.layout.display == ""
    np.testing.assert_allclose(strip._elsewhere.x, widget.intervention.controls)
    np.testing.assert_allclose(strip._region.x, widget.intervention.change)
    strip._elsewhere._handle_custom_msgs(None, {"event": "element_click", "data": {"index": 7}})
    content = last(sent, "patch")
    bits = np.unpackbits(np.frombuffer(base64.b64decode(content["bits"]), np.uint8), count=256).reshape(content["size"])
    np.testing.assert_array_equal(bits, widget.intervention.patches[7].region)
    strip._elsewhere._handle_custom_msgs(None, {"event": "element_click", "data": {"index": 7}})
    assert last(sent, "patch") == {"kind": "patch", "size": None, "bits": None}
