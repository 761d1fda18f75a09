"""A model's layers and settings, and whether they have changed since it was traced.

A trace holds for the layers, variables, dtype policies and settings that a model had: after ``model.pop()``, ``enable_lora``,
``quantize``, another activation or a replaced layer it is the trace of another model. Keras does not report such changes, so
each question checks for one first. Settings that only concern training do not count.
"""

from __future__ import annotations

import functools
import operator
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from types import CodeType, FunctionType
from typing import NamedTuple

import keras

# By the layer's address and the attribute's name: plain values themselves, other objects by their addresses.
Settings = dict[tuple[int, str], object]
Getter = Callable[[dict[str, object]], tuple[object, ...]]

_PLAIN = (type(None), bool, int, float, complex, str, bytes)
# Attributes that only concern training.
_OF_TRAINING = ("_initializer", "_regularizer", "_constraint")
# Of the attributes that Keras itself sets these affect an output.
_DECIDING = frozenset({"name", "_layers", "_dtype_policy"})


class _Known(NamedTuple):
    """A layer as it was, in the form that is quickest to compare: most have no ``others`` and no ``containers``.

    ``values`` are held themselves: plain ones, variables and functions, which cannot lead back to the model. Everything else is
    known by its address.
    """

    layer: weakref.ref[keras.Layer]
    kind: int
    size: int
    stored: Getter
    values: tuple[object, ...]
    others: Getter | None
    addresses: tuple[int, ...]
    containers: Sequence[tuple[str, object]]


class Architecture:
    """The layers of a model and their settings; nothing in it keeps the model alive.

    A change inside an array or another object that a layer holds is not noticed: use variables for values that change.

    Parameters
    ----------
    model
        Any Keras model that has just been called.
    called
        The layers that this call reached: some may be hidden where Keras does not track them.
    before
        Its settings before that call. What the call itself writes (a counter, the last output) is no setting.
    """

    def __init__(self, model: keras.Model, called: Iterable[keras.Layer], before: Settings) -> None:
        self._model = weakref.ref(model)
        tracked = {id(layer): layer for layer in model._flatten_layers()}
        hidden = {id(layer): layer for layer in called if id(layer) not in tracked}
        self._hidden = [weakref.ref(layer) for layer in hidden.values()]
        layers = [*tracked.values(), *hidden.values()]
        now = settings_of(layers)
        self._written = {key for key, value in before.items() if now.get(key, value) != value}
        self._settings = self._of_now(layers)
        # Objects that have died since: others may lie at their addresses.
        self._gone: list[object] = []
        self._lived = [*_references(layers, self._settings, self._gone.append)]
        self._known = [self._know(layer) for layer in layers]
        self._code = _code_of({type(layer) for layer in layers})

    def is_current(self) -> bool:
        """Whether the model still has these layers and settings. Takes half a microsecond per layer."""
        model = self._model()
        if model is None or self._gone or any(_body(kind(), name) is not code for kind, name, code in self._code):
            return False
        if _are_as_known(self._known):
            return True
        # Keras may only have set attributes of its own.
        layers = [*model._flatten_layers(), *(layer for reference in self._hidden if (layer := reference()) is not None)]
        kinds = {id(layer): type(layer) for layer in layers}
        now = self._of_now(layers)
        # Nothing reads an attribute that was not there before, unless it hides one of the class: a replaced method.
        new = now.keys() - self._settings.keys()
        if any(hasattr(kinds[address], name) for address, name in new):
            return False
        if any(now.get(key, self) != value for key, value in self._settings.items()):
            return False
        self._known = [self._know(layer) for layer in layers]
        return True

    def _of_now(self, layers: Sequence[keras.Layer]) -> Settings:
        return {key: value for key, value in settings_of(layers).items() if key not in self._written}

    def _know(self, layer: keras.Layer) -> _Known:
        attributes = dict(vars(layer))
        names = [name for name in _names(layer, attributes) if (id(layer), name) not in self._written]
        stored = [name for name in names if _is_plain(attributes[name]) or _leads_nowhere(attributes[name])]
        containers = [name for name in names if name not in stored and isinstance(attributes[name], (list, tuple, dict))]
        others = [name for name in names if name not in stored and name not in containers]
        values = tuple(_copy(attributes[name]) for name in stored)
        addresses = tuple(id(attributes[name]) for name in others)
        marks = [(name, _mark(attributes[name])) for name in containers]
        others_of = _of(others) if others else None
        return _Known(weakref.ref(layer), id(type(layer)), len(attributes), _of(stored), values, others_of, addresses, marks)


def settings_of(layers: Iterable[keras.Layer]) -> Settings:
    """All settings of layers, and their types."""
    found: Settings = {}
    for layer in layers:
        attributes = dict(vars(layer))  # another thread may write to it
        found[id(layer), "type"] = id(type(layer))
        found |= {(id(layer), name): _mark(attributes[name]) for name in _names(layer, attributes)}
    return found


def _are_as_known(layers: Sequence[_Known]) -> bool:
    try:
        for reference, kind, size, stored, values, others, addresses, containers in layers:
            layer = reference()
            attributes = layer.__dict__
            if id(type(layer)) != kind or len(attributes) != size or stored(attributes) != values:
                return False
            if others is not None and tuple(map(id, others(attributes))) != addresses:
                return False
            if containers and any(_mark(attributes[name]) != mark for name, mark in containers):
                return False
    except Exception:  # it is gone, lacks the attribute now, or has another kind of value, which compares in its own way
        return False
    return True


def _names(layer: keras.Layer, attributes: dict[str, object]) -> list[str]:
    # At inference ``trainable`` makes no difference to Keras' own layers.
    reads = any("trainable" in body.co_names for _, _, body in _own_code(type(layer)))
    notes = _notes() - {"_trainable"} if reads else _notes()
    return [
        name for name in attributes if name not in notes and not name.startswith("_self_") and not name.endswith(_OF_TRAINING)
    ]


@functools.cache
def _notes() -> frozenset[str]:
    """The attributes that Keras itself sets on any layer or model, compiled and trained; named, which spares its counters."""
    entry = keras.Input((1,), name="salwidget")
    models = keras.Model(entry, entry, name="salwidget"), keras.Sequential([entry], name="salwidget")
    for model in models:
        model.compile()
    later = ("history", "stop_training", "stop_evaluating", "stop_predicting", "_eval_epoch_iterator")
    attributes = set(later).union(*map(vars, (keras.Layer(name="salwidget"), *models)))
    return frozenset(attributes - _DECIDING)


def _is_plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    return isinstance(value, _PLAIN) or (isinstance(value, (list, tuple)) and all(map(_is_plain, value)))


def _mark(value: object) -> object:
    """A plain value itself, of any other the address; for containers the same for their contents."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, dict):
        return tuple(value), tuple(map(_mark, value.values()))
    return tuple(map(_mark, value)) if isinstance(value, (list, tuple)) else id(value)


def _leads_nowhere(value: object) -> bool:
    """Whether a value refers to nothing that could refer to the model, so that it may be held."""
    if isinstance(value, FunctionType):
        return value.__closure__ is None and value.__defaults__ is None and value.__kwdefaults__ is None
    if isinstance(value, keras.Variable):
        return value.regularizer is None and value.constraint is None
    return type(value) is keras.DTypePolicy


def _copy(value: object) -> object:
    if isinstance(value, dict):
        return {key: _copy(each) for key, each in value.items()}
    return list(map(_copy, value)) if isinstance(value, list) else value


def _of(names: Sequence[str]) -> Getter:
    """The values of several attributes as a tuple."""
    if len(names) > 1:
        return operator.itemgetter(*names)
    return lambda attributes: tuple(attributes[name] for name in names)


def _references(
    layers: Sequence[keras.Layer], settings: Settings, gone: Callable[[object], None]
) -> Iterator[weakref.ref[object]]:
    """Weak references to everything that is known by its address, where Python allows them; each calls ``gone`` at its end."""
    values = {id(layer): layer for layer in layers}
    for layer in layers:
        for name, value in dict(vars(layer)).items():
            if (id(layer), name) in settings:
                values |= {id(each): each for each in _parts(value)}
    for value in values.values():
        with suppress(TypeError):
            yield weakref.ref(value, gone)


def _parts(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for each in value:
            yield from _parts(each)
    elif not isinstance(value, _PLAIN):
        yield value


def _code_of(kinds: Iterable[type]) -> list[tuple[weakref.ref[type], str, object]]:
    """The code of the layers' methods: of users' own classes, which an edited cell or file replaces, and ``call`` of all."""
    found = {(kind, "call"): _body(kind, "call") for kind in kinds}
    found |= {(owner, name): body for kind in kinds for owner, name, body in _own_code(kind)}
    return [(weakref.ref(kind), name, body) for (kind, name), body in found.items()]


def _own_code(kind: type) -> Iterator[tuple[type, str, CodeType]]:
    """The methods of a class and its bases that are not Keras'."""
    for owner in kind.__mro__:
        if not _is_keras(owner):
            yield from ((owner, name, each.__code__) for name, each in vars(owner).items() if isinstance(each, FunctionType))


def _is_keras(kind: type) -> bool:
    return kind.__module__.partition(".")[0] in ("keras", "tensorflow", "builtins")


def _body(kind: type | None, name: str) -> object:
    function = getattr(kind, name, None)
    return getattr(function, "__code__", function)
