"""Networks with memory."""

from __future__ import annotations

import torch
from torch import nn

from charrnn_helpers.batches import check_integers, one_hot

CELLS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}

State = torch.Tensor | tuple[torch.Tensor, torch.Tensor]


class CharRNN(nn.Module):
    """Reads characters one by one and scores, after each, every character that may come next.

    One recurrent layer turns the character x_t and its own previous state h_{t-1} into the state
    h_t; a linear head turns h_t into the logits o_t. The recurrence is Elman's (1990).

    Attributes:
        recurrent: `nn.RNN`, `nn.GRU` or `nn.LSTM`, batch first: V inputs, H hidden units.
        head: `nn.Linear` from H hidden units to V logits.
    """

    def __init__(self, vocabulary_size: int, hidden_size: int, cell: str = "rnn"):
        """Make a network with PyTorch's default initial weights.

        Args:
            vocabulary_size: V, the number of characters.
            hidden_size: H, the number of hidden units.
            cell: "rnn", "gru" or "lstm".

        Raises:
            TypeError, ValueError: If a size is no positive integer, or the cell is unknown.
        """
        super().__init__()
        for name, size in [("vocabulary_size", vocabulary_size), ("hidden_size", hidden_size)]:
            if not isinstance(size, int) or isinstance(size, bool):
                raise TypeError(f"{name} must be an integer, not {size!r}")
            if size < 1:
                raise ValueError(f"{name} must be 1 or more, not {size}")
        if cell not in CELLS:
            raise ValueError(f"cell must be one of {', '.join(map(repr, CELLS))}, not {cell!r}")
        self.vocabulary_size = vocabulary_size
        self.hidden_size = hidden_size
        self.cell = cell
        self.recurrent = CELLS[cell](vocabulary_size, hidden_size, batch_first=True)
        self.head = nn.Linear(hidden_size, vocabulary_size)

    def init_state(self, batch_size: int) -> State:
        """Return the state before the first character, h_0 = 0.

        Its shape is `(1, B, H)`, the 1 being the number of layers; for an LSTM, a pair of these
        (hidden state and cell state).
        """
        zeros = self.head.weight.new_zeros(1, batch_size, self.hidden_size)
        return (zeros, zeros.clone()) if self.cell == "lstm" else zeros

    def forward(self, inputs: torch.Tensor, state: State | None = None):
        """Read a batch of sequences, all time steps.

        Args:
            inputs: Integers `(B, T)`, or the same characters one-hot `(B, T, V)`.
            state: Where to go on from, as returned by an earlier call; h_0 = 0 if not given.

        Returns:
            `(logits, state)`: logits `(B, T, V)`, and the state after the last time step.

        Raises:
            TypeError, ValueError: If `inputs` has another type or shape, or is empty.
        """
        x = self._one_hot(inputs)  # (B, T, V)
        if state is None:
            state = self.init_state(len(x))
        h, state = self.recurrent(x, state)  # (B, T, H)
        return self.head(h), state

    def _one_hot(self, inputs: torch.Tensor) -> torch.Tensor:
        wanted = f"integers (B, T) or one-hot (B, T, {self.vocabulary_size})"
        if not isinstance(inputs, torch.Tensor):
            raise TypeError(f"inputs must be a tensor, {wanted}, not {type(inputs).__name__}")
        if inputs.is_floating_point() and inputs.dim() == 3 and inputs.numel() > 0:
            if inputs.shape[-1] != self.vocabulary_size:
                raise ValueError(f"inputs must be {wanted}, not of shape {tuple(inputs.shape)}")
            return inputs
        if inputs.dim() != 2:
            raise ValueError(f"inputs must be {wanted}, not of shape {tuple(inputs.shape)}")
        check_integers(inputs, self.vocabulary_size, "inputs")
        return one_hot(inputs, self.vocabulary_size, self.head.weight.dtype)
