"""The methods. Importing this package registers those that ship."""

# A method is offered in the order in which it is registered here.
# ruff: noqa: F401, I001
from salwidget.attribution.contract import METHODS, WATCHERS, Answer, Method, method, method_of
from salwidget.options import Baseline, ByLayer, Choice, LayerWithSpace, MovedInputs, Number, Option, PerAxis, TokenGrid
from salwidget.attribution.context import Context
from salwidget.attribution import (
    grad_cam,
    grad_cam_plus_plus,
    hires_cam,
    layer_cam,
    score_cam,
    finer_cam,
    class_activation_map,
    guided_grad_cam,
    saliency,
    input_x_gradient,
    smoothgrad,
    integrated_gradients,
    expected_gradients,
    guided_ig,
    blur_ig,
    xrai,
    lrp,
    occlusion,
    rise,
    feature_map,
    weights,
)

__all__ = [
    "METHODS",
    "WATCHERS",
    "Answer",
    "Baseline",
    "ByLayer",
    "Choice",
    "Context",
    "LayerWithSpace",
    "Method",
    "MovedInputs",
    "Number",
    "Option",
    "PerAxis",
    "TokenGrid",
    "method",
    "method_of",
]
