"""Losses over the image itself, to keep it natural."""

from __future__ import annotations

import math

import tensorflow as tf

from salwidget.dreams.regularizers import lp_norm, total_variation
from salwidget.tensors import Tensor
from salwidget.vis.losses import Loss
from salwidget.vis.symbolic import WhichInput


def normalize(input_tensor: Tensor, output_tensor: Tensor) -> Tensor:
    """``output_tensor`` divided by the number of values in one image of ``input_tensor`` (N, ...).

    The weight of a regularizer then means the same for small and large images.
    """
    shape = tuple(input_tensor.shape)[1:]
    count = math.prod(shape) if None not in shape else tf.reduce_prod(tf.shape(input_tensor)[1:])
    return output_tensor / (float(count) if isinstance(count, int) else tf.cast(count, output_tensor.dtype))


class TotalVariation(Loss):
    """Sum over pixels of (sum over axes of the squared difference to the next pixel) ^ (beta / 2), normalized.

    Mahendran and Vedaldi 2014, "Understanding deep image representations by inverting them", section 2. For a vector it is 0.

    Parameters
    ----------
    img_input
        Of several inputs one, by index, name or tensor. ``None``: the one that is optimized.
    beta
        Above 0; 2 penalizes edges, 1 tolerates them.
    """

    def __init__(self, img_input: WhichInput = None, beta: float = 2.0) -> None:
        if not beta > 0:
            raise ValueError(f"beta={beta} is out of range; use a number above 0.")
        self.img = img_input
        self.beta = beta
        self.name = f"TV({beta}) Loss"

    def build_loss(self) -> Tensor:
        image = self.image(self.img)
        if image.shape.rank < 3:  # a vector's values are no neighbours
            return 0 * tf.reduce_sum(image, axis=-1)
        return normalize(image, total_variation(image, self.beta))


class LPNorm(Loss):
    """(Sum of abs(x)^p) ^ (1/p) over an image, normalized; for p = inf the largest absolute value.

    Simonyan, Vedaldi and Zisserman 2013, "Deep inside convolutional networks", section 2, with p = 2.

    Parameters
    ----------
    img_input
        Of several inputs one, by tensor, name or index (a bare number is ``p``, as in ``LPNorm(2)``). ``None``: the one that
        is optimized.
    p
        From 1 to infinity.
    """

    def __init__(self, img_input: WhichInput | float = None, p: float = 6.0) -> None:
        if isinstance(img_input, (int, float)):
            p, img_input = img_input, None
        if not p >= 1:
            raise ValueError(f"p={p} is out of range; use a number from 1 to infinity.")
        self.img = img_input
        self.p = p
        self.name = f"L-{p} Norm Loss"

    def build_loss(self) -> Tensor:
        image = self.image(self.img)
        return normalize(image, lp_norm(image, self.p))
