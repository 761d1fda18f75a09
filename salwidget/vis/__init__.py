"""keras-vis's vocabulary over the engine: the same names with the same meaning, for Keras 3 models of every kind.

The contents of ``vis.utils.utils`` and ``vis.visualization`` are here, flat. Where two modules of keras-vis share a name,
``normalize`` scales an array (the other one is in ``salwidget.vis.regularizers``), ``relu`` is the gradient modifier (as a
backprop modifier it is ``rectified``), and ``get`` is found in ``grad_modifiers`` and ``backprop_modifiers``. After
``install()`` everything is available under keras-vis's own modules as well: ``import vis``.
"""

from salwidget.vis import backend, backprop_modifiers, grad_modifiers, regularizers
from salwidget.vis.alias import install
from salwidget.vis.backend import modify_model_backprop, set_random_seed
from salwidget.vis.backprop_modifiers import deconv, guided, rectified
from salwidget.vis.callbacks import GifGenerator, OptimizerCallback, Print
from salwidget.vis.grad_modifiers import absolute, invert, negate, relu, small_values
from salwidget.vis.idioms import add_defaults_to_kwargs, get_identifier, listify, reverse_enumerate, slicer
from salwidget.vis.input_modifiers import InputModifier, Jitter
from salwidget.vis.losses import ActivationMaximization, Loss
from salwidget.vis.models import apply_modifications, find_layer_idx, get_num_filters, lookup_imagenet_labels
from salwidget.vis.optimizer import Optimizer
from salwidget.vis.pictures import (
    bgr2rgb,
    deprocess_input,
    draw_text,
    get_img_shape,
    load_img,
    normalize,
    overlay,
    random_array,
    stitch_images,
)
from salwidget.vis.regularizers import LPNorm, TotalVariation
from salwidget.vis.visualization import (
    visualize_activation,
    visualize_activation_with_losses,
    visualize_cam,
    visualize_cam_with_losses,
    visualize_saliency,
    visualize_saliency_with_losses,
)

__all__ = [
    "ActivationMaximization",
    "GifGenerator",
    "InputModifier",
    "Jitter",
    "LPNorm",
    "Loss",
    "Optimizer",
    "OptimizerCallback",
    "Print",
    "TotalVariation",
    "absolute",
    "add_defaults_to_kwargs",
    "apply_modifications",
    "backend",
    "backprop_modifiers",
    "bgr2rgb",
    "deconv",
    "deprocess_input",
    "draw_text",
    "find_layer_idx",
    "get_identifier",
    "get_img_shape",
    "get_num_filters",
    "grad_modifiers",
    "guided",
    "install",
    "invert",
    "listify",
    "load_img",
    "lookup_imagenet_labels",
    "modify_model_backprop",
    "negate",
    "normalize",
    "overlay",
    "random_array",
    "rectified",
    "regularizers",
    "relu",
    "reverse_enumerate",
    "set_random_seed",
    "slicer",
    "small_values",
    "stitch_images",
    "visualize_activation",
    "visualize_activation_with_losses",
    "visualize_cam",
    "visualize_cam_with_losses",
    "visualize_saliency",
    "visualize_saliency_with_losses",
]
