"""The rules of layer-wise relevance propagation for one operation: from R_out to R_in.

The gradient of an operation z = J x that is linear in the image is J^T; a rule only weighs what goes into it and what comes
out of it. x is the input that depends on the image, w are the others.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable

import tensorflow as tf

from salwidget.engine.backprop import WEIGHTED, Handler, again, own_gradient
from salwidget.tensors import Graph, Operation, Tensor

BIASING = ("BiasAdd", "Add", "AddV2")
_IN_BETWEEN = ("Reshape", "Squeeze", "Identity")


def epsilon(size: float, images: int = 1) -> Handler:
    """R_in = x J^T (R / (z + e sign z)), with e in units of the root mean square of z; a bias keeps its part.

    With several ``images`` in the batch, the root mean square is that of the first.
    """

    def handler(op: Operation, relevance: Tensor, *others: Tensor) -> list[Tensor | None]:
        z = op.outputs[0]
        own = z[: tf.shape(z)[0] // images] if images > 1 else z
        stable = z + size * rms(own) * tf.sign(z) if size else z
        back = own_gradient(op, tf.math.divide_no_nan(relevance, stable), *others)
        return [None if part is None else x * part for x, part in zip(op.inputs, back, strict=True)]

    return handler


def rms(z: Tensor) -> Tensor:
    """Root mean square, also of values whose squares float32 does not hold."""
    largest = tf.reduce_max(tf.abs(z))
    return largest * tf.sqrt(tf.reduce_mean(tf.square(tf.math.divide_no_nan(z, largest))))


def z_plus(op: Operation, relevance: Tensor) -> list[Tensor | None]:
    """R_in = x+ W+^T s + x- W-^T s with s = R / (x+ W+ + x- W-): only what pushes z up takes a part."""
    index, x = image_input(op)
    halves = [_again(op, index, (positive if up else negative)(x), positive if up else negative) for up in (True, False)]
    share = tf.math.divide_no_nan(relevance, halves[0].outputs[0] + halves[1].outputs[0])
    return _to_input(op, index, sum(each.inputs[index] * own_gradient(each, share)[index] for each in halves))


def gamma(size: float) -> Handler:
    """What pushes z its own way counts 1 + gamma times (Montavon et al. 2019, section 10.2.1; a bias is the weight of a one).

    For x >= 0 and z > 0 it is R_in = x (w + g w+)^T R / (x (w + g w+) + b + g b+). Where x or z is negative, "its own way"
    is that of w x and z having one sign (as Andéol et al. 2021, "Learning domain invariant representations by joint
    Wasserstein distance minimization", generalise it).
    """

    def handler(op: Operation, relevance: Tensor) -> list[Tensor | None]:
        index, x = image_input(op)
        added = bias_behind(op)
        z = op.outputs[0] if added is None else added[0](op.outputs[0], added[1])
        total = 0.0
        for sign, with_it, against in ((1.0, positive, negative), (-1.0, negative, positive)):
            towards = _favoured(size, with_it), _favoured(size, against)
            halves = [_again(op, index, part(x), by) for part, by in zip((positive, negative), towards, strict=True)]
            up = halves[0].outputs[0] + halves[1].outputs[0]
            if added is not None:
                up = added[0](up, towards[0](added[1]))
            share = tf.math.divide_no_nan(tf.where(sign * z > 0, relevance, tf.zeros_like(relevance)), up)
            total += sum(each.inputs[index] * own_gradient(each, share)[index] for each in halves)
        return _to_input(op, index, total)

    return handler


def z_box(images: int) -> Handler:
    """R_in = x w^T s - l w+^T s - h w-^T s, s = R / (x w - l w+ - h w-), for pixels between l and h.

    Montavon et al. 2017, "Explaining nonlinear classification decisions with deep Taylor decomposition"; 2019, table 10.1.
    The batch is the image and its two bounds, so that the bounds pass through the model's own preprocessing.
    """

    def handler(op: Operation, relevance: Tensor) -> list[Tensor | None]:
        index, x = image_input(op)
        _, one, other = tf.split(x, images)
        low, high = (
            tf.tile(each, [images, *[1] * (x.shape.rank - 1)]) for each in (tf.minimum(one, other), tf.maximum(one, other))
        )
        parts = [
            _again(op, index, x, tf.identity),
            _again(op, index, low, positive),
            _again(op, index, high, negative),
        ]
        z = parts[0].outputs[0] - parts[1].outputs[0] - parts[2].outputs[0]
        share = tf.math.divide_no_nan(relevance, z)
        back = [each.inputs[index] * own_gradient(each, share)[index] for each in parts]
        return _to_input(op, index, back[0] - back[1] - back[2])

    return handler


def by_weights(of: Callable[[Tensor], Tensor]) -> Handler:
    """Whatever the pixels are: R_in = v^T (R / (1 v)) with v = ``of`` the weights: w² or, "flat", 1 (2019, table 10.1)."""

    def handler(op: Operation, relevance: Tensor) -> list[Tensor | None]:
        index, x = image_input(op)
        ones = _again(op, index, tf.ones_like(x), of)
        return _to_input(op, index, own_gradient(ones, tf.math.divide_no_nan(relevance, ones.outputs[0]))[index])

    return handler


def unchanged(op: Operation, relevance: Tensor, *_: Tensor) -> list[Tensor | None]:
    """All relevance goes unchanged to the input that depends on the image."""
    index, _x = image_input(op)
    return _to_input(op, index, relevance)


def shared(by: Callable[[Tensor], Tensor]) -> Handler:
    """A sum without weights is split like ``by`` of its terms: their magnitudes keep the sign of R, ones make equal parts."""

    def handler(op: Operation, relevance: Tensor) -> list[Tensor | None]:
        seen = [_float(x) and depends_on_image(x) for x in op.inputs]
        terms = [by(x) if sees else tf.zeros_like(x) if _float(x) else x for x, sees in zip(op.inputs, seen, strict=True)]
        total = again(op, terms, "AddV2" if op.type == "Sub" else op.type)
        back = own_gradient(total, tf.math.divide_no_nan(relevance, total.outputs[0]))
        return [x * part if sees else None for x, part, sees in zip(terms, back, seen, strict=True)]

    return handler


def scaled(op: Operation, relevance: Tensor) -> list[Tensor | None]:
    """All of z = c x comes from x; where x was broadcast to the shape of c, each part of z returns its own share."""
    whole = [x.shape == op.outputs[0].shape for x in op.inputs]
    return [relevance if one else None for one in whole] if any(whole) else epsilon(0.0)(op, relevance)


def clipped(op: Operation, relevance: Tensor) -> list[Tensor | None]:
    """A clip at a constant is treated as a rectifier; of two feature maps the larger (or smaller) takes all."""
    seen = [depends_on_image(x) for x in op.inputs]
    return own_gradient(op, relevance) if all(seen) else [relevance if sees else None for sees in seen]


def weighted_before(op: Operation) -> Operation | None:
    """The operation whose sum ``op`` adds a bias to; ``None`` if it adds none."""
    seen = [depends_on_image(x) for x in op.inputs] if op.type in BIASING else []
    if sum(seen) != 1:
        return None
    before = op.inputs[seen.index(True)].op
    while before.type in _IN_BETWEEN:
        before = before.inputs[0].op
    return before if before.type in WEIGHTED else None


def bias_behind(op: Operation) -> tuple[Callable[[Tensor, Tensor], Tensor], Tensor] | None:
    """How a bias is added to a weighted sum, and the bias."""
    out = op.outputs[0]
    while after := [use for use in out.consumers() if use.type in (*BIASING, *_IN_BETWEEN)]:
        use = after[0]
        if use.type in BIASING:
            if weighted_before(use) is not op:
                return None
            bias = next(x for x in use.inputs if not depends_on_image(x))
            return functools.partial(_with_bias, use), bias
        out = use.outputs[0]
    return None


def _with_bias(adding: Operation, z: Tensor, bias: Tensor) -> Tensor:
    # A BiasAdd knows the axis of channels; an Add may follow a Reshape, without which its shapes would not fit.
    return again(adding, [z, bias]).outputs[0] if adding.type == "BiasAdd" else z + bias


def image_input(op: Operation) -> tuple[int, Tensor]:
    """The one input that depends on the image: its index and tensor."""
    ((index, x),) = [(index, x) for index, x in enumerate(op.inputs) if _float(x) and depends_on_image(x)]
    return index, x


# By graph and operation name, for ``depends_on_image``: every handler asks, and the way back to the image is long.
_depends_on_image: weakref.WeakKeyDictionary[Graph, dict[str, bool]] = weakref.WeakKeyDictionary()


def depends_on_image(tensor: Tensor) -> bool:
    """Whether a tensor depends on what the graph is fed, not on variables and constants alone."""
    known, todo = _depends_on_image.setdefault(tensor.graph, {}), [tensor.op]
    while todo:
        op = todo[-1]
        before = [x.op for x in op.inputs]
        unknown = [each for each in before if each.name not in known]
        if op.name not in known and unknown:
            todo += unknown
            continue
        if op.name not in known:
            fed = op.type == "Placeholder" and all(op.outputs[0] is not each for each in tensor.graph.internal_captures)
            known[op.name] = fed or any(known[each.name] for each in before)
        todo.pop()
    return known[tensor.op.name]


def positive(tensor: Tensor) -> Tensor:
    return tf.nn.relu(tensor)


def negative(tensor: Tensor) -> Tensor:
    return -tf.nn.relu(-tensor)


def _favoured(size: float, half: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    return lambda w: w + size * half(w)


def _again(op: Operation, index: int, x: Tensor, of: Callable[[Tensor], Tensor]) -> Operation:
    """The same operation on another x, with ``of`` applied to the weights."""
    return again(op, [x if at == index else of(w) if _float(w) else w for at, w in enumerate(op.inputs)])


def _to_input(op: Operation, index: int, relevance: Tensor) -> list[Tensor | None]:
    return [relevance if at == index else None for at in range(len(op.inputs))]


def _float(tensor: Tensor) -> bool:
    return bool(tensor.dtype.is_floating)


Rule = tuple[Handler, Handler]


def rule_named(name: str, size: float, favour: float, images: int) -> Rule:
    """The handlers of a rule, for weighted sums and for plain ones."""
    proportional, to_image = epsilon(size, images), shared(tf.abs)
    known: dict[str, Rule] = {
        "epsilon": (proportional, proportional),
        "z_plus": (z_plus, to_image),
        "gamma": (gamma(favour), proportional),
        "z_box": (z_box(images), to_image),
        "w_square": (by_weights(tf.square), shared(tf.ones_like)),
        "flat": (by_weights(tf.ones_like), shared(tf.ones_like)),
        "identity": (unchanged, to_image),
    }
    return known[name]
