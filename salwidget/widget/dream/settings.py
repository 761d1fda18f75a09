"""The settings of a dream, declared once: the page makes its controls from them, and what it sends is checked by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from salwidget.dreams import PARAMETRIZATIONS, REGULARIZERS, TRANSFORMS
from salwidget.dreams.setting import differentiable
from salwidget.dreams.transforms import moves_of
from salwidget.engine.inputs import Input
from salwidget.engine.network import Network
from salwidget.options import Choice, Number
from salwidget.widget.catalogue import option_as_json

# Read only: a dream that waits is made with what was asked for.
Settings = Mapping[str, Any]
Declared = dict[str, tuple[str, Choice | Number]]

# Of different answers to one question; more take longer than a person waits.
MOST_IMAGES = 6


def declared_for(network: Network) -> Declared:
    """Group and option of each setting that means something for a network, by name."""
    sources = differentiable(network)
    if not sources:
        return {}
    ways = tuple((name, kind.label) for name, kind in PARAMETRIZATIONS.items())
    says = "; ".join(f"{kind.label}: {kind.help}" for kind in PARAMETRIZATIONS.values())
    return {
        **{name: ("dream", option) for name, option in _own(sources).items()},
        "parametrization": ("parametrization", Choice("Coordinates", ways, "fourier", says)),
        **{name: ("transforms", kind.option) for source in sources for name, kind in moves_of(source).items()},
        **{name: ("regularizers", kind.option) for name, kind in REGULARIZERS.items()},
    }


def _own(sources: Sequence[Input]) -> dict[str, Choice | Number]:
    own: dict[str, Choice | Number] = {
        "goal": Choice(
            "Goal",
            (("target", "the target above"), ("layer", "the whole layer")),
            "target",
            "what is to rise: the target of the controls above, or all of its layer at once (deep dream)",
        ),
        "score": Choice(
            "Score",
            (("above", "as above"), ("logit", "logit"), ("probability", "probability"), ("both", "both, side by side")),
            "above",
            "for a class: its logit, its probability (which also falls when other classes rise), or an image for each",
        ),
        "steps": Number("Steps", 256, 1, 4096, 1, "how often the image is changed"),
        "tile_steps": Number("Tile steps", 64, 1, 1024, 1, "how often each image of a grid of all filters is changed"),
        "count": Number("Answers", 1, 1, MOST_IMAGES, 1, "how many images that differ from each other"),
        "start": Choice("Start", (("noise", "noise"), ("image", "the image above")), "noise", "the image to begin with"),
        "seed": Number("Seed", 0, 0, 9999, 1, "for the start and all chance: the same seed gives the same image"),
    }
    if len(sources) > 1:
        ways = (("all", "all together"), ("one", "the one above"))
        own["inputs"] = Choice("Inputs", ways, "all", "which are dreamed; the others stay as they are in the image above")
    if any(all(side is None for side in source.image_shape[:-1]) for source in sources):
        own["size"] = Number("Size", 224, 32, 1024, 32, "pixels along each side, where a dream begins with noise")
    return own


def settings_as_json(network: Network) -> list[dict[str, Any]]:
    declared = declared_for(network)
    return [{"group": group, **option_as_json(name, option, network)} for name, (group, option) in declared.items()]


def checked_settings(network: Network, given: Mapping[str, Any]) -> Settings:
    """All settings, those that are not given at their defaults.

    Raises
    ------
    TypeError, ValueError
        In one sentence, for a setting that there is not or a value that does not fit.
    """
    declared = declared_for(network)
    if unknown := [name for name in given if name not in declared]:
        raise TypeError(f"A dream has no setting {unknown[0]!r}; its settings are {', '.join(declared)}.")
    checked = {name: option.check(name, given[name], network) for name, (_, option) in declared.items() if name in given}
    return MappingProxyType({**{name: option.default for name, (_, option) in declared.items()}, **checked})


def engine_words(settings: Settings, sources: Sequence[Input]) -> dict[str, Any]:
    """Settings as keyword arguments of ``salwidget.dream`` for the inputs that are dreamed.

    Steps, what is to rise and from what start are not among them.
    """
    moved = {name: kind.option.default for name, kind in TRANSFORMS.items() if name in settings}
    chosen = {name: settings[name] for name in moved}
    costs = tuple(kind(settings[name]) for name, kind in REGULARIZERS.items() if settings[name] > 0)
    words: dict[str, Any] = {
        "seed": settings["seed"],
        "parametrization": settings["parametrization"],
    }
    moves = {each.name: [kind(chosen[name]) for name, kind in moves_of(each).items()] for each in sources}
    words["transforms"] = "default" if chosen == moved else moves if len(sources) > 1 else moves[sources[0].name]
    return words | {"regularizers": costs}
