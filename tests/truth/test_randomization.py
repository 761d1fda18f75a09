"""Maps must go when what the model learned goes."""

from __future__ import annotations

import numpy as np

from benchmarks.truth.asked import Asked
from benchmarks.truth.randomization import likeness
from salwidget.demo import digits


def test_gradient_and_grad_cam_decorrelate_and_guided_backprop_stays_more_alike() -> None:
    demo = digits()
    gradient, cam, guided = everyone = [Asked("saliency"), Asked("grad_cam"), Asked("saliency", "guided")]
    chosen = slice(0, 12, 2)
    rows = likeness(demo.model, demo.images[chosen], demo.classes[chosen], everyone, seed=0)
    assert {row.layer for row in rows} == {"predictions", "conv5", "conv4", "conv3", "conv2", "conv1"}

    def mean(asked: Asked, measure: str) -> float:
        return float(np.mean([getattr(row, measure) for row in rows if row.asked is asked]))

    for measure in ("spearman", "ssim"):
        assert mean(guided, measure) > mean(gradient, measure) + 0.2
        assert mean(guided, measure) > mean(cam, measure) + 0.4
    everything_random = {row.asked: row.spearman for row in rows if row.layer == "conv1"}
    assert everything_random[gradient] < 0.35
    assert everything_random[cam] < 0.35
