"""``cover``: what a model says of an image with a region covered, and the generator behind it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np
from scipy.special import expit

from salwidget.attribution.context import Context, finite
from salwidget.attribution.explain import predicted, shape_hints
from salwidget.digest import digest
from salwidget.engine.inputs import Input
from salwidget.engine.network import Network
from salwidget.engine.opening import open_network
from salwidget.engine.resolve import target_of, with_top_class
from salwidget.evidence.contract import Replacement, replacement_of
from salwidget.evidence.intervention import Intervention
from salwidget.evidence.matched import matched_controls
from salwidget.evidence.verdict import p_of, score_said, verdict
from salwidget.images import Example, Picture, Preprocess, are_several, examples_of
from salwidget.labels import labels_of
from salwidget.progress import progress_bar
from salwidget.query import Query
from salwidget.region import region_of
from salwidget.target import Filters, Function, Target, Unit
from salwidget.target_text import target_title

# A verdict is checked under these.
CHECKED = ("blur", "mean", "neighbours")


def cover(
    model: keras.Model,
    image: Any,
    region: Any,
    *,
    layer: int | str = -1,
    filters: Filters = None,
    score: str = "logit",
    target: Unit | Target | Function | None = None,
    wrt: int | str | None = None,
    preprocess: Preprocess | Mapping[str, Preprocess] | None = None,
    labels: Sequence[str] | Mapping[int, str] | str | None = None,
    replace: str = "blur",
    keep: bool = False,
    controls: int = 64,
    seed: int = 0,
    progress: bool = True,
    **options: Any,
) -> Intervention:
    """Cover a region of an image, see what the model says, and what it says when the same patch elsewhere is covered.

    Parameters
    ----------
    model, image, preprocess
        As ``salwidget.explain`` takes them, one image.
    region
        bool (H, W) at the size of the model's input, a mask file or a Pillow image (``salwidget.evidence`` has ``brush``,
        ``rectangle``, ``polygon``, ``superpixel``, ``strongest`` and ``weakest`` to make one).
    layer, filters, score, target
        What is asked, as in ``explain``; by default the logit of the image's own top class.
    wrt
        Of several inputs the image that is edited, by index or name; the only one with two axes of space may be left out.
    labels
        Names of the classes for the sentence: a list, a dict, or ``"imagenet"``.
    replace, **options
        What is put there: a name of ``salwidget.REPLACEMENTS`` and its options, e.g. ``colour=(255, 0, 0)``.
    keep
        Cover all but the region instead.
    controls
        How many copies of the region elsewhere, shifted, turned or mirrored, share at most a fifth of it; 0 for none.
        Where there are fewer, ``notes`` say so.
    seed
        For the choice of controls, and replacements that draw random numbers.
    progress
        Whether work of more than two seconds shows a bar.

    Returns
    -------
    Intervention
        ``print`` says its verdict. With 64 controls it costs at most 70 forward passes.

    Raises
    ------
    ValueError, TypeError
        One sentence that says what is wrong and what to do.
    """
    asked = {name: value for name, value in locals().items() if name not in ("model", "image", "region", "progress", "options")}
    with progress_bar("Cover", 1, "%", progress) as tell:
        for last in interventions(model, image, region, **asked, **options):
            tell(last.progress, "")
    return last


def interventions(
    model: keras.Model,
    image: Any,
    region: Any,
    *,
    layer: int | str = -1,
    filters: Filters = None,
    score: str = "logit",
    target: Unit | Target | Function | None = None,
    wrt: int | str | None = None,
    preprocess: Preprocess | Mapping[str, Preprocess] | None = None,
    labels: Sequence[str] | Mapping[int, str] | str | None = None,
    replace: str = "blur",
    keep: bool = False,
    controls: int = 64,
    seed: int = 0,
    **options: Any,
) -> Iterator[Intervention]:
    """Better and better answers of ``cover``, with its arguments: the change, its agreement, then more and more controls.

    To stop is to ask for no more of them.
    """
    for name, number in (("controls", controls), ("seed", seed)):
        if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < 0:
            raise ValueError(f"{name}={number!r} is not a whole number of at least 0.")
    network = open_network(model, *shape_hints(image))
    if target is None:
        target = Unit(layer, filters, score)
    elif (layer, filters, score) != (-1, None, "logit"):
        raise ValueError("target= already defines the score; remove layer, filters and score.")
    source = edited_input(network, wrt)
    if are_several(image, network.inputs):
        raise ValueError("cover() takes one image and its region: call it for each.")
    (example,) = examples_of(image, network.inputs, preprocess)
    batch = [one.input[None] for one in example]
    checked = with_top_class(target_of(network, target), network, lambda end: int(np.argmax(predicted(network, batch, end))))
    picture = example[source.index]
    inside = region_of(region, picture.given.shape[:-1])
    chosen = replacement_of(replace, picture, options, int(seed), network)
    names = labels_of(labels, network.output.filters)
    yield from answers(network, example, checked, source, inside, chosen, keep=keep, controls=int(controls), labels=names)


def answers(
    network: Network,
    example: Example,
    target: Target,
    source: Input,
    inside: np.ndarray,
    chosen: Replacement,
    *,
    keep: bool,
    controls: int,
    labels: Sequence[str],
) -> Iterator[Intervention]:
    """The same of what is read and checked already: ``target`` names its class, ``chosen`` is made for this picture."""
    if keep and inside.all():
        raise ValueError("keep=True covers all but the region, and the region is the whole image: mark less of it.")
    query = Query("cover", target, digest(*(one.input for one in example)), source.index, seed=chosen.seed)
    words = score_said(
        target_title(network, target, labels),
        [unit.score for _, unit in target.terms if unit.function is None],
        all(network.layers[int(unit.layer)] in network.outputs for _, unit in target.terms)
        and network.activation_of(network.outputs[0]) != "none",
    )
    context = Context(network, query, example, {})
    yield from _timed(_answers(context, example[source.index], inside, chosen, keep, controls, words))


def _answers(
    context: Context, picture: Picture, inside: np.ndarray, chosen: Replacement, keep: bool, wanted: int, words: str
) -> Iterator[Intervention]:
    network, seed = context.network, context.query.seed
    covered = ~inside if keep else inside
    image = chosen.edited(covered)
    (before, after), outputs = _scored(context, picture, [picture.given, image], chosen.name)
    log_odds = _log_odds(network, context.target, outputs)
    others = [replacement_of(name, picture, {}, seed, network) for name in CHECKED if name != chosen.name]
    others = [each for each in others if not (each.needs_outside and covered.all())]
    controls = matched_controls(inside, wanted, context.rng) if wanted else []
    if controls and len(controls) < wanted:
        context.note(f"{len(controls)} controls instead of {wanted}: the region is too large to be moved to more places")
    if around := sum(each.wraps for each in controls):
        context.note(f"{around} of {len(controls)} controls go around the edges of the image: too few lie within it")
    agreement: dict[str, float] = {}
    changes = np.empty(0)
    work = 2 + len(others) + len(controls)

    def answer() -> Intervention:
        done = 2 + max(0, len(agreement) - 1) + len(changes)
        change, probability = after - before, None if log_odds is None else tuple(expit(log_odds).tolist())
        return Intervention(
            before=before,
            after=after,
            change=change,
            probability=probability,
            log_odds=log_odds,
            controls=changes,
            p=p_of(change, changes, keep),
            agreement=dict(agreement),
            image=picture.as_shown(image),
            original=picture.shown,
            sentence=verdict(
                words,
                float(inside.mean()),
                change,
                changes,
                len(controls) if wanted else None,
                agreement,
                before,
                log_odds,
                probability,
                keep,
            ),
            region=inside,
            target=words,
            replace=chosen.name,
            keep=keep,
            outputs=outputs,
            notes=context.notes,
            patches=tuple(controls[: len(changes)]),
            wanted=len(controls),
            passes=context.passes,
            seconds=0.0,
            progress=done / work,
        )

    agreement[chosen.name] = after - before
    if others or controls:
        yield answer()
    for each in others:
        (score,), _ = _scored(context, picture, [each.edited(covered)], each.name)
        agreement[each.name] = score - before
    agreement = {name: agreement[name] for name in (*CHECKED, chosen.name) if name in agreement}
    yield answer()
    for part in context.batches(len(controls), gradient=False):
        regions = [each.region for each in controls[part]]
        scores, _ = _scored(context, picture, [chosen.edited(~each if keep else each) for each in regions], chosen.name)
        changes = np.concatenate([changes, np.array(scores) - before])
        yield answer()


def _timed(steps: Iterator[Intervention]) -> Iterator[Intervention]:
    """With the time of their own work, whatever is done between two of them."""
    spent, began = 0.0, time.perf_counter()
    for made in steps:
        spent += time.perf_counter() - began
        yield replace(made, seconds=spent)
        began = time.perf_counter()


def _scored(
    context: Context, picture: Picture, images: Sequence[np.ndarray], name: str
) -> tuple[list[float], np.ndarray | None]:
    """Scores of images as displayed, and of the model's output what leads to its classes."""
    found: list[float] = []
    rows: list[np.ndarray] = []
    for part in context.batches(len(images), gradient=False):
        batch = np.stack([picture.input if each is picture.given else picture.fed(each) for each in images[part]])
        scores, values = context.scored(batch)
        if images[part][0] is picture.given:
            finite(scores[:1], "score")
        if not np.isfinite(scores).all():
            raise ValueError(
                f"The score is NaN or infinite with a region covered (replace={name!r}): use another replacement, or check "
                "the model's weights and the image's preprocessing."
            )
        found += [float(score) for score in scores]
        rows += [] if values is None or values.ndim != 2 else list(values.astype(np.float64))
    return found, np.array(rows) if rows else None


def edited_input(network: Network, wrt: int | str | None) -> Input:
    """The input whose image is edited.

    Raises
    ------
    ValueError
        For a signal or volume, or when there are several images to choose from.
    """
    images = [each for each in network.inputs if each.space == 2]
    if wrt is None and len(images) > 1:
        raise ValueError(f"{network.name} takes several images: say with wrt= which one is edited.")
    source = network.input(wrt) if wrt is not None else (images or list(network.inputs))[0]
    if source.space != 2:
        kind = "signals" if source.space == 1 else "volumes"
        raise ValueError(f"Regions are of images (H, W), and input {source.name} takes {kind}: use explain(..., 'occlusion').")
    return source


def _log_odds(network: Network, target: Target, logits: np.ndarray | None) -> tuple[float, float] | None:
    """log(p / (1 - p)) of the target's class, before and after, from logits (2, classes): no probability is rounded to 1."""
    (weight, unit), *others = target.terms
    kind, chosen = network.activation_of(network.output), np.atleast_1d(unit.filters if unit.filters is not None else [])
    whole = weight == 1 and not others and target.nearness_to is None and unit.function is None and unit.cell is None
    if not whole or logits is None or int(unit.layer) != network.output.index or kind == "none" or len(chosen) != 1:
        return None
    own = logits[:, chosen[0]]
    if kind == "sigmoid":
        return float(own[0]), float(own[1])
    rest = np.delete(logits, chosen[0], axis=1)
    if not rest.size:
        return None  # a softmax over one class is always sure
    top = rest.max(axis=1)
    found = own - top - np.log(np.exp(rest - top[:, None]).sum(axis=1))
    return float(found[0]), float(found[1])
