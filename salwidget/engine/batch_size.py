"""How many images go through a model at once."""

from __future__ import annotations

import math

import numpy as np

from salwidget.engine.network import Network

# Bytes that the feature maps of one step may take: VGG16's Score-CAM then peaks 313 MB above the model.
MEMORY = 2**29
# Images of a step, which partial answers and Stop wait for, of a large network. MobileNetV2 at 224 x 224 on two cores:
# 17 ms per gradient in batches of 4, 14 ms in batches of 8 to 20, and 10 divides the common sample counts; 196 scores take
# 1320 ms in batches of 8, 1277 of 16, 1128 of 32.
FEW, FEW_SCORES = 10, 32
# Of a small one, as many as long as their feature maps stay under so many bytes: the call costs more than the images then.
# The shipped digits, 32 x 32: SmoothGrad over 64 takes 45 ms by 8 and 22 by 64; 128 are no better.
LIGHT = 2**25
MOST, MOST_SCORES = 64, 256


def batch_size(network: Network, shape: tuple[int, ...], gradient: bool) -> int:
    """Images (H, W, C) for each step: 1 to 10 gradients, 1 to 32 scores, of a small network up to 64 and 256.

    A gradient keeps what its way back needs, about half of the feature maps (measured at 8 images: 30 MB an image for
    MobileNetV2, 48 for ResNet50, 19 for VGG16); a forward pass lets go of each, and holds a few of the largest (a
    convolution's input, output, and the columns between them). A model that is built for a batch of one gets one.
    """
    if network.one_by_one:
        return 1
    bytes_of = [4 * math.prod(_filled(layer.shape, shape[:-1])) for layer in network.layers]
    each = sum(bytes_of) / 2 if gradient else 4 * max(bytes_of)
    few, most = (FEW, MOST) if gradient else (FEW_SCORES, MOST_SCORES)
    light = min(max(LIGHT // max(each, 1), few), most)
    return int(np.clip(MEMORY // max(each, 1), 1, light))


def _filled(shape: tuple[int | None, ...], size: tuple[int, ...]) -> list[int]:
    """A shape with the image's own size where it is open, which is the most that it can be."""
    longest = max(size, default=1)
    return [longest if one is None else one for one in shape]
