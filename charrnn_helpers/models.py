"""Networks with memory: the character model, and the wirings for other shapes of problem.

    Encoder             reads x_1 … x_T, hands on its last state       many to …
    Decoder             starts from a context, writes until <stop>     … to many
    SequenceClassifier  an Encoder, then one decision                  many to one
    SequenceTagger      one decision at every time step                many to many, aligned
    EncoderDecoder      any encoder, then a Decoder                    one to many; many to many

What a time step reads is turned into a vector by `embed`, any module that works along the last
axis: `nn.Embedding` for words, `nn.Linear` for the frames of a video.

A state is a tuple, as in `layers`, (h,) or (h, c); its parts are `(K, B, H)`, K layers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from charrnn_helpers import engine as own_engine
from charrnn_helpers import engine_gated
from charrnn_helpers.batches import check_characters, one_hot
from charrnn_helpers.cells import CELLS, check_parts
from charrnn_helpers.checks import check_positive, is_number, is_whole
from charrnn_helpers.layers import make_layer, run_torch, zero_state
from charrnn_helpers.steps import State
from charrnn_helpers.tokens import PAD, START, STOP

ENGINES = ("auto", "torch", "bptt")
MANY = 150  # characters from which on a look-up wins more than PyTorch's quick LSTM
FEW = 8  # time steps
OWN = {"rnn": own_engine.run_layer, "gru": engine_gated.run_gru, "lstm": engine_gated.run_lstm}


class CharRNN(nn.Module):
    """Reads characters one by one and scores, after each, every character that may come next.

    A recurrent layer turns the character x_t and its own previous state h_{t-1} into the state h_t;
    where there are more layers, each reads the states of the one below. A linear head turns h_t of
    the last into the logits o_t. The recurrence of the plain RNN is Elman's (1990).

    Attributes:
        recurrent: `nn.RNN`, `nn.GRU` or `nn.LSTM`, batch first: V inputs, H hidden units, K layers.
        head: `nn.Linear` from H hidden units to V logits.
    """

    def __init__(
        self,
        vocabulary_size: int,
        hidden_size: int,
        cell: str = "rnn",
        engine: str = "torch",
        layers: int = 1,
        dropout: float = 0.0,
    ):
        """Make a network with PyTorch's default initial weights.

        Args:
            vocabulary_size: V, the number of characters.
            hidden_size: H, the number of hidden units of each layer.
            cell: "rnn", "gru" or "lstm".
            engine: What runs the recurrence: "torch", or "bptt", the book's own of `engine.py`,
                which is faster on a CPU. Both give the same numbers, up to rounding. "auto" takes
                the faster one wherever the network happens to be.
            layers: K, how many lie on top of each other.
            dropout: Which share of what a layer hands on, to the next layer or to the head, is set
                to 0 in training; nothing is on its way along time (Zaremba et al. 2014).

        Raises:
            TypeError, ValueError: If a size is no positive integer, the share is not at least 0
                and below 1, or the cell or the engine is unknown.
        """
        super().__init__()
        sizes = {
            "vocabulary_size": vocabulary_size,
            "hidden_size": hidden_size,
            "layers": layers,
        }
        for name, size in sizes.items():
            if not is_whole(size):
                raise TypeError(f"{name} must be an integer, not {size!r}")
            if size < 1:
                raise ValueError(f"{name} must be 1 or more, not {size}")
        if not is_number(dropout) or not 0 <= dropout < 1:
            raise ValueError(f"dropout must be a share from 0 to below 1, not {dropout!r}")
        recurrent = make_layer(cell, vocabulary_size, hidden_size, layers, dropout)
        if engine not in ENGINES or (engine == "bptt" and cell not in OWN):
            raise ValueError(
                f"engine must be 'auto' or 'torch', or 'bptt' for {', '.join(OWN)}, not {engine!r}"
            )
        self.vocabulary_size = int(vocabulary_size)  # not NumPy's integers: they fit into no file
        self.hidden_size = int(hidden_size)
        self.cell = cell
        self.engine = engine
        self.layers = int(layers)
        self.dropout = float(dropout)
        self.recurrent = recurrent
        self.head = nn.Linear(hidden_size, vocabulary_size)

    def init_state(self, batch_size: int) -> State:
        """Return the state before the first character: every part is 0, `(K, B, H)`."""
        return zero_state(self.recurrent, batch_size)

    def forward(
        self, inputs: torch.Tensor, state: State | None = None
    ) -> tuple[torch.Tensor, State]:
        """Read a batch of sequences, all time steps.

        Args:
            inputs: Integers `(B, T)`, or the same characters one-hot `(B, T, V)`.
            state: Where to go on from, as returned by an earlier call: a tuple, (h,) or (h, c),
                each `(K, B, H)`. h_0 = 0 if not given.

        Returns:
            `(logits, state)`: logits `(B, T, V)`, and the state after the last time step.

        Raises:
            TypeError, ValueError: If `inputs` has another type or shape, or is empty, or if the
                state is no tuple of this cell's parts.
        """
        check_characters(inputs, self.vocabulary_size)
        if state is None:
            state = self.init_state(len(inputs))
        check_parts(self.cell, state)
        if self._runs_own(*inputs.shape[:2]):
            h, state = OWN[self.cell](self.recurrent, inputs, state)
        else:
            if inputs.dim() == 2:
                inputs = one_hot(inputs, self.vocabulary_size, self.head.weight.dtype)
            h, state = run_torch(self.recurrent, inputs, state)
        if self.dropout:
            h = nn.functional.dropout(h, self.dropout, self.training)
        return self.head(h), state

    def _runs_own(self, batch_size: int, steps: int) -> bool:
        """Tell whether the book's engine is to run the recurrence: whether it can, and is faster.

        On a GPU each call costs, and cuDNN needs one where ours needs several a time step. Of an
        LSTM on the CPU, PyTorch has a fast one, which multiplies one-hot vectors. And gates must
        be laid out, which a few time steps do not repay.
        """
        if self.engine == "torch" or self.cell not in OWN or own_engine.transformed():
            return False
        if self.cell != "rnn" and not engine_gated.suits(self.recurrent, batch_size):
            return False
        if self.engine == "bptt":
            return True
        if self.cell == "lstm" and self.vocabulary_size < MANY:
            return False
        return self.head.weight.device.type == "cpu" and (self.cell == "rnn" or steps >= FEW)


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Let a model read without dropout; afterwards it is in the mode that it was in."""
    mode = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(mode)


class Encoder(nn.Module):
    """Reads a whole sequence and hands on the state after its last time step."""

    def __init__(self, embed: nn.Module, input_size: int, hidden_size: int, cell: str = "gru"):
        """Make an encoder with PyTorch's default initial weights.

        Args:
            embed: Turns what a time step holds into D numbers.
            input_size: D.
            hidden_size: H, the number of hidden units.
            cell: "rnn", "gru" or "lstm".

        Raises:
            ValueError: If a size is no positive integer, or the cell is unknown.
        """
        super().__init__()
        self.embed = embed
        self.recurrent = make_layer(cell, input_size, hidden_size)

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor | None = None) -> torch.Tensor:
        """Return the last hidden states `(B, H)`.

        Args:
            inputs: `(B, T)` integers or `(B, T, …)` numbers, whatever `embed` takes.
            lengths: `(B,)`, each from 1 to T: what lies behind is filling, and is not read.
                Without them every sequence counts as T long.
        """
        x = self.embed(inputs)  # (B, T, D)
        if lengths is not None:
            x = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        _, state = run_torch(self.recurrent, x)
        return state[0][0]  # h, of the only layer: (B, H)


class SequenceClassifier(nn.Module):
    """Many to one: reads a whole sequence, then decides once."""

    def __init__(self, encoder: Encoder, classes: int):
        """Put a decision between C classes behind an encoder."""
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(encoder.recurrent.hidden_size, classes)

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor | None = None) -> torch.Tensor:
        """Return logits `(B, C)`; the arguments are the encoder's."""
        return self.head(self.encoder(inputs, lengths))


class SequenceTagger(nn.Module):
    """Many to many, aligned: decides at every time step, from all that it has read so far."""

    def __init__(
        self, embed: nn.Module, input_size: int, hidden_size: int, classes: int, cell: str = "gru"
    ):
        """Put a decision between C classes behind every state; the rest as for `Encoder`."""
        super().__init__()
        self.embed = embed
        self.recurrent = make_layer(cell, input_size, hidden_size)
        self.head = nn.Linear(hidden_size, classes)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return logits `(B, T, C)`.

        It needs no lengths: a state depends on nothing behind it, so filling at the end changes no
        decision before it. It is the loss that must leave the filling out.
        """
        h, _ = self.recurrent(self.embed(inputs))  # (B, T, H)
        return self.head(h)


class Decoder(nn.Module):
    """One to many: starts from a context, its h_0, and writes a sequence token by token."""

    def __init__(self, vocabulary_size: int, embedding_size: int, hidden_size: int, cell="gru"):
        """Make a decoder for V tokens, H hidden units; its cell is "rnn" or "gru"."""
        super().__init__()
        self.embed = nn.Embedding(vocabulary_size, embedding_size)
        self.recurrent = make_layer(cell, embedding_size, hidden_size)
        if len(CELLS[cell].parts) > 1:
            raise ValueError("a decoder starts from one vector; an LSTM would need two")
        self.head = nn.Linear(hidden_size, vocabulary_size)

    def forward(self, context: torch.Tensor, written: torch.Tensor) -> torch.Tensor:
        """Return the logits `(B, T, V)` of the token that follows each one.

        Args:
            context: `(B, H)`.
            written: Integers `(B, T)`, the first of them `START`. In training these are the true
                tokens, whatever the decoder itself would have written (teacher forcing, Williams
                & Zipser 1989).
        """
        h, _ = run_torch(self.recurrent, self.embed(written), (context[None],))
        return self.head(h)

    @torch.no_grad()
    def write(self, context: torch.Tensor, longest: int) -> torch.Tensor:
        """Write the likeliest token after each other, until `STOP`.

        Args:
            context: `(B, H)`.
            longest: After how many tokens to give up waiting for `STOP`.

        Returns:
            Integers `(B, T)`, T ≤ `longest`; behind a `STOP` there is only `PAD`. They are the
            caller's own: to change, or to train on.
        """
        check_positive("longest", longest)
        state = (context[None],)
        token = torch.full((len(context), 1), START, device=context.device)
        finished = torch.zeros_like(token, dtype=torch.bool)
        tokens = []
        while len(tokens) < longest and not finished.all():
            h, state = run_torch(self.recurrent, self.embed(token), state)
            token = self.head(h).argmax(dim=2).masked_fill(finished, PAD)  # (B, 1)
            finished |= token == STOP
            tokens.append(token)
        return torch.cat(tokens, dim=1)


class EncoderDecoder(nn.Module):
    """Reads with one network, writes with another (Cho et al. 2014; Sutskever et al. 2014)."""

    def __init__(self, encoder: nn.Module, decoder: Decoder):
        """Join them; the encoder turns its inputs into a context `(B, H)`, H the decoder's."""
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder

    def forward(self, *inputs: torch.Tensor, written: torch.Tensor) -> torch.Tensor:
        """Return logits `(B, T, V)`: what the decoder expects after each token of `written`."""
        return self.decoder(self.encoder(*inputs), written)

    @torch.no_grad()
    def write(self, *inputs: torch.Tensor, longest: int) -> torch.Tensor:
        """Return what the decoder writes, as `Decoder.write` does."""
        return self.decoder.write(self.encoder(*inputs), longest)
