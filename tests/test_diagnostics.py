"""Jacobians are autograd's, bounds hold, and matrices have the radius that was asked for."""

import math
import random
import re

import numpy as np
import pytest
import torch

from charrnn_helpers.bptt import backward, forward, gradient_ledger, kept_by, total
from charrnn_helpers.cells import CELLS, make_weights, unroll
from charrnn_helpers.diagnostics import (
    gradient_by_distance,
    gradient_norm_by_distance,
    horizon,
    jacobian_products,
    recurrent_matrix,
    spectral_norm,
    spectral_radius,
    step_jacobians,
    with_spectral_radius,
)

KINDS = ["rnn", "relu", "identity", "gru", "lstm"]  # relu and identity: of an RNN
MATRICES = ["default", "orthogonal", "identity", "non-normal"]
T, B, D, H = 6, 3, 2, 4


def draw(kind, seed=0, dtype=torch.float64):
    cell, options = ("rnn", {"activation": kind}) if kind in ("relu", "identity") else (kind, {})
    generator = torch.Generator().manual_seed(seed)
    weights = make_weights(cell, D, H, 1, generator, dtype)
    x = torch.randn(T, B, D, generator=generator, dtype=dtype)
    h, c = torch.randn(2, B, H, generator=generator, dtype=dtype)
    return forward(cell, weights, x, (h, c) if cell == "lstm" else (h,), **options)


def close(measured, expected, tolerance=1e-12):
    torch.testing.assert_close(measured, expected, rtol=0, atol=tolerance)


def one_vector(state, b):
    return torch.cat([part[b] for part in state])


def as_state(s):
    return s[None].split(H, -1)


# --- Jacobians -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_the_jacobian_of_a_step_is_autograds(kind, seed):
    trace = draw(kind, seed)
    jacobians = step_jacobians(trace)
    S = 2 * H if kind == "lstm" else H
    assert jacobians.shape == (T, B, S, S)
    for t in range(T):
        for b in range(B):

            def step(s, t=t, b=b):
                x = trace.x[t, b : b + 1]
                after = CELLS[trace.cell].step(trace.weights, x, as_state(s), **trace.options)
                return one_vector(after, 0)

            before = one_vector(trace.states[t], b)
            close(jacobians[t, b], torch.func.jacrev(step)(before))


@pytest.mark.parametrize("kind", KINDS)
def test_products_are_the_jacobians_of_many_steps(kind):
    trace = draw(kind)
    products = jacobian_products(step_jacobians(trace))
    norms = gradient_norm_by_distance(trace)
    assert norms.shape == (T + 1, B)
    for d in range(T + 1):
        for b in range(B):

            def last(s, d=d, b=b):
                if d == 0:
                    return s
                x = trace.x[T - d :, b : b + 1]
                state = as_state(s)
                _, state = unroll(trace.cell, trace.weights, x, state, **trace.options)
                return one_vector(state, 0)

            expected = torch.func.jacrev(last)(one_vector(trace.states[T - d], b))
            close(products[d, b], expected)
            close(norms[d, b], torch.linalg.svdvals(expected)[0])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_the_product_of_norms_bounds_the_norm_of_the_product(kind, seed):
    trace = draw(kind, seed)
    single = spectral_norm(step_jacobians(trace)).flip(0)  # from the last step back
    bound = torch.cat([torch.ones(1, B, dtype=single.dtype), single.cumprod(0)])
    assert (gradient_norm_by_distance(trace) <= bound * (1 + 1e-12)).all()


def test_tanh_only_shrinks_what_its_matrix_does():
    trace = draw("rnn")
    bound = spectral_norm(trace.weights["W_hh"]) ** torch.arange(T + 1)[:, None]
    assert (gradient_norm_by_distance(trace) < bound)[1:].all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_dtype_is_kept(kind, dtype):
    trace = draw(kind, dtype=dtype)
    assert step_jacobians(trace).dtype == gradient_norm_by_distance(trace).dtype == dtype


def test_what_is_no_row_of_jacobians_is_refused():
    message = "jacobians must be (T, …, S, S), not (5, 3)"
    with pytest.raises(ValueError, match=re.escape(message)):
        jacobian_products(torch.zeros(5, 3))
    with pytest.raises(ValueError, match=re.escape("not (5, 3, 2)")):
        jacobian_products(torch.zeros(5, 3, 2))


# --- norms and radii -----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_norms_and_radii_are_numpys(seed):
    size = random.Random(seed).randint(1, 12)
    W = torch.randn(2, 3, size, size, dtype=torch.float64, generator=torch.manual_seed(seed))
    for i in range(2):
        for j in range(3):
            one = W[i, j].numpy()
            radius, norm = spectral_radius(W)[i, j].item(), spectral_norm(W)[i, j].item()
            assert radius == pytest.approx(np.abs(np.linalg.eigvals(one)).max(), abs=1e-12)
            assert norm == pytest.approx(np.linalg.norm(one, 2), abs=1e-12)
            assert radius <= norm * (1 + 1e-12)


@pytest.mark.parametrize("radius", [0, 0.3, 1, np.float64(1.7), 40.0])
@pytest.mark.parametrize("size", [1e-20, 1.0, 1e20])
def test_a_matrix_is_scaled_to_a_radius(radius, size):
    W = size * torch.randn(9, 9, dtype=torch.float64, generator=torch.manual_seed(1))
    before = W.clone()
    scaled = with_spectral_radius(W, radius)
    assert spectral_radius(scaled).item() == pytest.approx(radius, rel=1e-12)
    assert torch.equal(W, before)
    assert with_spectral_radius(W.float(), 0.5).dtype == torch.float32


def test_no_scaling_gives_a_nilpotent_matrix_a_radius():
    for W in (torch.zeros(3, 3), torch.ones(4, 4).triu(1), torch.zeros(1, 1)):
        with pytest.raises(ValueError, match="has spectral radius 0, which no scaling can change"):
            with_spectral_radius(W, 1)


@pytest.mark.parametrize("radius", [-0.1, float("nan"), float("inf"), "1", None, 1j])
def test_radii_that_no_matrix_has(radius):
    message = re.escape(f"radius must be a number of 0 or more, not {radius!r}")
    with pytest.raises(ValueError, match=message):
        with_spectral_radius(torch.eye(2), radius)
    with pytest.raises(ValueError, match=message):
        recurrent_matrix("identity", 2, radius)


# --- kinds of matrices ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", MATRICES)
@pytest.mark.parametrize("radius", [0.0, 0.5, 1.0, 1.3])
@pytest.mark.parametrize("size", [1, 2, 16])
def test_every_kind_has_the_radius_that_was_asked_for(kind, radius, size):
    W = recurrent_matrix(kind, size, radius, torch.Generator().manual_seed(size))
    assert W.shape == (size, size)
    assert W.dtype == torch.float64
    assert spectral_radius(W).item() == pytest.approx(radius, abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_an_orthogonal_matrix_keeps_lengths(seed):
    Q = recurrent_matrix("orthogonal", 8, 0.7, torch.Generator().manual_seed(seed))
    close(Q.T @ Q, 0.7**2 * torch.eye(8, dtype=torch.float64))
    close(spectral_norm(Q), torch.tensor(0.7, dtype=torch.float64))


def test_rotations_and_reflections_are_equally_likely():
    generator = torch.Generator().manual_seed(0)
    drawn = torch.stack([recurrent_matrix("orthogonal", 3, 1.0, generator) for _ in range(600)])
    assert 240 < (drawn.det() > 0).sum() < 360  # 300 ± 5 standard deviations
    assert drawn.mean(0).abs().max() < 0.12  # 0 ± 5 standard errors of 0.577 / √600


def test_a_non_normal_matrix_lets_signals_grow_before_they_fade():
    W = recurrent_matrix("non-normal", 16, 0.9)
    powers = [spectral_norm(torch.linalg.matrix_power(W, n)).item() for n in (0, 1, 10, 2000)]
    assert powers[0] == 1
    assert powers[1] > 2
    assert powers[2] > 1000
    assert powers[3] < 0.01
    orthogonal = recurrent_matrix("orthogonal", 16, 0.9)
    assert spectral_norm(orthogonal).item() == pytest.approx(0.9)  # same radius, and only fades


def test_the_identity_is_the_identity_and_draws_belong_to_their_generator():
    assert torch.equal(recurrent_matrix("identity", 3), torch.eye(3, dtype=torch.float64))
    for kind in ("default", "orthogonal"):
        first, again, other = (
            recurrent_matrix(kind, 5, 1.0, torch.Generator().manual_seed(s)) for s in (1, 1, 2)
        )
        assert torch.equal(first, again)
        assert not torch.equal(first, other)


def test_matrices_that_cannot_be_drawn():
    message = "kind must be one of 'default', 'orthogonal', 'identity', 'non-normal', not 'random'"
    with pytest.raises(ValueError, match=message):
        recurrent_matrix("random", 3)
    for size in (0, 2.5, True):
        with pytest.raises(ValueError, match=f"hidden_size must be a whole .* not {size}"):
            recurrent_matrix("default", size)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_the_gradient_by_distance_is_the_ledger_added_up(cell):
    trace = draw(cell)
    do = torch.randn(trace.o.shape, generator=torch.Generator().manual_seed(1)).double()
    parts = gradient_by_distance(trace, do)
    entries = gradient_ledger(trace, do)["W_hh"]
    for d in range(T):
        close(parts[d], entries.diagonal(-d).sum(-1))
    close(parts.sum(0), backward(trace, do)["W_hh"])
    for k in range(1, T + 1):
        close(parts[:k].sum(0), total(entries, kept_by(T, horizon=k)))


def test_the_horizon_is_the_shortest_reach_that_is_exact_enough():
    parts = torch.tensor([10.0, 3.0, 0.9, 0.1])[:, None]  # of 14: 4, 1, 0.1 and 0 are missing
    assert [horizon(parts, error) for error in (0.3, 0.29, 0.1, 0.05, 1e-9)] == [1, 1, 2, 3, 4]
    assert horizon(torch.zeros(5, 2)) == 0  # nothing is lost by not going back at all
    with pytest.raises(ValueError, match="error"):
        horizon(parts, 0)
    with pytest.raises(ValueError, match="the gradient is not finite"):
        horizon(torch.tensor([[1.0], [math.nan]]))
