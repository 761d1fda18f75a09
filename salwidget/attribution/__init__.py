"""The methods. Importing this package registers those that ship."""

# isort: off  (a method is offered in the order in which it is registered here)
from salwidget.attribution import grad_cam, saliency, input_x_gradient, feature_map, weights

# isort: on
from salwidget.attribution.method import METHODS, Answer, Choice, LayerWithSpace, Method, Question, method, method_of

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
