"""The methods. Importing this package registers those that ship."""

# A method is offered in the order in which it is registered here.
# isort: off
from salwidget.attribution.contract import METHODS, Answer, Choice, LayerWithSpace, Method, Question, method, method_of
from salwidget.attribution import grad_cam, saliency, input_x_gradient, feature_map, weights

# isort: on

__all__ = [
    "METHODS",
    "Answer",
    "Choice",
    "LayerWithSpace",
    "Method",
    "Question",
    "feature_map",
    "grad_cam",
    "input_x_gradient",
    "method",
    "method_of",
    "saliency",
    "weights",
]
