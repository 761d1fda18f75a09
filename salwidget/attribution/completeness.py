"""How close a map comes to adding up to the score that it explains."""

from __future__ import annotations

import numpy as np

from salwidget.attribution.context import Context


def note_completeness(
    context: Context, values: np.ndarray, at_image: float, at_start: float, start: str = "x0", *, part: bool = False
) -> None:
    """Note the sum of ``values`` beside S(x) - S(x0), to which a path method's attributions add up (Sundararajan et al.
    2017, proposition 1). A modified gradient has no such sum, and the note says that.

    ``part`` says that other inputs moved as well, so that it is the maps of all inputs that add up to it.
    """
    if context.query.backprop_modifier is not None or context.query.grad_modifier is not None:
        context.note(f"no completeness: a modified gradient does not add up to S(x) − S({start})")
        return
    total, change = float(values.sum(dtype=np.float64)), at_image - at_start
    if part:
        context.note(f"completeness: sum {total:.4g}, with the other inputs' maps S(x) − S({start}) {change:.4g}")
        return
    residual = abs(total - change)
    relative = f" (relative {residual / abs(change):.2g})" if change else ""
    context.note(f"completeness: sum {total:.4g}, S(x) − S({start}) {change:.4g}, residual {residual:.2g}{relative}")
