"""Every wiring: a sequence gives in a batch, whatever fills it up, what it gives alone."""

import pytest
import torch
from torch import nn

from charrnn_helpers.minibatches import masked_loss
from charrnn_helpers.models import (
    Decoder,
    Encoder,
    EncoderDecoder,
    SequenceClassifier,
    SequenceTagger,
)
from charrnn_helpers.tokens import IGNORE, PAD, START, STOP

CELLS = ["rnn", "gru", "lstm"]
V, D, H, C = 11, 5, 8, 4
LENGTHS = torch.tensor([7, 1, 4])


def draw(seed, *shape):
    """Integers of words, none of them special."""
    return torch.randint(3, V, shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(params=["words", "frames"])
def sequences(request):
    """Three sequences filled up to 7 steps, what fills them further, and what embeds them."""
    if request.param == "words":
        return draw(0, 3, 7), draw(1, 3, 5), lambda: nn.Embedding(V, D)
    frames = torch.rand(3, 12, 2, 3, generator=torch.Generator().manual_seed(2))
    return frames[:, :7], frames[:, 7:], lambda: nn.Sequential(nn.Flatten(2), nn.Linear(6, D))


def built(make, dtype=torch.float64):
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return make().to(dtype)


def close(measured, expected):
    torch.testing.assert_close(measured, expected, rtol=0, atol=1e-12)


def in_double(inputs):
    return inputs.double() if inputs.is_floating_point() else inputs


@pytest.mark.parametrize("cell", CELLS)
def test_many_to_one_does_not_read_the_filling(sequences, cell):
    x, filling, embed = sequences
    x, longer = in_double(x), in_double(torch.cat([x, filling], dim=1))
    model = built(lambda: SequenceClassifier(Encoder(embed(), D, H, cell), C))
    together = model(longer, LENGTHS)
    assert together.shape == (3, C)
    close(model(x, LENGTHS), together)
    for i, length in enumerate(LENGTHS):
        close(model(x[i : i + 1, :length])[0], together[i])
    assert (model(longer) - together).abs().amax(dim=1).min() > 1e-3  # without lengths it does


@pytest.mark.parametrize("cell", CELLS)
def test_many_to_one_sends_no_gradient_into_the_filling(sequences, cell):
    x, _, _ = sequences
    if not x.is_floating_point():
        x = nn.functional.one_hot(x, V).double()
    x = x.double().requires_grad_()
    width = x[0, 0].numel()
    embed = nn.Sequential(nn.Flatten(2), nn.Linear(width, D))
    model = built(lambda: SequenceClassifier(Encoder(embed, D, H, cell), C))
    model(x, LENGTHS).sum().backward()
    inside = torch.arange(7) < LENGTHS[:, None]
    assert (x.grad[~inside] == 0).all()
    assert (x.grad[inside].flatten(1).abs().amax(dim=1) > 0).all()


@pytest.mark.parametrize("cell", CELLS)
def test_aligned_decisions_depend_on_nothing_behind_them(sequences, cell):
    x, filling, embed = sequences
    x, longer = in_double(x), in_double(torch.cat([x, filling], dim=1))
    model = built(lambda: SequenceTagger(embed(), D, H, C, cell))
    together = model(longer)
    assert together.shape == (3, 12, C)
    for i, length in enumerate(LENGTHS):
        close(model(x[i : i + 1, :length])[0], together[i, :length])


@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_one_to_many_is_the_same_in_a_batch_and_alone(cell):
    images = torch.rand(3, 2, 3, generator=torch.Generator().manual_seed(4)).double()
    written = draw(5, 3, 9)
    look = nn.Sequential(nn.Flatten(), nn.Linear(6, H), nn.Tanh())
    model = built(lambda: EncoderDecoder(look, Decoder(V, D, H, cell)))
    together = model(images, written=written)
    assert together.shape == (3, 9, V)
    for i, length in enumerate(LENGTHS):
        close(
            model(images[i : i + 1], written=written[i : i + 1, :length])[0], together[i, :length]
        )


@pytest.mark.parametrize("cell", ["rnn", "gru"])
@pytest.mark.parametrize("reader", CELLS)
def test_unaligned_is_the_same_with_filling_on_both_sides(sequences, reader, cell):
    x, filling, embed = sequences
    x, longer = in_double(x), in_double(torch.cat([x, filling], dim=1))
    written, ends = draw(6, 3, 9), [2, 9, 5]
    model = built(lambda: EncoderDecoder(Encoder(embed(), D, H, reader), Decoder(V, D, H, cell)))
    together = model(longer, LENGTHS, written=written)
    for i, (length, end) in enumerate(zip(LENGTHS, ends, strict=True)):
        alone = model(x[i : i + 1, :length], written=written[i : i + 1, :end])
        close(alone[0], together[i, :end])
    told = model.write(longer, LENGTHS, longest=6)
    for i, length in enumerate(LENGTHS):
        alone = model.write(x[i : i + 1, :length], longest=6)[0]
        assert torch.equal(told[i, : len(alone)], alone)
        assert (told[i, len(alone) :] == PAD).all()


def test_the_loss_of_a_batch_is_the_mean_over_its_true_tokens():
    model = built(lambda: EncoderDecoder(Encoder(nn.Embedding(V, D), D, H), Decoder(V, D, H)))
    x, written, targets = draw(0, 3, 7), draw(6, 3, 9), draw(7, 3, 9)
    ends = torch.tensor([2, 9, 5])
    targets = targets.where(torch.arange(9) < ends[:, None], IGNORE)
    alone = [
        masked_loss(
            model(x[i : i + 1, :length], written=written[i : i + 1, :end]), targets[i : i + 1, :end]
        )
        * end
        for i, (length, end) in enumerate(zip(LENGTHS, ends, strict=True))
    ]
    close(masked_loss(model(x, LENGTHS, written=written), targets), sum(alone) / ends.sum())


@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_what_is_written_is_the_likeliest_token_after_its_own(cell):
    model = built(lambda: Decoder(V, D, H, cell))
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(3)
        model.head.bias.zero_()
    context = 3 * torch.randn(60, H, generator=torch.Generator().manual_seed(8)).double()
    tokens = model.write(context, longest=12)
    ends = [row.tolist().index(STOP) + 1 if STOP in row else len(row) for row in tokens]
    assert len(set(ends)) > 2  # some stop early, some late
    written = torch.cat([torch.full((60, 1), START), tokens[:, :-1]], dim=1)
    likeliest = model(context, written).argmax(dim=2)
    for i, end in enumerate(ends):
        assert torch.equal(tokens[i, :end], likeliest[i, :end])
        assert (tokens[i, end:] == PAD).all()


def test_writing_ends_once_all_have_stopped():
    model = built(lambda: Decoder(V, D, H))
    with torch.no_grad():
        model.head.bias[STOP] = 1e3
    assert model.write(torch.zeros(3, H).double(), longest=50).tolist() == [[STOP]] * 3
    with torch.no_grad():
        model.head.bias[STOP] = -1e3
    assert model.write(torch.zeros(3, H).double(), longest=50).shape == (3, 50)
    with pytest.raises(ValueError, match="longest must be a whole number of 1 or more, not 0"):
        model.write(torch.zeros(3, H).double(), longest=0)


def test_one_to_one_is_an_rnn_that_reads_once():
    """From h_0 = 0 there is nothing for W_hh to act on: a network with one hidden layer."""
    x = torch.randn(6, 1, D, generator=torch.Generator().manual_seed(9)).double()
    model = built(lambda: SequenceClassifier(Encoder(nn.Identity(), D, H, "rnn"), C))
    layer = model.encoder.recurrent
    hidden = torch.tanh(x[:, 0] @ layer.weight_ih_l0.T + layer.bias_ih_l0 + layer.bias_hh_l0)
    close(model(x), model.head(hidden))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_dtype_is_the_models(dtype):
    model = built(lambda: SequenceTagger(nn.Embedding(V, D), D, H, C), dtype)
    assert model(draw(0, 3, 7)).dtype == dtype


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: Encoder(nn.Identity(), 0, H),
            "input_size must be a whole number of 1 or more, not 0",
        ),
        (
            lambda: Encoder(nn.Identity(), D, -1),
            "hidden_size must be a whole number of 1 or more, not -1",
        ),
        (lambda: SequenceTagger(nn.Identity(), D, H, C, "elman"), "cell must be one of 'rnn'"),
        (lambda: Decoder(V, D, H, "lstm"), "starts from one vector; an LSTM would need two"),
    ],
)
def test_bad_sizes_are_named(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_what_a_decoder_writes_can_be_trained_on():
    """Scheduled sampling (Bengio et al. 2015): in training it reads what it has written itself."""
    model = built(lambda: Decoder(V, D, H))
    context = torch.zeros(3, H).double()
    tokens = model.write(context, longest=5)
    tokens[:, 0] = START
    model(context, tokens).sum().backward()
    assert model.recurrent.weight_hh_l0.grad.isfinite().all()
    both = EncoderDecoder(Encoder(nn.Linear(2, D), D, H).double(), model)
    frames = torch.rand(3, 4, 2, dtype=torch.float64)
    both(frames, written=both.write(frames, longest=5)).sum().backward()
