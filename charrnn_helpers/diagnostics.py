"""What happens to gradients on their way back: Jacobians, their products, norms and radii.

The state s of an RNN or a GRU is h, S = H numbers; that of an LSTM is (h, c), S = 2·H numbers.
"""

from __future__ import annotations

import math

import torch

from charrnn_helpers.bptt import Trace, step_backward


def step_jacobians(trace: Trace) -> torch.Tensor:
    """Return ∂s_t/∂s_{t-1} for t = 1 … T, `(T, B, S, S)`.

    Row k of each is what one step back makes of the k-th unit vector.
    """
    B, H = trace.h.shape[1:]
    parts = 2 if trace.cell == "lstm" else 1
    unit = torch.eye(parts * H, dtype=trace.x.dtype).unsqueeze(1).expand(-1, B, -1)  # (S, B, S)
    dstate = tuple(unit.split(H, -1)) if parts == 2 else unit
    jacobians = []
    for t in range(len(trace.x)):
        _, _, before = step_backward(trace, t, dstate)
        rows = torch.cat(before, -1) if parts == 2 else before  # (S, B, S)
        jacobians.append(rows.transpose(0, 1))
    return torch.stack(jacobians)


def jacobian_products(jacobians: torch.Tensor) -> torch.Tensor:
    """Multiply Jacobians from the last step back.

    Args:
        jacobians: ∂s_t/∂s_{t-1}, `(T, …, S, S)`.

    Returns:
        ∂s_T/∂s_{T-d} for the distances d = 0 … T, `(T + 1, …, S, S)`.
    """
    S = jacobians.shape[-1]
    products = [torch.eye(S, dtype=jacobians.dtype).expand(jacobians.shape[1:])]
    for jacobian in jacobians.flip(0):
        products.append(products[-1] @ jacobian)
    return torch.stack(products)


def gradient_norm_by_distance(trace: Trace) -> torch.Tensor:
    """Return ‖∂s_T/∂s_{T-d}‖, the spectral norm, for d = 0 … T, `(T + 1, B)`."""
    return spectral_norm(jacobian_products(step_jacobians(trace)))


def spectral_norm(W: torch.Tensor) -> torch.Tensor:
    """Return the largest singular value of each matrix, `(…, S, S)` to `(…)`."""
    return torch.linalg.matrix_norm(W, ord=2)


def spectral_radius(W: torch.Tensor) -> torch.Tensor:
    """Return the largest absolute value of an eigenvalue of each matrix, `(…, S, S)` to `(…)`."""
    return torch.linalg.eigvals(W).abs().amax(-1)


def with_spectral_radius(W: torch.Tensor, radius: float) -> torch.Tensor:
    """Return the matrix scaled so that its spectral radius is `radius`.

    Raises:
        ValueError: If the radius is negative or not finite, or the matrix has radius 0, which no
            scaling can change.
    """
    if not 0 <= radius < math.inf:
        raise ValueError(f"radius must be a number of 0 or more, not {radius!r}")
    before = spectral_radius(W)
    if before < 1e-12:
        raise ValueError("the matrix has spectral radius 0, which no scaling can change")
    return W * (radius / before)


def recurrent_matrix(
    kind: str, hidden_size: int, radius: float = 1.0, generator: torch.Generator | None = None
) -> torch.Tensor:
    """Draw a recurrent matrix of some kind, in float64, with this spectral radius.

    Args:
        kind: "default" (PyTorch's: uniform from -1/√H to 1/√H), "orthogonal" (a random rotation),
            "identity", or "non-normal" (the radius on the diagonal and twice as much right above
            it: a chain along which a signal grows before it fades).
        hidden_size: H.
        radius: Spectral radius.
        generator: Source of randomness; torch's default if not given.

    Returns:
        `(H, H)`.

    Raises:
        ValueError: If the kind is unknown.
    """
    eye = torch.eye(hidden_size, dtype=torch.float64)
    if kind == "identity":
        return radius * eye
    if kind == "non-normal":
        return radius * (eye + 2 * eye.roll(1, 1).triu(1))
    normal = torch.randn(hidden_size, hidden_size, generator=generator, dtype=torch.float64)
    if kind == "orthogonal":
        Q, R = torch.linalg.qr(normal)
        return radius * Q * R.diagonal().sign()  # the signs make all rotations equally likely
    if kind == "default":
        uniform = torch.rand(hidden_size, hidden_size, generator=generator, dtype=torch.float64)
        return with_spectral_radius(2 * uniform - 1, radius)
    kinds = "'default', 'orthogonal', 'identity', 'non-normal'"
    raise ValueError(f"kind must be one of {kinds}, not {kind!r}")
