"""How many images go through a model at once."""

from __future__ import annotations

import math

import numpy as np

from salwidget.engine.network import Network

# Bytes that the feature maps of one step may take: VGG16's Score-CAM then peaks at 313 MB above the model.
MEMORY = 2**29
# Images per step of a large network; partial answers and Stop wait for a step. MobileNetV2 at 224 x 224 on two cores:
# 17 ms per gradient in batches of 4, 14 ms in batches of 8 to 20, and 10 divides the common sample counts; 196 scores take
# 1320 ms in batches of 8, 1277 of 16, 1128 of 32.
FEW, FEW_SCORES = 10, 32
# Of a small network as many as keep their feature maps below this many bytes: there the call costs more than the images.
# The shipped digits, 32 x 32: SmoothGrad over 64 samples takes 45 ms in batches of 8, 22 ms in one of 64; 128 is no better.
LIGHT = 2**25
MOST, MOST_SCORES = 64, 256


def batch_size(network: Network, shape: tuple[int, ...], gradient: bool) -> int:
    """How many images (H, W, C) to pass at once: up to 10 for gradients and 32 for scores, for a small network 64 and 256.

    A gradient holds what its backward pass needs, about half of the feature maps (measured with 8 images: 30 MB per image
    for MobileNetV2, 48 for ResNet50, 19 for VGG16); a forward pass frees each, and holds a few of the largest (a
    convolution's input, output, and the columns between them). A model built for one image at a time gets one.
    """
    if network.one_by_one:
        return 1
    bytes_of = [4 * math.prod(_filled(layer.shape, shape[:-1])) for layer in network.layers]
    each = sum(bytes_of) / 2 if gradient else 4 * max(bytes_of)
    few, most = (FEW, MOST) if gradient else (FEW_SCORES, MOST_SCORES)
    light = min(max(LIGHT // max(each, 1), few), most)
    return int(np.clip(MEMORY // max(each, 1), 1, light))


def _filled(shape: tuple[int | None, ...], size: tuple[int, ...]) -> list[int]:
    """A shape with the image's longest side for each open size, which is the most that it can be."""
    longest = max(size, default=1)
    return [longest if one is None else one for one in shape]
