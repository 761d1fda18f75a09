"""Write docs/evidence.md from what the replacements declare: ``python docs/evidence.py``."""

from __future__ import annotations

from pathlib import Path

from salwidget import REPLACEMENTS
from salwidget.evidence import Replacement

PAGE = Path(__file__).with_name("evidence.md")

HEAD = """\
# Evidence

The replacements are written by `python docs/evidence.py` from what they declare.

A map says where a gradient is large. Whether the model uses that place is shown by changing it, beside a control.

```python
from salwidget.evidence import brush, polygon, rectangle, strongest, superpixel, weakest

snow = salwidget.cover(model, image, mask, labels=labels)  # mask: bool (H, W), a mask file, or one of those above
print(snow)  # "Covering the region (41% of the picture) lowers ...; 64 patches of the same shape elsewhere ..."
snow.change, snow.log_odds, snow.controls, snow.p, snow.agreement  # the numbers behind the sentence
snow.image, snow.save("snow.png"), snow.plot()  # the edited picture; a strip of the controls

swaps = salwidget.swap_backgrounds(model, images, masks, labels=labels)
print(swaps)  # how often the object's class flips with its background, with Wilson's 95 % interval
salwidget.explain(model, image).share(mask)  # the region's part of a map, beside its part of the area

support = salwidget.probe(model, image, labels=labels)  # each cell for each of the top 5 classes
support.at(120, 80), support.values  # at a pixel (row, column), (5,); all, (5, h, w)
```

`cover` asks what `explain` asks: `layer`, `filters`, `score` or `target`; `keep=True` covers all but the region. It gives the
change of the score in its units, and of an output also the probability and the log-odds log p / (1 - p); where score and
probability point different ways, the sentence says so.

**Control.** Copies of the region, shifted, turned and mirrored, that share at most a fifth of it, are covered in the same way;
p = (1 + number at least as extreme) / (1 + K). A region that is too large to be moved has none, and the sentence says so.
**Three replacements.** A patch is itself something to see. Blur, mean and neighbours are all tried: where they disagree in
sign or by more than half, the verdict is "it depends on what you put there". In a small image the default blur is narrow (0.8
pixels at 16 x 16) and leaves a region its colour: give `sigma` the region's width, as section 7 of [truth.md](truth.md) does.

`salwidget.evidence.interventions(...)` yields better and better answers. 64 controls cost at most 70 forward passes (counted in
`tests/test_counts.py`). Regions are of images; signals and volumes are refused.

On the shipped snow pair the biased model flips in about half of its swaps and its twin in a few (`tests/evidence/test_swaps.py`
asserts the bounds). Pairs of one image are counted as independent.

**Probe.** What a cell of the last feature maps A adds to each of the top classes c: sum_k dS_c/dA_k A_k, which is HiResCAM
before its ReLU, and Grad-CAM where the head begins with a mean over space. With one dense layer behind that mean, the cells of
a class add up to its logit less its bias; times their number they are its class activation map sum_k w_kc A_k (Zhou et al.
2016). The image goes through the model once, all classes back to the feature map in one batch. Signals and volumes have it too.
In the widget it is the tool probe: hover the stage, or move with the arrow keys.

## In the widget

The tab Test covers what is marked on the stage (`w.region`) while it is marked: the page draws the edit at once, the
kernel answers with scores, the map of the edited image and, when the hand rests, three replacements and 64 controls,
each a dot of the strip under the view; a dot that is pressed is outlined in the image. `w.intervention` is the last
answer, "copy as Python" the call that gives its number. `replace="image"` takes the next image of the widget. *Swap the
background* puts the region on the widget's other images, without their own object where one was marked on them, and on
plain colours, noise and its own blur.

## Replacements

`replace="name"`, with the options as keywords. A class of your own registers with `@salwidget.replacement`.
"""


def page() -> str:
    return "\n".join([HEAD, *map(_entry, REPLACEMENTS.values())])


def _entry(kind: type[Replacement]) -> str:
    lines = [f"### {kind.title} (`{kind.name}`)\n", f"{kind.sentence} {kind.limits}\n"]
    if kind.paper:
        lines.append(f"{kind.paper}\n")
    for name, option in kind.declared().items():
        default = "" if option.default is None else f"; default {option.default!r}"
        lines.append(f"- `{name}`: {option.help or option.label}{default}\n")
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page())
