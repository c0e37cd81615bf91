"""What happens to gradients on their way back: Jacobians, their products, norms and radii.

s is the state as one vector, all its parts in a row: S = H numbers in an RNN or a GRU, whose state
is (h,), and S = 2·H in an LSTM, whose state is (h, c).
"""

from __future__ import annotations

import torch

from charrnn_helpers.bptt import Trace, step_backward
from charrnn_helpers.cells import initial_state
from charrnn_helpers.checks import check_not_negative, check_positive, check_positive_number

KINDS = ("default", "orthogonal", "identity", "non-normal")


def step_jacobians(trace: Trace) -> torch.Tensor:
    """Return ∂s_t/∂s_{t-1} for t = 1 … T, `(T, B, S, S)`.

    Row k of each is what one step back makes of the k-th unit vector.

    Args:
        trace: Of the forward pass, see `bptt.forward`.
    """
    B, H = trace.h.shape[1:]
    S = H * len(trace.states[0])
    eye = torch.eye(S, dtype=trace.x.dtype, device=trace.x.device)
    unit = eye.unsqueeze(1).expand(-1, B, -1)  # (S, B, S)
    dstate = unit.split(H, -1)  # the parts of a state, (S, B, H) each
    jacobians = []
    for t in range(len(trace.x)):
        _, _, before = step_backward(trace, t, dstate)
        jacobians.append(torch.cat(before, -1).transpose(0, 1))  # (B, S, S)
    return torch.stack(jacobians)


def jacobian_products(jacobians: torch.Tensor) -> torch.Tensor:
    """Multiply Jacobians from the last step back.

    Args:
        jacobians: ∂s_t/∂s_{t-1}, `(T, …, S, S)`.

    Returns:
        ∂s_T/∂s_{T-d} for the distances d = 0 … T, `(T + 1, …, S, S)`.

    Raises:
        ValueError: If the Jacobians have another shape.
    """
    if jacobians.dim() < 3 or jacobians.shape[-1] != jacobians.shape[-2]:
        raise ValueError(f"jacobians must be (T, …, S, S), not {tuple(jacobians.shape)}")
    eye = torch.eye(jacobians.shape[-1], dtype=jacobians.dtype, device=jacobians.device)
    products = [eye.expand(jacobians.shape[1:])]
    for jacobian in jacobians.flip(0):
        products.append(products[-1] @ jacobian)
    return torch.stack(products)


def gradient_norm_by_distance(trace: Trace) -> torch.Tensor:
    """Return ‖∂s_T/∂s_{T-d}‖, the spectral norm, for d = 0 … T, `(T + 1, B)`.

    It is at most the product of the single steps' norms (Pascanu et al. 2013), and often less.

    Args:
        trace: Of the forward pass, see `bptt.forward`.
    """
    return spectral_norm(jacobian_products(step_jacobians(trace)))


def gradient_by_distance(trace: Trace, do: torch.Tensor) -> torch.Tensor:
    """Split the gradient by W_hh up by how far it has come: the ledger, added up by distance.

    Args:
        trace: Of the forward pass, see `bptt.forward`.
        do: ∂L_t/∂o_t for every time step, `(T, B, O)`.

    Returns:
        `(T, G·H, H)`: entry d is the sum of the ledger's entries [i, j] with i - j = d. The sum of
        the first k is the gradient if each loss reaches back over k uses; of all, the gradient.
    """
    T, B = trace.x.shape[:2]
    zero = initial_state(trace.cell, trace.weights, T * B)
    parts = [part.unflatten(0, (T, B)) for part in zero]  # row i: ∂L_i/∂(state), (T, B, H)
    blame = []  # entry [j, d]: of use j for the loss d steps later
    for j in reversed(range(T)):
        parts[0][j] += do[j] @ trace.weights["W_ho"]  # L_j has its say from here on back
        late = tuple(part[j:] for part in parts)  # the losses before it do not reach step j
        _, da_h, before = step_backward(trace, j, late)
        blame.insert(0, torch.cat([da_h, da_h.new_zeros(j, *da_h.shape[1:])]))
        for part, new in zip(parts, before, strict=True):
            part[j:] = new
    return torch.einsum("jdbg,jbh->dgh", torch.stack(blame), trace.h[:-1])


def horizon(by_distance: torch.Tensor, error: float = 0.1) -> int:
    """Return over how many uses each loss must reach back for the gradient to be this exact.

    It is the smallest k with ‖g_k - g‖ ≤ error · ‖g‖, where g_k is the gradient after truncation to
    k uses, and g the whole one; so it is 0 if there is no gradient, and 1 or more if there is.

    Args:
        by_distance: `(T, …)`, see `gradient_by_distance`.
        error: Relative, above 0.

    Raises:
        ValueError: If a number of the gradient is not finite, or the error out of its range.
    """
    check_positive_number("error", error)
    g_k = by_distance.flatten(1).cumsum(0)  # row k - 1: the sum of the first k
    if not g_k.isfinite().all():
        raise ValueError("the gradient is not finite: it has no horizon")
    if not g_k[-1].any():
        return 0
    close = (g_k - g_k[-1]).norm(dim=1) <= error * g_k[-1].norm()
    return 1 + int(close.nonzero()[0])


def spectral_norm(W: torch.Tensor) -> torch.Tensor:
    """Return the largest singular value of each matrix, `(…, S, S)` to `(…)`."""
    return torch.linalg.matrix_norm(W, ord=2)


def spectral_radius(W: torch.Tensor) -> torch.Tensor:
    """Return the largest absolute value of an eigenvalue of each matrix, `(…, S, S)` to `(…)`."""
    return torch.linalg.eigvals(W).abs().amax(-1)


def with_spectral_radius(W: torch.Tensor, radius: float) -> torch.Tensor:
    """Return the matrix scaled so that its spectral radius is `radius`.

    Args:
        W: One matrix, `(S, S)`.
        radius: 0 or more.

    Returns:
        `(S, S)`.

    Raises:
        ValueError: If the radius is negative or not finite, or the matrix has radius 0, which no
            scaling can change.
    """
    check_not_negative("radius", radius)
    before = spectral_radius(W)
    if before <= 1e-12 * spectral_norm(W):
        raise ValueError("the matrix has spectral radius 0, which no scaling can change")
    return W * (radius / before)


def orthonormal_columns(W: torch.Tensor) -> torch.Tensor:
    """Return what Gram and Schmidt make of the columns of W, `(S, S)`.

    Of normal numbers it makes an orthogonal matrix, all of them being equally likely.
    """
    Q, R = torch.linalg.qr(W)
    return Q * R.diagonal().sign()  # qr leaves the signs open


def recurrent_matrix(
    kind: str, hidden_size: int, radius: float = 1.0, generator: torch.Generator | None = None
) -> torch.Tensor:
    """Draw a recurrent matrix of some kind, in float64, with this spectral radius.

    Args:
        kind: "default" (uniform around 0, as PyTorch's), "orthogonal" (a random rotation or
            reflection, Saxe et al. 2014), "identity" (Le et al. 2015), or "non-normal" (the radius
            on the diagonal and twice as much right above it: with a radius from about 1/3 to 1, a
            chain along which a signal grows before it fades).
        hidden_size: H.
        radius: Spectral radius, 0 or more.
        generator: Source of randomness; torch's default if not given.

    Returns:
        `(H, H)`.

    Raises:
        ValueError: If the kind is unknown, the size not positive or the radius negative.
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(map(repr, KINDS))}, not {kind!r}")
    check_positive("hidden_size", hidden_size)
    check_not_negative("radius", radius)
    eye = torch.eye(hidden_size, dtype=torch.float64)
    if kind == "identity":
        return radius * eye
    if kind == "non-normal":
        return radius * (eye + 2 * eye.roll(1, 1).triu(1))
    normal = torch.randn(hidden_size, hidden_size, generator=generator, dtype=torch.float64)
    if kind == "orthogonal":
        return radius * orthonormal_columns(normal)
    uniform = torch.rand(hidden_size, hidden_size, generator=generator, dtype=torch.float64)
    return with_spectral_radius(2 * uniform - 1, radius)
