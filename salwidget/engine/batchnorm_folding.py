"""Batch normalisation folded into the convolution before it, inside a traced graph.

At inference both are linear: gamma (conv(x) - mean) / sqrt(variance + e) + beta is one convolution with a scaled kernel and
another bias. A pass costs about two thirds as much: TensorFlow's normalisation takes three passes through memory for each
feature map, and as many backward. Kernels are scaled when weights have changed, not at each pass; the model is not touched.
They are fed like an image: 140 variables would cost 0.1 s of a first map, and numpy scales them in a quarter of the time of
operations called one by one.

The gradient of a convolution of stride 1 is a convolution with the flipped kernel, which is flipped in advance as well:
TensorFlow's own gradient does that at each pass, and takes a third longer where kernels are larger than feature maps.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from salwidget.engine.backprop import Handler, again
from salwidget.engine.weight_version import Weights
from salwidget.tensors import DType, Graph, Operation, Tensor

CONVOLUTIONS = ("Conv2D", "DepthwiseConv2dNative")
# What may lie between a variable and its use: mixed precision casts, Keras reshapes a bias.
_READS = ("ReadVariableOp", "Identity", "Cast", "Reshape", "Squeeze")

_NORMALISE = keras.layers.BatchNormalization.call


@dataclass(frozen=True)
class Fold:
    """A convolution with its own kernel and bias that replaces another one and the normalisation behind it.

    Attributes
    ----------
    replacement
        Its output, which the layers behind get.
    covered
        The model's tensors that it bypasses.
    own
        The placeholders of its kernel and bias and, where its stride is 1, of the flipped kernel.
    """

    replacement: Tensor
    covered: tuple[Tensor, ...]
    own: tuple[Tensor, ...]
    _layer: weakref.ref[keras.layers.BatchNormalization]
    _read: tuple[Tensor, ...]
    _shape: tuple[int, ...]

    @property
    def kernel_and_bias(self) -> tuple[Tensor, ...]:
        """Handles of the variables of the convolution that it replaces, as captured by the graph."""
        return tuple(map(_handle_behind, self._read))

    @property
    def statistics(self) -> list[tf.Variable]:
        """The variables of the normalisation: variance, mean and, where it has them, gamma and beta."""
        layer = self.layer
        learned = [layer.gamma] * layer.scale + [layer.beta] * layer.center
        return [each.value for each in (layer.moving_variance, layer.moving_mean, *learned)]

    def folded(self, convolution: Sequence[Tensor], statistics: Sequence[Tensor]) -> list[Tensor]:
        """Values for ``own``, from values of ``kernel_and_bias`` and ``statistics``, on the kernel's device."""
        kernel, *bias = (value.numpy() for value in convolution)
        # In float64: these are small beside the kernels, and rounding here would affect every pass.
        variance, mean, *learned = (value.numpy().astype(np.float64) for value in statistics)
        scale = 1 / np.sqrt(variance + self.layer.epsilon)
        if self.layer.scale:
            scale = scale * learned.pop(0)
        offset = ((bias[0].reshape(-1) if bias else 0) - mean) * scale
        if self.layer.center:
            offset = offset + learned.pop(0)
        # A user's own layer may keep its kernel in another shape.
        scaled = kernel.reshape(self.own[0].shape) * scale.reshape(self._shape).astype(
            np.promote_types(kernel.dtype, np.float32)
        )
        with tf.device(convolution[0].device):
            made = [
                tf.constant(value.astype(own.dtype.as_numpy_dtype, copy=False))
                for own, value in zip(self.own, (scaled, offset), strict=False)
            ]
            # TensorFlow does it on all cores.
            turned = [tf.transpose(tf.reverse(made[0], [0, 1]), [0, 1, 3, 2])] * (len(self.own) > 2)
        return [*made, *turned]

    @property
    def layer(self) -> keras.layers.BatchNormalization:
        layer = self._layer()
        assert layer is not None, "the network checks that the model lives"
        return layer

    def normalised(self) -> Tensor:
        """The normalisation itself, applied to the first of ``covered``; adds its operations to the graph."""
        return self.layer(self.covered[0], training=False)

    def handlers(self) -> dict[str, Handler]:
        """The gradients of its two operations, by name."""
        added = self.replacement.op
        back: dict[str, Handler] = {added.name: lambda op, gradient: [gradient, None]}
        if len(self.own) > 2:
            back[added.inputs[0].op.name] = lambda op, gradient: [tf.nn.conv2d(gradient, self.own[2], 1, "SAME"), None]
        return back


def fold(layer: keras.Layer, inputs: Tensor) -> Fold | None:
    """The batch normalisation of a convolution's output as one convolution; ``None`` where that cannot be.

    Parameters
    ----------
    layer, inputs
        A layer, and the tensor that it is called with while a graph is traced for inference.
    """
    if not _is_genuine(layer) or not layer.built or layer.axis not in (-1, 3):
        return None
    if inputs.dtype != layer.compute_dtype:
        return None
    convolution, read = inputs.op, []
    if convolution.type == "BiasAdd":
        read.append(convolution.inputs[1])
        convolution = convolution.inputs[0].op
    if convolution.type not in CONVOLUTIONS or convolution.get_attr("data_format") != b"NHWC":
        return None
    image, kernel = convolution.inputs
    read.insert(0, kernel)
    if None in map(_handle_behind, read) or not kernel.shape.is_fully_defined():
        return None
    # A depthwise kernel is (h, w, channels, multiplier), and its outputs are channels x multiplier in this order.
    shape = tuple(kernel.shape[2:]) if convolution.type == "DepthwiseConv2dNative" else (-1,)
    height, width, taken, made = kernel.shape
    shapes = [kernel.shape, inputs.shape[-1:], *[(height, width, made, taken)] * _turns(convolution)]
    own = tuple(tf.compat.v1.placeholder(kernel.dtype, each) for each in shapes)
    replacement = tf.nn.bias_add(again(convolution, [image, own[0]]).outputs[0], own[1])
    covered = (inputs, convolution.outputs[0])
    return Fold(replacement, covered, own, weakref.ref(layer), tuple(read), shape)


class Folds:
    """The folds of a graph, updated when weights have changed.

    Attributes
    ----------
    all, handlers
        The folds, and the gradients of their operations by name.
    fed
        The present values of all placeholders, by their names.
    version
        The version of the weights that were folded.
    """

    def __init__(self, graph: Graph, folds: Sequence[Fold]) -> None:
        self.all = folds
        self.handlers = {name: back for each in folds for name, back in each.handlers().items()}
        self.fed: dict[str, Tensor] = {}
        known = {id(inner): (outer, dtype) for outer, inner in graph.captures if (dtype := _dtype_of(inner))}
        # First what the graph has captured; a normalisation that was folded it has not.
        handles, index_of = list(known.values()), {inner: index for index, inner in enumerate(known)}
        # For each fold the indices of its convolution's variables and of its normalisation's.
        self._variables: list[tuple[list[int], range]] = []
        for each in folds:
            statistics = [(variable.handle, variable.dtype) for variable in each.statistics]
            of_statistics = range(len(handles), len(handles) + len(statistics))
            self._variables.append(([index_of[id(handle)] for handle in each.kernel_and_bias], of_statistics))
            handles += statistics
        self._weights = Weights(handles)
        self.version = 0
        self._lock = threading.Lock()
        self.refresh()

    def rename(self, version: int) -> None:
        """Give the weights an earlier version, which stood for the same values."""
        with self._lock:
            self._weights.rename(version)
            self.version = version

    def refresh(self) -> int:
        """Fold the weights as they are now; returns their version."""
        with self._lock:
            version = self._weights.version()
            if version != self.version:
                values = self._weights.values
                fed: dict[str, Tensor] = {}
                for each, indices in zip(self.all, self._variables, strict=True):
                    made = each.folded(*([values[index] for index in some] for some in indices))
                    fed.update(zip((own.name for own in each.own), made, strict=True))
                self.fed, self.version = fed, version
            return version


def _is_genuine(layer: keras.Layer) -> bool:
    """Whether a layer normalises as Keras does: nobody has replaced ``call`` on its class or on itself."""
    kind = keras.layers.BatchNormalization
    return type(layer) is kind and kind.call is _NORMALISE and "call" not in vars(layer)


def _turns(convolution: Operation) -> bool:
    """Whether a convolution's gradient is a convolution with the flipped kernel: the same padding on both sides."""
    steps = [*convolution.get_attr("strides"), *convolution.get_attr("dilations")]
    height, width = convolution.inputs[1].shape[:2]
    centred = convolution.get_attr("padding") == b"SAME" and height % 2 == width % 2 == 1
    return convolution.type == "Conv2D" and set(steps) == {1} and (centred or height == width == 1)


def _handle_behind(tensor: Tensor) -> Tensor | None:
    """The handle of the variable that a tensor is read from; ``None`` if it is computed from more than that."""
    op = tensor.op
    while op.type in _READS:
        if op.type == "ReadVariableOp":
            return op.inputs[0]
        if op.type == "Cast" and not (op.inputs[0].dtype.is_floating and op.outputs[0].dtype.is_floating):
            return None  # it rounds
        op = op.inputs[0].op
    return None


def _dtype_of(inner: Tensor) -> DType | None:
    """The type of a captured variable; ``None`` for other captures, such as tables and constants."""
    if inner.dtype != tf.resource or not (data := tf.__internal__.ops.get_resource_handle_data(inner)).is_set:
        return None
    return tf.dtypes.as_dtype(data.shape_and_type[0].dtype)
