"""Record which layers a model calls, without touching the model.

Keras 3 refuses ``Model(inputs, layer.output)`` for layers inside nested or subclassed models. Observing
``Layer.__call__`` while one forward pass is traced yields the output of every layer of every kind of model.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import keras

from salwidget.tensors import Nested, Tensor


@dataclass
class Call:
    """One call of one layer: what it returned, and the calls that it made itself.

    The layer is held weakly: a trace must not keep a model alive that its user dropped.
    """

    reference: weakref.ref[keras.Layer]
    output: Nested | None = None
    inner: list[Call] = field(default_factory=list)

    @property
    def layer(self) -> keras.Layer:
        layer = self.reference()
        assert layer is not None, "the network checks that the model lives before it asks for a layer"
        return layer


# From a layer and its input to a tensor that replaces its output, or None to call the layer as usual.
Replace = Callable[[keras.Layer, Nested], "Tensor | None"]

_open_call: ContextVar[Call | None] = ContextVar("salwidget_open_call", default=None)
_replace: ContextVar[Replace | None] = ContextVar("salwidget_replace", default=None)
_observers = 0
_lock = Lock()


@contextmanager
def observed(root: Call, replace: Replace | None = None) -> Iterator[Call]:
    """Record every layer call of this thread below ``root`` until the block ends.

    ``replace`` may give the output of a layer, which is then not called.

    ``Layer.__call__`` is wrapped only while some thread observes, and calls of other threads pass straight through.
    """
    global _observers
    with _lock:
        if _observers == 0:
            keras.Layer.__call__ = _recording(keras.Layer.__call__)
        _observers += 1
    token, replacing = _open_call.set(root), _replace.set(replace)
    try:
        yield root
    finally:
        _open_call.reset(token)
        _replace.reset(replacing)
        with _lock:
            _observers -= 1
            if _observers == 0:
                keras.Layer.__call__ = keras.Layer.__call__.__wrapped__


def _recording(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def __call__(layer: keras.Layer, *args: Any, **kwargs: Any) -> Any:
        parent = _open_call.get()
        if parent is None:
            return original(layer, *args, **kwargs)
        call = Call(weakref.ref(layer))
        token = _open_call.set(call)
        try:
            replace = _replace.get()
            replacement = replace(layer, args[0]) if replace and len(args) == 1 and not kwargs.get("training") else None
            call.output = original(layer, *args, **kwargs) if replacement is None else replacement
        finally:
            _open_call.reset(token)
        parent.inner.append(call)
        return call.output

    return __call__
