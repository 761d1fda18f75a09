"""Opening a saved model, with one sentence where Keras has a page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

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
        When there is no such file, or Keras 3 cannot read it: what to do then.
    """
    name = Path(path).name
    if not Path(path).exists():
        raise ValueError(f"There is no file {str(path)!r}.")
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
