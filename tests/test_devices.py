"""On every device that there is, networks are trained, saved, and write, as on the CPU."""

import itertools

import pytest
import torch
from runs import SETTINGS, TEXT, VOCABULARY, save

from charrnn_helpers import (
    CharRNN,
    next_character_pairs,
    predict,
    sample,
    sample_many,
    sample_stream,
    train,
    train_seeds,
)
from charrnn_helpers.longtext import checkpoints
from charrnn_helpers.longtext.ngrams import NGrams
from charrnn_helpers.longtext.streams import costs, evaluate
from charrnn_helpers.longtext.training import StreamTraining
from charrnn_helpers.minibatches import fit, masked_loss
from charrnn_helpers.models import Decoder, Encoder, EncoderDecoder, SequenceClassifier
from charrnn_helpers.units import hidden_states

GPU = torch.accelerator.current_accelerator(check_available=True)
DEVICES = ["cpu"] if GPU is None else ["cpu", GPU.type]
CELLS = ["rnn", "gru", "lstm"]
CHARACTERS = VOCABULARY.encode(TEXT)


@pytest.fixture(params=DEVICES)
def device(request):
    return torch.device(request.param)


def network(device, cell, **options):
    torch.manual_seed(0)
    return CharRNN(len(VOCABULARY), 24, cell, "auto", **options).to(device)


def close(measured, expected, error=1e-4):
    torch.testing.assert_close(measured.cpu(), expected.cpu(), rtol=error, atol=error)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
def test_what_a_network_computes(device, cell, layers):
    here, there = network(device, cell, layers=layers), network("cpu", cell, layers=layers)
    inputs = CHARACTERS[:60].view(3, 20)
    (logits, state), (expected, end) = here(inputs.to(device)), there(inputs)
    assert logits.device.type == device.type
    close(logits, expected)
    for part, same in zip(state, end, strict=True):
        close(part, same)
    logits.sum().backward()
    expected.sum().backward()
    for own, same in zip(here.parameters(), there.parameters(), strict=True):
        close(own.grad, same.grad, 1e-3)


@pytest.mark.parametrize("cell", CELLS)
def test_what_it_is_asked(device, cell):
    here, there = network(device, cell), network("cpu", cell)
    close(predict(here, VOCABULARY, "the quick")[0], predict(there, VOCABULARY, "the quick")[0])
    text = sample(here, VOCABULARY, "the", 30)
    assert text == sample(there, VOCABULARY, "the", 30)
    stream = sample_stream(here, VOCABULARY, "the")
    assert "the" + "".join(itertools.islice(stream, 27)) == text
    assert len(sample_many(here, VOCABULARY, "the", 9, 4, temperature=1.0)) == 4
    close(costs(here, CHARACTERS[:300]), costs(there, CHARACTERS[:300]))
    assert evaluate(here, CHARACTERS, B=3) == pytest.approx(evaluate(there, CHARACTERS, B=3), 1e-4)
    states = [torch.from_numpy(hidden_states(m, CHARACTERS[:100])) for m in (here, there)]
    close(*states)


@pytest.mark.parametrize("cell", CELLS)
def test_short_texts_are_learned(device, cell):
    texts = ["the quick brown fox", "jumps over", "the lazy dog"]
    inputs, targets = next_character_pairs(texts, VOCABULARY)
    model = network(device, cell)
    history = train(model, inputs.to(device), targets, epochs=120, lr=0.02)
    assert history.losses[-1] < 0.3
    assert sample(model, VOCABULARY, "jum", 10) == "jumps over"
    losses, models = train_seeds(
        lambda: network("cpu", cell), [0, 1], inputs.to(device), targets.to(device), epochs=5
    )
    assert losses.device.type == device.type
    assert len(models) == 2


@pytest.mark.parametrize("cell", CELLS)
def test_a_long_text_is_learned_saved_and_taken_up_again(device, cell, tmp_path):
    def begin():
        parts = CHARACTERS[:-400], CHARACTERS[-400:]
        return StreamTraining(network(device, cell, dropout=0.1), VOCABULARY, *parts, SETTINGS)

    first = begin()
    losses = [loss for _, loss in zip(range(50), first, strict=False)]
    save(first, tmp_path / "run")
    second = begin()
    second.load(tmp_path / "run")
    rest = list(second)
    assert second.model.head.weight.device.type == device.type
    assert sum(rest[-9:]) < 0.5 * sum(losses[:9])
    loaded, _ = checkpoints.load_model(tmp_path / "run")  # on the CPU, wherever it was trained
    assert loaded.head.weight.device.type == "cpu"
    sample(loaded, VOCABULARY, "the", 9)


def test_other_wirings(device):
    generator = torch.Generator().manual_seed(0)
    tokens = torch.randint(3, 9, (40, 6), generator=generator)
    torch.manual_seed(0)
    reader = SequenceClassifier(Encoder(torch.nn.Embedding(9, 8), 8, 16), 2).to(device)
    lengths = torch.randint(1, 7, (40,), generator=generator)
    labels = (tokens[:, 0] > 5).long()
    parts = [part.to(device) for part in (tokens, lengths, labels)]
    history = fit(reader, parts, lambda m, x, n, y: masked_loss(m(x, n), y), 40, 0.02)
    assert history.losses[-1] < 0.2
    pair = EncoderDecoder(Encoder(torch.nn.Embedding(9, 8), 8, 16), Decoder(9, 8, 16)).to(device)
    assert pair.write(parts[0], longest=5).device.type == device.type


def test_counts(device):
    here, there = (NGrams(CHARACTERS.to(d), 3, len(VOCABULARY)) for d in (device, "cpu"))
    assert here.bits(CHARACTERS[:500].to(device)) == there.bits(CHARACTERS[:500])
