"""The methods. Importing this package registers those that ship."""

# isort: off  (a method is offered in the order in which it is registered here)
from salwidget.attribution import feature_map, grad_cam, input_x_gradient, saliency, weights

# isort: on
from salwidget.attribution.contract import METHODS, Answer, Choice, LayerWithSpace, Method, Question, method, method_of

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
