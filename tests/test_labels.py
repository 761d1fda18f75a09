"""Names of classes from a list, a mapping, or ImageNet's own file."""

from __future__ import annotations

import json

import pytest

from salwidget.labels import class_named, imagenet, labels_of
from tests.data import ROOT, needs_data


def test_none_has_no_names() -> None:
    assert labels_of(None, 3) == []


@pytest.mark.parametrize("given", [["cat", "dog", "7"], ("cat", "dog", 7)])
def test_a_list_is_taken_as_it_is(given) -> None:
    assert labels_of(given, 3) == ["cat", "dog", "7"]


def test_a_mapping_names_some() -> None:
    assert labels_of({0: "cat", 2: "dog"}, 3) == ["cat", "class 1", "dog"]


@pytest.mark.parametrize("given", [["cat"], ["cat", "dog", "cow", "owl"]])
def test_a_list_of_another_length_is_refused_with_both_counts(given: list[str]) -> None:
    with pytest.raises(ValueError, match=rf"labels has {len(given)} names, but the model has 3 outputs"):
        labels_of(given, 3)


@pytest.mark.parametrize("key", [3, -1, "cat"])
def test_a_number_out_of_range_is_refused(key) -> None:
    with pytest.raises(ValueError, match=rf"labels has the class {key!r}, but the model has classes 0 to 2"):
        labels_of({0: "a", key: "b"}, 3)


def test_another_word_is_refused() -> None:
    with pytest.raises(ValueError, match=r"labels='cifar' is not known; pass a list of names, a dict, or 'imagenet'"):
        labels_of("cifar", 3)


@needs_data
def test_imagenet_in_the_order_of_its_file() -> None:
    index = json.loads((ROOT / "imagenet_class_index.json").read_text())
    assert imagenet() == [index[str(number)][1].replace("_", " ") for number in range(1000)]
    assert labels_of("imagenet", 1000)[20] == "water ouzel"
    with pytest.raises(ValueError, match=r"labels has 1000 names, but the model has 10 outputs"):
        labels_of("imagenet", 10)


def test_a_class_is_found_by_its_name_however_it_is_written() -> None:
    names = ["water ouzel", "Brown_Bear", "crane", "crane"]
    assert class_named(names, "Water_Ouzel") == 0
    assert class_named(names, "brown bear") == 1
    with pytest.raises(ValueError, match="2 classes are called 'crane': use one of the numbers 2, 3"):
        class_named(names, "crane")
    with pytest.raises(ValueError, match="No class is called 'water owl'; the nearest are water ouzel"):
        class_named(names, "water owl")
