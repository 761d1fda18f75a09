"""Batch normalisation folded into the convolution before it, inside a traced graph.

At inference both are linear: gamma (conv(x) - mean) / sqrt(variance + e) + beta is one convolution with scaled kernels and
another bias. Kernels are scaled in the graph, from the variables, so training further is followed, and the model itself is
not touched. A pass costs about two thirds: TensorFlow's normalisation is three steps through memory for each feature map.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from salwidget.backprop import again

CONVOLUTIONS = ("Conv2D", "DepthwiseConv2dNative")


def folded(layer: keras.Layer, inputs: Any, output: Any) -> Any:
    """The output of a batch normalisation as one convolution; ``output`` itself where that cannot be.

    Parameters
    ----------
    layer, inputs, output
        A layer as it was called while a graph is traced for inference, its input tensor and its output tensor.
    """
    if type(layer) is not keras.layers.BatchNormalization or layer.axis not in (-1, 3) or inputs.dtype != output.dtype:
        return output
    convolution, bias = inputs.op, 0.0
    if convolution.type == "BiasAdd":
        convolution, bias = convolution.inputs[0].op, convolution.inputs[1]
    if convolution.type not in CONVOLUTIONS or convolution.get_attr("data_format") != b"NHWC":
        return output
    image, kernel = convolution.inputs
    variance, mean = (tf.cast(each, kernel.dtype) for each in (layer.moving_variance, layer.moving_mean))
    scale = tf.math.rsqrt(variance + layer.epsilon)
    if layer.scale:
        scale *= tf.cast(layer.gamma, kernel.dtype)
    offset = (bias - mean) * scale
    if layer.center:
        offset += tf.cast(layer.beta, kernel.dtype)
    # A depthwise kernel is (h, w, channels, multiplier), and its outputs are channels x multiplier in this order.
    scaled = kernel * tf.reshape(scale, kernel.shape[2:] if convolution.type == "DepthwiseConv2dNative" else [-1])
    return tf.nn.bias_add(again(convolution, [image, scaled]).outputs[0], offset)
