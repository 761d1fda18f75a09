"""What the controls ask, in the words of the engine."""

from __future__ import annotations

from dataclasses import replace

from salwidget.attribution import method_of
from salwidget.attribution.explain import aimed_target, query_of
from salwidget.engine.network import Network
from salwidget.images import Example
from salwidget.query import Modifier, Query
from salwidget.target import Function, Target, Unit
from salwidget.widget.controls import Controls


def controls_target(controls: Controls) -> tuple[Unit | Target | Function, Modifier]:
    """What the controls ask about, and the gradient modifier that serves their aim."""
    if controls.target is not None:
        return controls.target, controls.grad_modifier
    unit = Unit(controls.layer_idx, controls.filter_indices, controls.score, controls.cell)
    against = Unit(controls.layer_idx, controls.versus, controls.score, controls.cell)
    return aimed_target(unit if controls.versus is None else unit - against, controls.aim, controls.grad_modifier)


def controls_query(network: Network, example: Example, controls: Controls) -> Query:
    """The controls as a query, refused where ``salwidget.explain`` refuses it.

    A method without a gradient has no modifiers: those that another method was given wait for it. An aim that is one stays
    in the query, and is refused with it.
    """
    if not method_of(controls.method).uses_gradient:
        controls = replace(controls, backprop_modifier=None, grad_modifier=None)
    target, grad_modifier = controls_target(controls)
    return query_of(
        network,
        example,
        controls.method,
        target,
        network.inputs[controls.input_idx],
        controls.backprop_modifier,
        grad_modifier,
        controls.seed,
        controls.options,
    )
