"""The controls of a widget: one row each. Traits, checks, the way over the wire and the docs are made from the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from traitlets import TraitError

from salwidget.target import Filters, Function, Target, Unit
from salwidget.widget import checks
from salwidget.widget.checks import Available, Check

if TYPE_CHECKING:
    from salwidget.engine.network import Network
    from salwidget.query import Modifier

# "answer": an answer is of this value, and carries it back as ``asked``. "test": what is covered in the tab Test, which asks
# there alone. "look": the page applies it without asking.
Decides = Literal["answer", "test", "look"]
# How a value goes to the page and back: as JSON, a tuple as a list ("value", and "cell", which comes back as a tuple); by a
# name that the kernel gave it ("function", "target"); a dict whose arrays go by one name ("options"); packed bits ("region").
Travels = Literal["value", "cell", "function", "target", "options", "region"]
# What follows from a move: the controls after it and before it, what there is to choose from -> the controls.
Implies = Callable[["Controls", "Controls", Available], "Controls"]


@dataclass(frozen=True)
class Control:
    """One row, beside the name and the default of the field of ``Controls`` that it belongs to."""

    decides: Decides
    check: Check
    help: str
    travels: Travels = "value"
    implies: Implies | None = None
    # The model decides where it stands when a widget opens.
    by_model: bool = False


def _answer(default: Any, check: Check, help: str, **more: Any) -> Any:
    """A row that decides the answer."""
    return _row(default, Control("answer", check, help, **more))


def _test(default: Any, check: Check, help: str, **more: Any) -> Any:
    """A row that decides what is covered."""
    return _row(default, Control("test", check, help, **more))


def _look(default: Any, check: Check, help: str, **more: Any) -> Any:
    """A row that decides how it looks."""
    return _row(default, Control("look", check, help, **more))


def _row(default: Any, control: Control) -> Any:
    made: Any = {"default_factory": default} if callable(default) else {"default": default}
    return field(**made, compare=control.travels != "region", metadata={"control": control})


def _another_layer(now: Controls, before: Controls, available: Available) -> Controls:
    """Another layer has other filters and cells.

    The outputs keep their class, and all other layers share one filter, so that browsing layers stays on it.
    """
    network = available.network
    outputs = [output.index for output in network.outputs]
    crossed = (before.layer_idx in outputs) != (now.layer_idx in outputs)
    wanted = before.filters_elsewhere if crossed else before.filter_indices
    elsewhere = before.filter_indices if crossed else before.filters_elsewhere
    count = network.layers[now.layer_idx].filters
    if isinstance(wanted, tuple):
        wanted = tuple(one for one in wanted if one < count) or 0
    filters = min(wanted, max(count - 1, 0)) if isinstance(wanted, int) else wanted
    return replace(now, filter_indices=filters, filters_elsewhere=elsewhere, versus=None, cell=None)


def _another_method(now: Controls, before: Controls, available: Available) -> Controls:
    """The options that mean something to the new method as well are kept."""
    return replace(now, options=checks.fitting_options(available.network, now.method, now.options))


def _another_image(now: Controls, before: Controls, available: Available) -> Controls:
    """A region is of one image."""
    return replace(now, region=None)


@dataclass(frozen=True)
class Controls:
    """Where all controls of a widget stand. A value is never changed: a move makes another.

    In this order they are checked: a filter belongs to its layer, options to their method.
    """

    layer_idx: int = _answer(
        -1,
        checks.layer,
        "Which layer is explained: by its index (negative from the end) or its name. It then holds the index.",
        implies=_another_layer,
        by_model=True,
    )
    filter_indices: Filters = _answer(
        None,
        checks.filters,
        "Which of its filters: one, several, or `None`, the model's own top class. A class may be given by its label.",
    )
    versus: Filters = _answer(None, checks.filters, "Filters of the same layer whose score is subtracted (A - B), or `None`.")
    cell: tuple[int, ...] | None = _answer(
        None, checks.cell, "One cell of the feature map instead of its mean, or `None`.", travels="cell"
    )
    aim: str | float = _answer(
        "increase",
        checks.aim,
        'What the score should do: `"increase"`, `"decrease"`, `"maintain"`, or a number to come closer to.',
    )
    target: Unit | Target | Function | None = _answer(
        None,
        checks.target,
        "Instead of these a `Unit`, a sum of units or a callable on the model's output; `None`: the controls decide.",
        travels="target",
    )
    method: str = _answer(
        "grad_cam", checks.method, "A registered method, by its name.", implies=_another_method, by_model=True
    )
    score: str = _answer("logit", checks.score, 'Of an output: `"logit"`, `"probability"` or `"log_probability"`.')
    backprop_modifier: Modifier = _answer(
        None,
        checks.backprop_modifier,
        '`None`, `"guided"`, `"rectified"` (`"relu"`, `"deconv"`), or a callable `(op inputs, op outputs, gradient) -> '
        "gradient`.",
        travels="function",
    )
    grad_modifier: Modifier = _answer(
        None,
        checks.grad_modifier,
        '`None`, `"absolute"`, `"negate"`, `"relu"`, `"invert"`, `"small_values"`, or a callable on arrays.',
        travels="function",
    )
    image_idx: int = _answer(0, checks.image, "Which image; negative from the end.", implies=_another_image)
    input_idx: int = _answer(0, checks.source, "Over which of the model's inputs the map lies.", implies=_another_image)
    seed: int = _answer(0, checks.seed, "For methods that draw random numbers.")
    options: dict[str, Any] = _answer(
        dict,
        checks.options,
        "The method's own, as a dict; it then holds those not at their default.",
        travels="options",
    )
    region: np.ndarray | None = _test(
        None,
        checks.region,
        "What is marked on the image: bool (H, W), or as `salwidget.cover` takes it; `None`: nothing. Another image has none.",
        travels="region",
    )
    replace: str = _test("blur", checks.replacement, "What the tab Test puts there: a name of `salwidget.REPLACEMENTS`.")
    keep: bool = _test(False, checks.flag, "Whether it covers all but the region instead.")
    opacity: float = _look(0.7, checks.share, "Of the map over the image, 0 to 1.")
    threshold: float = _look(0.12, checks.share, "Weaker values are not drawn: a fraction of the scale, 0 to 1.")
    colormap: str = _look("", checks.colormap, 'A table of colours; `""` chooses by the sign of the map.')
    charts: bool = _look(True, checks.flag, "Whether the figures beside the view are shown.")
    tab: str = _look(
        "explain", checks.tab, '`"explain"`, `"test"` (the region covered, and what the model says then) or `"dream"`.'
    )

    # No row: the filters of the outputs while another layer is explained, and of the other layers while it is an output.
    filters_elsewhere: Filters = field(default=0, compare=False)

    @classmethod
    def opened(cls, values: Mapping[str, Any], available: Available) -> Controls:
        """The controls of a new widget, of which some are given.

        Raises
        ------
        TraitError
            One sentence, when a value does not fit.
        """
        network = available.network
        now = cls(layer_idx=network.output.index, method=first_method(network))
        for name in ROWS:
            if name in values:
                now = now.at(name, values[name], available)
        return replace(now, filters_elsewhere=0 if network.layers[now.layer_idx] in network.outputs else None)

    def at(self, name: str, value: Any, available: Available) -> Controls:
        """With one control at a value, in its canonical form; the others stay.

        Raises
        ------
        TraitError
            One sentence, when the value does not fit.
        """
        try:
            return replace(self, **{name: ROWS[name].check(name, value, self, available)})
        except (ValueError, TypeError, OverflowError) as error:
            raise TraitError(str(error)) from error

    def apply(self, changes: Mapping[str, Any], available: Available) -> tuple[Controls, dict[str, Exception]]:
        """One move: some controls are given values, and what that implies for others happens where they are not given any.

        What is chosen wins over what is implied or remembered, where it is as it was too. A value that does not fit its
        control is refused, and returned with the reason; the others move.
        """
        now, refused = self, {}
        for name, row in ROWS.items():
            if name not in changes:
                continue
            try:
                moved = now.at(name, changes[name], available)
            except Exception as error:  # RecursionError and the like, of a page that is hostile
                refused[name] = error
                continue
            if row.implies and getattr(moved, name) != getattr(now, name):
                moved = row.implies(moved, now, available)
            now = moved
        return now, refused

    def moved_since(self, before: Controls) -> list[str]:
        """The controls that stand elsewhere than before."""
        pairs = ((name, getattr(self, name), getattr(before, name)) for name in ROWS)
        return [name for name, value, old in pairs if value is not old and not _same(value, old)]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return np.array_equal(one, other)
    return bool(one == other)


ROWS: dict[str, Control] = {each.name: each.metadata["control"] for each in fields(Controls) if each.metadata}
DEFAULTS: dict[str, Any] = {name: getattr(Controls(), name) for name in ROWS}
# Decide the answer; what is covered; and how it looks.
QUESTION = tuple(name for name, row in ROWS.items() if row.decides == "answer")
TEST = tuple(name for name, row in ROWS.items() if row.decides == "test")
LOOK = tuple(name for name, row in ROWS.items() if row.decides == "look")


def first_method(network: Network) -> str:
    """Grad-CAM, or saliency for a model without feature maps."""
    # Here, because it imports TensorFlow: whoever has a network has paid for that already.
    from salwidget.attribution import method_of

    return "saliency" if method_of("grad_cam").refusal(network, network.output, network.inputs[0]) else "grad_cam"
