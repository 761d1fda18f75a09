"""Loading a saved model, with one-sentence errors."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import keras


def load_model(path: str | os.PathLike[str], **options: Any) -> keras.Model:
    """``keras.models.load_model`` without compiling, and never with code from the file.

    Parameters
    ----------
    path
        A ``.keras`` file, or an ``.h5`` file that Keras 3 can read.
    **options
        Passed on, e.g. ``custom_objects``.

    Raises
    ------
    ValueError
        When there is no such file, it contains code (a ``Lambda`` layer), or Keras 3 cannot read it; says what to do.
    """
    name = Path(path).name
    if not Path(path).exists():
        raise ValueError(f"There is no file {str(path)!r}.")
    if any(_holds_code(part) for part in _parts(_config(path))):
        raise ValueError(
            f"{name} holds code (a Lambda layer), which would run here; build the model in code and load its weights, "
            "or, where you trust the file, pass keras.models.load_model(..., safe_mode=False)."
        )
    try:
        return keras.models.load_model(path, compile=False, safe_mode=True, **options)
    except Exception as error:  # each broken or old file raises another type
        if Path(path).suffix in (".h5", ".hdf5"):
            raise ValueError(
                f"{name} was saved by an older Keras in a form that Keras 3 cannot read; "
                "load it where it was made and save it as .keras, or build the model in code and load its weights."
            ) from error
        raise ValueError(
            f"{name} is not a model that Keras 3 can load ({type(error).__name__}); "
            "if it has layers of your own, load it with keras.models.load_model(..., custom_objects=...)."
        ) from error


def _config(path: str | os.PathLike[str]) -> Any:
    """The configuration of the model in a file; ``None`` if it has none, which Keras will report.

    Keras before 3.11.3 runs code that it finds in an ``.h5`` file, even with ``safe_mode``.
    """
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as file:
                return json.loads(file.read("config.json"))
        with h5py.File(path, "r") as file:
            return json.loads(file.attrs["model_config"])
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile):
        return None


def _parts(config: Any) -> Iterator[dict[str, Any]]:
    """All dicts in a configuration, at any depth."""
    waiting = [config]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


def _holds_code(part: dict[str, Any]) -> bool:
    """Whether it holds a serialized function, as Keras 3 writes it or as Keras 2 did."""
    return part.get("class_name") == "__lambda__" or "lambda" in (part.get("function_type"), part.get("output_shape_type"))
