"""What must hold for every model."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.truth import axioms


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_integrated_gradients_of_a_smooth_net_are_complete(seed: int) -> None:
    assert axioms.completeness("integrated_gradients", 50, "softplus", seed).of_change <= 1e-6


def test_integrated_gradients_through_rectifiers_are_complete_but_for_their_kinks() -> None:
    residuals = [axioms.completeness("integrated_gradients", 50, "relu", seed).of_magnitude for seed in range(8)]
    # No rule of 50 points is exact across a kink, so that a net whose kinks lie badly exceeds this.
    assert np.median(residuals) <= 1e-3


@pytest.mark.parametrize(("method", "bound"), [("guided_ig", 2e-2), ("blur_ig", 1e-3)])
def test_other_paths_are_complete_within_their_quadrature(method: str, bound: float) -> None:
    coarse, fine = (axioms.completeness(method, steps, "softplus").of_change for steps in (30, 240))
    assert fine <= bound
    assert fine < coarse / 4


def test_integrated_gradients_of_a_linear_net_are_input_x_gradient() -> None:
    assert axioms.linear() <= 1e-6


@pytest.mark.parametrize("method", ["grad_cam", "cam", "hirescam"])
def test_grad_cam_is_cam_up_to_scale_on_mean_and_linear_head(method: str) -> None:
    assert axioms.cam_up_to_scale(method) <= 1e-6


@pytest.mark.parametrize("rule", ["epsilon", "z_plus"])
def test_relevance_is_conserved_without_biases(rule: str) -> None:
    assert axioms.conservation(rule, epsilon=0.0) <= 1e-6


@pytest.mark.parametrize("asked", axioms.asked_of_the_function(axioms.BY_RANDOM_MASKS), ids=lambda asked: asked.name)
def test_the_pixel_that_counts_gets_something_and_the_others_nothing(asked) -> None:
    at_pixel, elsewhere = axioms.dummy(asked)
    assert at_pixel > 1e-3
    assert elsewhere <= 1e-12


def test_the_two_networks_differ_and_their_function_does_not() -> None:
    one, other = axioms.same_function(4)
    assert one.count_params() != other.count_params()
    x = axioms.picture(4)[None]
    np.testing.assert_allclose(np.asarray(one(x)), np.asarray(other(x)), rtol=1e-9)


@pytest.mark.parametrize("asked", axioms.asked_of_the_function(), ids=lambda asked: asked.name)
def test_two_networks_with_one_function_get_the_same_map(asked) -> None:
    assert axioms.invariance(asked) <= 1e-5
