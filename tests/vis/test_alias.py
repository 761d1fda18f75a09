"""``import vis``: every public name of keras-vis, where it stood, with its arguments."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
import types
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import salwidget.vis
from tests import models

ANY = inspect.Parameter.empty
_asked = {"layer_idx": ANY, "filter_indices": ANY, "seed_input": ANY}
_losses = {"input_tensor": ANY, "losses": ANY}
# What keras-vis documents: module, name (or class.method), and its arguments in order with their defaults.
DOCUMENTED: dict[str, dict[str, dict[str, Any]]] = {
    "vis.visualization": {
        "visualize_saliency": {
            **{"model": ANY, **_asked, "wrt_tensor": None, "backprop_modifier": None},
            **{"grad_modifier": "absolute", "keepdims": False},
        },
        "visualize_saliency_with_losses": {
            **{**_losses, "seed_input": ANY, "wrt_tensor": None, "grad_modifier": "absolute", "keepdims": False}
        },
        "visualize_cam": {
            **{"model": ANY, **_asked, "penultimate_layer_idx": None, "backprop_modifier": None, "grad_modifier": None}
        },
        "visualize_cam_with_losses": {**_losses, "seed_input": ANY, "penultimate_layer": ANY, "grad_modifier": None},
        "visualize_activation": {
            **{"model": ANY, "layer_idx": ANY, "filter_indices": None, "wrt_tensor": None, "seed_input": None},
            **{"input_range": (0, 255), "backprop_modifier": None, "grad_modifier": None},
            **{"act_max_weight": 1, "lp_norm_weight": 10, "tv_weight": 10},
        },
        "visualize_activation_with_losses": {**_losses, "wrt_tensor": None, "seed_input": None, "input_range": (0, 255)},
        "get_num_filters": {"layer": ANY},
        "overlay": {"array1": ANY, "array2": ANY, "alpha": 0.5},
    },
    "vis.utils.utils": {
        "reverse_enumerate": {"iterable": ANY},
        "listify": {"value": ANY},
        "add_defaults_to_kwargs": {"defaults": ANY},
        "get_identifier": {"identifier": ANY, "module_globals": ANY, "module_name": ANY},
        "apply_modifications": {"model": ANY, "custom_objects": None},
        "random_array": {"shape": ANY, "mean": 128.0, "std": 20.0},
        "find_layer_idx": {"model": ANY, "layer_name": ANY},
        "deprocess_input": {"input_array": ANY, "input_range": (0, 255)},
        "stitch_images": {"images": ANY, "margin": 5, "cols": 5},
        "get_img_shape": {"img": ANY},
        "load_img": {"path": ANY, "grayscale": False, "target_size": None},
        "lookup_imagenet_labels": {"indices": ANY},
        "draw_text": {"img": ANY, "text": ANY, "position": (10, 10), "font": ANY, "font_size": 14, "color": (0, 0, 0)},
        "bgr2rgb": {"img": ANY},
        "normalize": {"array": ANY, "min_value": 0.0, "max_value": 1.0},
    },
    "vis.backend": {
        "modify_model_backprop": {"model": ANY, "backprop_modifier": ANY},
        "set_random_seed": {"seed_value": 1337},
    },
    "vis.backprop_modifiers": {
        **{name: {"model": ANY} for name in ("guided", "rectified", "relu", "deconv")},
        "get": {"identifier": ANY},
    },
    "vis.grad_modifiers": {"get": {"identifier": ANY}},
    "vis.input_modifiers": {"Jitter": {"jitter": 0.05}, "InputModifier.pre": {"inp": ANY}, "InputModifier.post": {"inp": ANY}},
    "vis.losses": {
        "Loss": {},
        "Loss.build_loss": {},
        "ActivationMaximization": {"layer": ANY, "filter_indices": ANY},
    },
    "vis.regularizers": {
        "normalize": {"input_tensor": ANY, "output_tensor": ANY},
        "TotalVariation": {"img_input": ANY, "beta": 2.0},
        "LPNorm": {"img_input": ANY, "p": 6.0},
    },
    "vis.optimizer": {
        "Optimizer": {**_losses, "input_range": (0, 255), "wrt_tensor": None, "norm_grads": True},
        "Optimizer.minimize": {
            **{"seed_input": None, "max_iter": 200, "input_modifiers": None, "grad_modifier": None},
            **{"callbacks": None, "verbose": True},
        },
    },
    "vis.callbacks": {
        **{
            f"{name}.callback": dict.fromkeys(("i", "named_losses", "overall_loss", "grads", "wrt_value"), ANY)
            for name in ("OptimizerCallback", "Print", "GifGenerator")
        },
        "OptimizerCallback.on_end": {},
        "GifGenerator": {"path": ANY, "input_range": (0, 255)},
    },
}


def forget() -> None:
    for name in [each for each in sys.modules if each.partition(".")[0] == "vis"]:
        del sys.modules[name]


@pytest.fixture
def installed() -> Iterator[None]:
    forget()
    salwidget.vis.install()
    yield
    forget()


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, names in DOCUMENTED.items() for name in names])
def test_each_name_takes_what_keras_vis_documents(installed: None, module: str, name: str) -> None:
    found = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    given = [each for each in inspect.signature(found).parameters.values() if each.name != "self"]
    for (documented, default), here in zip(DOCUMENTED[module][name].items(), given, strict=False):
        assert here.name == documented
        assert default is ANY or here.default == default
    assert len(given) >= len(DOCUMENTED[module][name])
    others = given[len(DOCUMENTED[module][name]) :]
    assert all(each.default is not ANY or each.kind == each.VAR_KEYWORD for each in others), "ours can be left away"


def test_modules_are_packages_and_attributes(installed: None) -> None:
    import vis
    import vis.utils.utils
    import vis.visualization.saliency
    from vis import losses
    from vis.utils import utils
    from vis.visualization.activation_maximization import visualize_activation

    assert vis.utils.utils is utils
    assert vis.losses is losses is salwidget.vis.losses, "one class Loss, whichever way it is imported"
    assert utils.normalize is not vis.regularizers.normalize
    assert vis.visualization.saliency.visualize_cam is vis.visualization.visualize_cam is salwidget.vis.visualize_cam
    assert visualize_activation is salwidget.vis.visualize_activation
    with pytest.raises(ModuleNotFoundError, match=r"vis\.pictures"):
        importlib.import_module("vis.pictures")


def test_twice_is_once(installed: None) -> None:
    before = sys.modules["vis"]
    salwidget.vis.install()
    assert sys.modules["vis"] is before


def test_another_vis_that_is_imported_already_is_not_replaced() -> None:
    forget()
    other = types.ModuleType("vis")
    other.__file__ = "/somewhere/vis/__init__.py"
    sys.modules["vis"] = other
    try:
        with pytest.raises(ImportError, match=r"from /somewhere/vis/__init__\.py: call salwidget\.vis\.install\(\) before"):
            salwidget.vis.install()
        assert sys.modules["vis"] is other
    finally:
        forget()


@pytest.mark.slow
def test_the_two_lines_of_the_documentation_are_enough_in_a_new_process() -> None:
    code = (
        "import salwidget.vis\nsalwidget.vis.install()\n"
        "from vis.visualization import visualize_saliency\nfrom vis.utils import utils\n"
        "import vis.callbacks, vis.regularizers as r\n"
        "print(visualize_saliency.__module__, utils.listify(1), vis.callbacks.Print.__name__, r.LPNorm.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["salwidget.vis.visualization", "[1]", "Print", "LPNorm"]


@pytest.mark.slow
def test_a_maximum_is_found_by_keras_vis_words_alone(installed: None) -> None:
    """The introduction of its documentation, on a bowl and a class: where both pull equally, calculus says."""
    from vis.losses import ActivationMaximization
    from vis.optimizer import Optimizer
    from vis.regularizers import LPNorm

    rng = np.random.default_rng(8)
    weights = rng.choice([-1, 1], (3, 3)) * rng.uniform(0.5, 1.5, (3, 3))
    model = models.wide_head(None, weights)
    losses = [(ActivationMaximization(model.layers[-1], 0), 1), (LPNorm(model.input, 2.0), 9)]
    # Minimizes -w.x + |x|: the corner of the range where each |w_i| is over 1/3, the slope of |x| there; 0 where |w| < 1.
    for scale, expected in [(3.0, np.sign(weights)), (0.2, 0 * weights)]:
        model.layers[-1].kernel.assign(scale * weights.reshape(-1, 1) / np.linalg.norm(weights))
        seed = 0.5 * np.ones((1, 3, 3, 1), "float32")
        found, gradient, value = Optimizer(model.input, losses, (-1.0, 1.0)).minimize(seed, 300, verbose=False)
        reached = scale * np.sum(found[..., 0] * weights) / np.linalg.norm(weights) - np.linalg.norm(found)
        best = scale * np.sum(expected * weights) / np.linalg.norm(weights) - np.linalg.norm(expected)
        assert reached == pytest.approx(best, abs=0.06)
        assert gradient.shape == value.shape == (1, 3, 3, 1)
