"""keras-vis's backend functions: a backprop rule for a model, and random seeds."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any, TypeAlias

import keras
import numpy as np

from salwidget.engine.backprop import rule_of
from salwidget.query import Modifier

_generator = np.random.default_rng()


@dataclass(frozen=True, eq=False)
class ModifiedModel:
    """A model together with the rule by which its rectifiers pass gradients back.

    It can be used for the model wherever ``salwidget.vis`` takes one, and its ``input`` and ``inputs`` wherever an input
    tensor is taken (of several inputs ``wrt_tensor`` names one). The model itself is not touched; all other attributes are
    the model's.
    """

    model: keras.Model
    backprop_modifier: Modifier

    @property
    def input(self) -> ModifiedModel:
        return self

    @property
    def inputs(self) -> list[ModifiedModel]:
        return [self]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # copy and pickle ask before the fields exist
            raise AttributeError(name)
        return getattr(self.model, name)


Model: TypeAlias = keras.Model | ModifiedModel


def modify_model_backprop(model: Model, backprop_modifier: Modifier) -> ModifiedModel:
    """A model whose gradients follow a backprop rule, for the functions of ``salwidget.vis``.

    Parameters
    ----------
    model
        A Keras model of any kind; it is neither patched nor copied.
    backprop_modifier
        ``"guided"``, ``"rectified"`` (``"relu"``, ``"deconv"``), or ``(op inputs, op outputs, gradient) -> gradient``; or
        a function from model to model, such as ``backprop_modifiers.guided``.

    Raises
    ------
    ValueError
        For an unknown rule, or a model that has one already.
    """
    if _takes_a_model(backprop_modifier):
        modified: ModifiedModel = backprop_modifier(model)  # type: ignore[misc, operator]
        return modified
    if isinstance(model, ModifiedModel):
        raise ValueError(
            f"This model carries backprop_modifier {model.backprop_modifier!r} already; give one rule, in one place only."
        )
    rule_of(backprop_modifier)
    return ModifiedModel(model, backprop_modifier)


def _takes_a_model(modifier: Modifier) -> bool:
    """Whether a callable takes one argument, the model; a rule takes three."""
    if not callable(modifier):
        return False
    try:
        parameters = inspect.signature(modifier).parameters.values()
    except ValueError:  # some builtins have none
        return False
    free = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD
    return [each.kind in free for each in parameters if each.default is each.empty] == [True]


def set_random_seed(seed_value: int = 1337) -> None:
    """Seed the random numbers of Python, numpy, the backend and ``salwidget.vis``."""
    global _generator
    keras.utils.set_random_seed(seed_value)
    _generator = np.random.default_rng(seed_value)


def generator(seed: int | None = None) -> np.random.Generator:
    """A new generator for a seed; without one, the generator that ``set_random_seed`` seeded."""
    return _generator if seed is None else np.random.default_rng(seed)
