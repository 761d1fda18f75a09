"""Errors for anything that is not a Keras 3 model on TensorFlow, with what to do."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

# Modules of Keras 2: the package tf_keras, and its copies in TensorFlow and Keras.
KERAS_2 = ("tf_keras.", "tensorflow.python.keras.", "keras.engine.", "keras.src.engine.")


def require_tensorflow_backend() -> None:
    """Refuse to go on unless Keras' backend, loaded or configured, is TensorFlow.

    Raises
    ------
    ImportError
        Before Keras imports what may not be installed, or a model fails somewhere inside.
    """
    config: Any = getattr(sys.modules.get("keras"), "config", None)
    name = config.backend() if config else os.environ.get("KERAS_BACKEND") or _in_keras_json()
    if name not in ("", "tensorflow"):
        raise ImportError(
            f"salwidget needs Keras with TensorFlow, but its backend is {name!r}: set KERAS_BACKEND=tensorflow (or the backend "
            "in keras.json) before Keras is imported, and restart the kernel."
        )


def _in_keras_json() -> str:
    try:
        home = os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras")
        return str(json.loads(Path(home, "keras.json").read_text()).get("backend", ""))
    except (OSError, ValueError, AttributeError):  # Keras itself goes on without a file that it cannot read
        return ""


def require_keras_model(value: object) -> None:
    """Refuse anything but a Keras model, and to open one inside a graph."""
    import keras  # not above: this module is imported first, and before TensorFlow
    import tensorflow as tf

    require_tensorflow_backend()
    if not isinstance(value, keras.Model):
        raise TypeError(why_no_model(value))
    if not tf.executing_eagerly():
        raise ValueError(
            "A model cannot be opened while a graph is built: ask outside of tf.function, tf.Graph and Dataset.map."
        )


def why_no_model(value: object) -> str:
    """Why ``value``, which is no ``keras.Model``, cannot be opened."""
    kinds = type(value).__mro__
    if any(f"{kind.__module__}.".startswith(KERAS_2) for kind in kinds):
        return (
            f"{type(value).__name__} is a model of Keras 2 (tf_keras, or tf.keras under TF_USE_LEGACY_KERAS): build the same "
            "one with Keras 3, and give it the weights by new.set_weights(old.get_weights())."
        )
    what = f"the class {value.__name__} itself" if isinstance(value, type) else type(value).__name__
    return f"A Keras model is needed, not {what}; load one with keras.models.load_model, or build it with keras.Model."
