"""The least time that a machine could take: operations and bytes of a model beside its measured matmul and copy rates."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from benchmarks.engine import ask
from benchmarks.figures import Figure
from benchmarks.measuring import in_turn, timed
from benchmarks.models import RANGES, asked, forward, forward_and_gradient, logit_of

MATMUL, COPY = "matmul rate", "copy rate"
FLOPS, BYTES = "operations", "bytes moved"
FORWARD, BOTH, SALIENCY = "forward", "forward + gradient", "saliency, forward + gradient"
SQUARE = 4096
COPIED = 2**29


@dataclass(frozen=True)
class Work:
    """Of one pass: floating-point operations (an addition and a multiplication are two), bytes read and written."""

    operations: float = 0
    bytes: float = 0

    def __add__(self, other: Work) -> Work:
        return Work(self.operations + other.operations, self.bytes + other.bytes)


def figures(seconds: float) -> Iterator[Figure]:
    """The machine's two rates, then for each model its work, and times of ours and the floor in turn."""
    yield Figure(MATMUL, matmul_rates(seconds), "GFLOP/s", model="")
    yield Figure(COPY, copy_rates(seconds), "GB/s", model="")
    for name in RANGES:
        made = asked(name)
        ours = ask(made, "saliency")
        ours()
        one = made.images.few[:1]
        calls = {FORWARD: forward(made.model, one), BOTH: forward_and_gradient(made.model, one), "saliency": ours}
        times = in_turn(calls, seconds)
        for what, gradient in ((FORWARD, False), (BOTH, True)):
            work = work_of(made.model, gradient)
            yield Figure(f"{FLOPS}, {what}", [work.operations / 1e9], "GFLOP", model=name)
            yield Figure(f"{BYTES}, {what}", [work.bytes / 1e6], "MB", model=name)
            yield Figure(f"compiled, {what}", times[what], model=name)
        yield Figure(SALIENCY, times["saliency"], model=name)


def matmul_rates(seconds: float) -> list[float]:
    """GFLOP/s of a product of two large square float32 matrices."""
    a, b = (tf.random.stateless_normal((SQUARE, SQUARE), (0, seed)) for seed in (1, 2))
    product = tf.function(lambda: tf.matmul(a, b))
    product()
    times = in_turn({"product": lambda: product().numpy()[0, 0]}, seconds)["product"]
    return [2 * SQUARE**3 / each / 1e9 for each in times]


def copy_rates(seconds: float) -> list[float]:
    """GB/s read and written, together, in a copy of half a GB by as many threads as there are cores."""
    cores = len(os.sched_getaffinity(0))
    source, target = np.ones(COPIED // 4, np.float32), np.ones(COPIED // 4, np.float32)
    parts = list(zip(np.array_split(target, cores), np.array_split(source, cores), strict=True))
    with ThreadPoolExecutor(cores) as pool:
        copy = lambda: list(pool.map(lambda part: np.copyto(*part), parts))  # noqa: E731
        timed(copy)
        times = in_turn({"copy": copy}, seconds)["copy"]
    return [2 * COPIED / each / 1e9 for each in times]


def work_of(model: keras.Model, gradient: bool) -> Work:
    """What the convolutions and matrix products of one image's pass have to do.

    Bytes are what each of them reads and writes: weights, feature maps, gradients. All that stands between them (rectifiers,
    normalisations, sums) could be done on the way and counts as nothing.
    """
    logit = logit_of(model)

    @tf.function
    def run(x: tf.Tensor, index: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = logit(x, index)
        return [score, tape.gradient(score, x)] if gradient else [score]

    graph = run.get_concrete_function(tf.TensorSpec((1, *model.input_shape[1:])), tf.TensorSpec((), tf.int32)).graph
    return sum(map(work_of_operation, needed(graph.outputs)), Work())


def needed(tensors: list[Any]) -> set[Any]:
    """The operations that tensors are computed with: a tape also records gradients of weights, which nobody asks for."""
    found, todo = set(), [tensor.op for tensor in tensors]
    while todo:
        operation = todo.pop()
        if operation not in found:
            found.add(operation)
            todo += [tensor.op for tensor in operation.inputs]
    return found


def work_of_operation(operation: Any) -> Work:
    """Two operations for each output value and each weight that goes into it; a gradient's are those of its convolution."""
    kind = operation.type
    if kind in ("Conv2D", "DepthwiseConv2dNative"):
        image, kernel = operation.inputs
        out, read = operation.outputs[0], [image, kernel]
    elif kind in ("Conv2DBackpropInput", "DepthwiseConv2dNativeBackpropInput"):
        _, kernel, out = operation.inputs  # of the forward convolution, whose output has this gradient
        read = [kernel, operation.outputs[0]]
    elif kind == "MatMul":
        read, out = list(operation.inputs), operation.outputs[0]
        inner = read[0].shape[0 if operation.get_attr("transpose_a") else 1]
        return Work(2 * _size(out) * inner, 4 * sum(map(_size, [*read, out])))
    else:
        return Work()
    height, width, channels = kernel.shape[:3]
    each = height * width * (1 if kind.startswith("Depthwise") else channels)
    return Work(2 * _size(out) * each, 4 * sum(map(_size, [*read, out])))


def _size(tensor: Any) -> int:
    return math.prod(tensor.shape)
