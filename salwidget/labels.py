"""Names of classes."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path

# From imagenet_class_index.json as Keras reads it, here by way of raghakot/keras-vis (MIT).
NAMES = Path(__file__).with_name("imagenet.txt")


def labels_of(labels: Sequence[str] | Mapping[int, str] | str | None, count: int) -> list[str]:
    """One name for each of ``count`` classes; an empty list where there are none.

    Parameters
    ----------
    labels
        A list, a mapping from class number to name (the rest are called "class n"), ``"imagenet"``, or ``None``.

    Raises
    ------
    ValueError
        When there are more or fewer names than classes, a number is out of range, or a word is not "imagenet".
    """
    if labels is None:
        return []
    if isinstance(labels, str):
        if labels != "imagenet":
            raise ValueError(f"labels={labels!r} is not known; pass a list of names, a dict, or 'imagenet'.")
        labels = imagenet()
    if isinstance(labels, Mapping):
        wrong = [key for key in labels if not isinstance(key, int) or not 0 <= key < count]
        if wrong:
            raise ValueError(f"labels has the class {wrong[0]!r}, but the model has classes 0 to {count - 1}.")
        return [str(labels.get(index, f"class {index}")) for index in range(count)]
    if len(labels) != count:
        raise ValueError(f"labels has {len(labels)} names, but the model has {count} outputs.")
    return [str(label) for label in labels]


def class_named(labels: Sequence[str], name: str) -> int:
    """The number of the class called ``name``; case and underscores make no difference.

    Raises
    ------
    ValueError
        When no class or several have the name; with the nearest names, or the numbers.
    """
    wanted, plain = _plain(name), [_plain(label) for label in labels]
    numbers = [index for index, label in enumerate(plain) if label == wanted]
    if len(numbers) > 1:
        raise ValueError(f"{len(numbers)} classes are called {name!r}: use one of the numbers {', '.join(map(str, numbers))}.")
    if not numbers:
        near = [labels[plain.index(label)] for label in difflib.get_close_matches(wanted, plain)]
        hint = f"; the nearest are {', '.join(near)}" if near else ""
        raise ValueError(f"No class is called {name!r}{hint}.")
    return numbers[0]


def _plain(label: str) -> str:
    return label.replace("_", " ").strip().casefold()


def imagenet() -> list[str]:
    """The 1000 ImageNet class names (ILSVRC2012), in the order and spelling of ``keras.applications``."""
    return NAMES.read_text("utf-8").splitlines()
