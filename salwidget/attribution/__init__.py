"""The methods. Importing this package registers those that ship."""

# A method is offered in the order in which it is registered here.
# isort: off
from salwidget.attribution.contract import METHODS, Answer, Method, method, method_of
from salwidget.attribution.options import Baseline, Choice, LayerWithSpace, Number, Option, TokenGrid
from salwidget.attribution.question import Question
from salwidget.attribution import grad_cam, grad_cam_plus_plus, hires_cam, layer_cam, score_cam, finer_cam  # noqa: F401
from salwidget.attribution import class_activation_map, guided_grad_cam, occlusion, rise  # noqa: F401
from salwidget.attribution import saliency, input_x_gradient
from salwidget.attribution import smoothgrad, integrated_gradients, expected_gradients, guided_ig, blur_ig, xrai  # noqa: F401
from salwidget.attribution import lrp, feature_map, weights

# isort: on

__all__ = [
    "METHODS",
    "Answer",
    "Baseline",
    "Choice",
    "LayerWithSpace",
    "Method",
    "Number",
    "Option",
    "Question",
    "TokenGrid",
    "feature_map",
    "grad_cam",
    "input_x_gradient",
    "method",
    "method_of",
    "saliency",
    "weights",
]
