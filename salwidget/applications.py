"""The preprocessing that a model expects, by its name in ``keras.applications`` or by its first layers."""

from __future__ import annotations

import importlib

import keras

from salwidget.engine.network import Network
from salwidget.images import Preprocess

# Beginning of a model's name -> module with its preprocess_input. Longer beginnings come first.
_MODULES = (
    ("efficientnetv2", "efficientnet_v2"),
    ("efficientnet", "efficientnet"),
    ("inception_resnet_v2", "inception_resnet_v2"),
    ("inception_v3", "inception_v3"),
    ("mobilenetv2", "mobilenet_v2"),
    ("mobilenet_", "mobilenet"),
    ("MobileNetV3", "mobilenet_v3"),
    ("resnet50v2", "resnet_v2"),
    ("resnet101v2", "resnet_v2"),
    ("resnet152v2", "resnet_v2"),
    ("resnet50", "resnet"),
    ("resnet101", "resnet"),
    ("resnet152", "resnet"),
    ("convnext", "convnext"),
    ("densenet", "densenet"),
    ("xception", "xception"),
    ("nasnet", "nasnet"),
    ("vgg16", "vgg16"),
    ("vgg19", "vgg19"),
)


def preprocess_of(model_name: str) -> tuple[Preprocess, str] | None:
    """``preprocess_input`` and its dotted name for a model of ``keras.applications``; None for any other name."""
    for beginning, module in _MODULES:
        if model_name.startswith(beginning):
            dotted = f"keras.applications.{module}"
            return importlib.import_module(dotted).preprocess_input, f"{dotted}.preprocess_input"
    return None


def scales_itself(network: Network) -> bool:
    """Whether the model scales its input itself."""
    scaling = (keras.layers.Rescaling, keras.layers.Normalization, keras.layers.BatchNormalization)
    return any(isinstance(network.keras_layer(layer), scaling) for layer in network.layers[:4])
