"""The engine of `engine.py` for the cells with gates, GRU and LSTM, in NumPy.

A gate is an array of its own, `(B, H)` in one piece, so that nothing strides over memory. The
equations, and the letters, are those of `steps` and `steps_backward`. Each σ(a) is made from a
tanh, ½ tanh(½ a) + ½: NumPy has a quick one.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from charrnn_helpers.engine import (
    blas,
    from_input,
    gradient_with_graph,
    run_layers,
    suits_numpy,
)
from charrnn_helpers.steps import State


class GRU(torch.autograd.Function):
    """h_t = (1 - z) ⊙ n + z ⊙ h_{t-1} for t = 1 … T, and its gradient by BPTT.

    a_x, `(3, T, B, H)`, is what the inputs and the biases give to r, z and n, but for b_n, `(H,)`,
    the bias that r shuts off with the state.
    """

    @staticmethod
    @blas.wrap(limits=1)
    def forward(ctx, a_x, W_hh, b_n, h_0):
        """Return the states h_1 … h_T `(T, B, H)`; W_hh is `(3·H, H)`, h_0 `(B, H)`."""
        a, W_T, b, first = _arrays(a_x, _by_gate(W_hh).mT.contiguous(), b_n, h_0)
        _, T, B, H = a.shape
        gates = np.empty((T, 4, B, H), a.dtype)  # r, z, n, and what h gives to n
        h = np.empty((T + 1, B, H), a.dtype)
        h[0] = first
        for t in range(T):
            r_and_z, (r, z, n, n_h) = gates[t, :2], gates[t]
            np.matmul(h[t], W_T[:2], out=r_and_z)
            r_and_z += a[:2, t]
            _sigmoid(r_and_z)
            np.matmul(h[t], W_T[2], out=n_h)
            n_h += b
            np.multiply(r, n_h, out=n)
            n += a[2, t]
            np.tanh(n, out=n)
            np.add(n, z * (h[t] - n), out=h[t + 1])
        gates, h = map(torch.from_numpy, (gates, h))
        states = h[1:]
        ctx.save_for_backward(a_x, W_hh, b_n, h_0, gates, h, states)
        return states

    @staticmethod
    @blas.wrap(limits=1)
    def backward(ctx, dh):
        """Return the gradients by all that `forward` took, from ∂⁺L/∂h_t in `dh`."""
        *inputs, gates, h, _ = ctx.saved_tensors
        if torch.is_grad_enabled():
            return gradient_with_graph(_plain_gru, inputs, [dh])
        W_r, W_z, W_n = _by_gate(inputs[1]).numpy(force=True)
        gates, h, dh = _arrays(gates, h, dh)
        T, _, B, H = gates.shape
        da_x = np.empty((3, T, B, H), gates.dtype)
        dn_h = np.empty((T, B, H), gates.dtype)
        dh_later = np.zeros((B, H), gates.dtype)
        for t in reversed(range(T)):
            (r, z, n, n_h), (dr, dz, dn) = gates[t], da_x[:, t]
            dh_t = dh[t] + dh_later
            past = dh_t * z  # the path past the weights
            np.multiply(dh_t - past, 1 - n * n, out=dn)
            np.multiply(past * (h[t] - n), 1 - z, out=dz)
            np.multiply(dn, r, out=dn_h[t])
            np.multiply(dn_h[t] * n_h, 1 - r, out=dr)
            dh_later = dr @ W_r
            dh_later += dz @ W_z
            dh_later += dn_h[t] @ W_n
            dh_later += past
        dW_hh = _products((*da_x[:2], dn_h), h)
        return tuple(map(torch.from_numpy, (da_x, dW_hh, dn_h.sum((0, 1)), dh_later)))


class LSTM(torch.autograd.Function):
    """c_t = f ⊙ c_{t-1} + i ⊙ g and h_t = o ⊙ tanh(c_t) for t = 1 … T, and its gradient by BPTT.

    a_x, `(4, T, B, H)`, is what the inputs and the biases give to i, f, g and o.
    """

    @staticmethod
    @blas.wrap(limits=1)
    def forward(ctx, a_x, W_hh, h_0, c_0):
        """Return h_1 … h_T `(T, B, H)`, and c_T `(B, H)`; W_hh is `(4·H, H)`."""
        a, W_T, first, first_c = _arrays(a_x, _by_gate(W_hh).mT.contiguous(), h_0, c_0)
        _, T, B, H = a.shape
        gates = np.empty((T, 5, B, H), a.dtype)  # i, f, o, g, and tanh(c)
        h, c = np.empty((2, T + 1, B, H), a.dtype)
        h[0], c[0] = first, first_c
        order = [0, 1, 3, 2]  # the three that are σ lie together
        W_T, a = W_T[order], a[order]
        for t in range(T):
            i, f, o, g, shown = gates[t]
            np.matmul(h[t], W_T, out=gates[t, :4])
            gates[t, :4] += a[:, t]
            _sigmoid(gates[t, :3])
            np.tanh(g, out=g)
            np.multiply(f, c[t], out=c[t + 1])
            c[t + 1] += i * g
            np.tanh(c[t + 1], out=shown)
            np.multiply(o, shown, out=h[t + 1])
        gates, h, c = map(torch.from_numpy, (gates, h, c))
        states, last = h[1:], c[-1].clone()
        ctx.save_for_backward(a_x, W_hh, h_0, c_0, gates, h, c, states)
        return states, last

    @staticmethod
    @blas.wrap(limits=1)
    def backward(ctx, dh, dc):
        """Return the gradients by all that `forward` took, from ∂⁺L/∂h_t and ∂L/∂c_T."""
        *inputs, gates, h, c, _ = ctx.saved_tensors
        if torch.is_grad_enabled():
            return gradient_with_graph(_plain_lstm, inputs, [dh, dc])
        W = _by_gate(inputs[1]).numpy(force=True)
        gates, h, c, dh, dc = _arrays(gates, h, c, dh, dc)
        T, _, B, H = gates.shape
        da = np.empty((4, T, B, H), gates.dtype)
        dh_later = np.zeros((B, H), gates.dtype)
        for t in reversed(range(T)):
            (i, f, o, g, shown), (di, df, dg, do) = gates[t], da[:, t]
            dh_o = (dh[t] + dh_later) * o
            np.multiply(dh_o * shown, 1 - o, out=do)
            dc = dc + dh_o * (1 - shown * shown)
            dc_i = dc * i
            np.multiply(dc_i, 1 - g * g, out=dg)
            np.multiply(dc_i * g, 1 - i, out=di)
            dc = dc * f  # the path to c_{t-1}, past the weights
            np.multiply(dc * c[t], 1 - f, out=df)
            dh_later = np.matmul(da[:, t], W).sum(0)
        return tuple(map(torch.from_numpy, (da, _products(da, h), dh_later, dc)))


def run_gru(layer: nn.GRU, inputs: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
    """Run an `nn.GRU` as `engine.run_layer` does an `nn.RNN`."""
    return run_layers(layer, inputs, state, _run_gru)


def run_lstm(layer: nn.LSTM, inputs: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
    """Run an `nn.LSTM` as `engine.run_layer` does an `nn.RNN`; its state is (h_0, c_0)."""
    return run_layers(layer, inputs, state, _run_lstm)


def suits(layer: nn.RNNBase, batch_size: int) -> bool:
    """Tell whether NumPy is fast for this layer, and can compute with its numbers."""
    numbers = batch_size * layer.hidden_size
    return suits_numpy(numbers, *layer.parameters()) and not torch.is_autocast_enabled("cpu")


def _run_gru(weights, x, state):
    W_xh, W_hh, b_xh, b_hh = weights
    b_r, b_z, b_n = b_hh.chunk(3)
    biases = torch.cat([b_r, b_z, torch.zeros_like(b_n)]) + b_xh
    h = GRU.apply(_from_input(x, W_xh, biases, 3), W_hh, b_n, *state)
    return h, (h[-1],)


def _run_lstm(weights, x, state):
    W_xh, W_hh, b_xh, b_hh = weights
    h, c = LSTM.apply(_from_input(x, W_xh, b_xh + b_hh, 4), W_hh, *state)
    return h, (h[-1], c)


def _from_input(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor, gates: int) -> torch.Tensor:
    """Return W x + b, gate by gate: `(G, T, B, H)`."""
    each = zip(W.chunk(gates), b.chunk(gates), strict=True)
    return torch.stack([from_input(x, *own) for own in each])


def _plain_gru(a_x, W_hh, b_n, h):
    """Run the recurrence by operations that autograd can follow."""
    states = []
    for r_x, z_x, n_x in zip(*a_x, strict=True):
        r_h, z_h, n_h = (h @ W_hh.T).chunk(3, -1)
        z, n = torch.sigmoid(z_x + z_h), torch.tanh(n_x + torch.sigmoid(r_x + r_h) * (n_h + b_n))
        h = (1 - z) * n + z * h
        states.append(h)
    return (torch.stack(states),)


def _plain_lstm(a_x, W_hh, h, c):
    states = []
    for a_t in zip(*a_x, strict=True):
        i, f, g, o = torch.cat(a_t, -1).add(h @ W_hh.T).chunk(4, -1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        states.append(h)
    return torch.stack(states), c


def _by_gate(W_hh: torch.Tensor) -> torch.Tensor:
    """Return the rows of each gate, `(G·H, H)` to `(G, H, H)`."""
    return W_hh.unflatten(0, (-1, W_hh.shape[1]))


def _arrays(*tensors: torch.Tensor) -> tuple[np.ndarray, ...]:
    return tuple(tensor.numpy(force=True) for tensor in tensors)


def _sigmoid(a: np.ndarray) -> None:
    """Turn a into σ(a), in its place."""
    a *= 0.5
    np.tanh(a, out=a)
    a *= 0.5
    a += 0.5


def _products(da: tuple[np.ndarray, ...] | np.ndarray, h: np.ndarray) -> np.ndarray:
    """Return ∂L/∂W_hh `(G·H, H)`: for each gate the sum over all time steps, as one product."""
    flat = (-1, h.shape[-1])
    return np.concatenate([d.reshape(flat).T @ h[:-1].reshape(flat) for d in da])
