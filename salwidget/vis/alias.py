"""``import vis``: keras-vis's module names, for code that was written for it."""

from __future__ import annotations

import sys
from functools import cache
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from types import ModuleType

from salwidget.vis import (
    backend,
    backprop_modifiers,
    callbacks,
    grad_modifiers,
    idioms,
    input_modifiers,
    losses,
    models,
    optimizer,
    pictures,
    regularizers,
    visualization,
)

_UTILS = {
    pictures: "bgr2rgb deprocess_input draw_text get_img_shape load_img normalize random_array stitch_images",
    idioms: "add_defaults_to_kwargs get_identifier listify reverse_enumerate slicer",
    models: "apply_modifications find_layer_idx lookup_imagenet_labels",
}
_SALIENCY = "visualize_cam visualize_cam_with_losses visualize_saliency visualize_saliency_with_losses"
_ACTIVATION = "visualize_activation visualize_activation_with_losses"
# Each module of keras-vis: one of ours, or the names that it consists of and the modules that define them.
_MODULES: dict[str, ModuleType | dict[ModuleType, str]] = {
    "vis": {},
    "vis.backend": backend,
    "vis.backprop_modifiers": backprop_modifiers,
    "vis.callbacks": callbacks,
    "vis.grad_modifiers": grad_modifiers,
    "vis.input_modifiers": input_modifiers,
    "vis.losses": losses,
    "vis.optimizer": optimizer,
    "vis.regularizers": regularizers,
    "vis.utils": {},
    "vis.utils.utils": _UTILS,
    "vis.visualization": {visualization: f"{_SALIENCY} {_ACTIVATION}", models: "get_num_filters", pictures: "overlay"},
    "vis.visualization.activation_maximization": {visualization: _ACTIVATION},
    "vis.visualization.saliency": {visualization: _SALIENCY},
}


def install() -> None:
    """Make ``import vis`` and all its submodules mean this package, so that keras-vis's code runs unchanged::

        import salwidget.vis
        salwidget.vis.install()

        from vis.visualization import visualize_saliency
        from vis.utils import utils

    It lasts until Python ends, and hides an installed keras-vis; calling it again changes nothing. Code must still be edited
    where Keras 3 itself has changed (``model.inputs`` of a Sequential model, layer names, ``keras.ops``). Nested models are
    opened before layers are counted: use names, or count from the end.

    Raises
    ------
    ImportError
        When another ``vis`` is imported already.
    """
    modules = _modules()
    imported = sys.modules.get("vis", modules["vis"])
    if imported is not modules["vis"]:
        origin = getattr(imported, "__file__", None) or "elsewhere"
        raise ImportError(f"Another vis is imported already, from {origin}: call salwidget.vis.install() before that import.")
    sys.modules.update(modules)


@cache
def _modules() -> dict[str, ModuleType]:
    found: dict[str, ModuleType] = {}
    for name, source in _MODULES.items():
        found[name] = source if isinstance(source, ModuleType) else _made(name, source)
        parent, _, own = name.rpartition(".")
        if parent:
            setattr(found[parent], own, found[name])
    return found


def _made(name: str, sources: dict[ModuleType, str]) -> ModuleType:
    module = module_from_spec(ModuleSpec(name, None, is_package=True))
    module.__doc__ = f"{name} of keras-vis, by salwidget.vis."
    for source, names in sources.items():
        vars(module).update({each: getattr(source, each) for each in names.split()})
    return module
