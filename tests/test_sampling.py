import itertools
import re

import numpy as np
import pytest
import torch
from networks import make_model

from charrnn_helpers import Vocabulary, predict, sample, sample_many, sample_stream, sampling
from charrnn_helpers.sampling import stepper

SENTENCES = {"hey": "hey how are you", "good": "good i am fine ", "have": "have a nice day"}


def reread(model, vocabulary, text, length):
    while len(text) < length:
        text += vocabulary.characters[int(predict(model, vocabulary, text)[0].argmax())]
    return text


@pytest.mark.parametrize("start", SENTENCES)
def test_a_trained_network_finishes_its_sentences(trained, vocabulary, start):
    assert sample(trained, vocabulary, start, length=15) == SENTENCES[start]


@pytest.mark.parametrize("start", ["g", "day", "fine you", " "])
def test_carrying_the_state_writes_what_rereading_writes(trained, vocabulary, start):
    assert sample(trained, vocabulary, start, 60) == reread(trained, vocabulary, start, 60)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_each_character_costs_one_step(vocabulary, cell, monkeypatch):
    model = make_model(vocabulary, seed=0, cell=cell)
    read, steps = [], []
    hook = model.recurrent.register_forward_hook(lambda _, a, __: read.append(a[0].shape[1]))

    def counted(model, state):
        step, state = stepper(model, state)
        return lambda *a: (steps.append(len(a[0])), step(*a))[1], state

    monkeypatch.setattr(sampling, "stepper", counted)
    sample(model, vocabulary, "good", 30)
    hook.remove()
    assert read[0] == 4  # the start, all at once
    assert set(read[1:]) <= {1}
    assert steps == [1] * 25  # what comes after the last character is never asked for


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_steps_are_the_networks_own(vocabulary, cell, dtype):
    model = make_model(vocabulary, seed=2, cell=cell).to(dtype)
    inputs = torch.randint(17, (3, 20), generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        expected, _ = model(inputs)
    step, state = stepper(model, model.init_state(3))
    error = 1e-12 if dtype == torch.float64 else 1e-5
    for t in range(20):
        logits, state = step(inputs[:, t].numpy(), state)
        torch.testing.assert_close(torch.from_numpy(logits), expected[:, t], rtol=0, atol=error)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_step_leaves_what_earlier_ones_returned(vocabulary, cell):
    model = make_model(vocabulary, seed=2, cell=cell)
    step, state = stepper(model, model.init_state(1))
    logits, first = step(np.array([3]), state)
    kept = logits.copy()
    after, _ = step(np.array([5]), first)
    step(np.array([7]), first)
    np.testing.assert_array_equal(logits, kept)
    np.testing.assert_array_equal(step(np.array([5]), first)[0], after)  # from the same state


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_many_texts_side_by_side(vocabulary, cell):
    model = make_model(vocabulary, seed=3, cell=cell)
    choice = {"temperature": 0.8, "top_k": 9}
    texts = sample_many(model, vocabulary, "hey", 20, 50, **choice, generator=seeded(1))
    assert len(set(texts)) == 50
    assert all(text.startswith("hey") and len(text) == 20 for text in texts)
    again = sample_many(model, vocabulary, "hey", 20, 50, **choice, generator=seeded(1))
    assert texts == again
    alone = sample(model, vocabulary, "hey", 20, **choice, generator=seeded(1))
    assert sample_many(model, vocabulary, "hey", 20, 1, **choice, generator=seeded(1)) == [alone]
    assert sample_many(model, vocabulary, "hey", 3, 2, temperature=1.0) == ["hey", "hey"]


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def test_each_of_many_texts_follows_its_own_probabilities(vocabulary):
    model = make_model(vocabulary, seed=3)
    texts = sample_many(model, vocabulary, "h", 3, 4000, temperature=0.3, generator=seeded(0))
    first = max({t[1] for t in texts}, key=[t[1] for t in texts].count)
    chosen = [t[2] for t in texts if t[1] == first]
    expected = (predict(model, vocabulary, "h" + first)[0].log() / 0.3).softmax(0)
    for character, p in zip(vocabulary.characters, expected.tolist(), strict=True):
        spread = (p * (1 - p) / len(chosen)) ** 0.5
        assert abs(chosen.count(character) / len(chosen) - p) < 4.5 * spread + 1e-9


def test_many_greedy_texts_would_be_one(trained, vocabulary):
    with pytest.raises(ValueError, match="all texts would be the same"):
        sample_many(trained, vocabulary, "hey", 9, 3, temperature=None)
    with pytest.raises(ValueError, match="count must be a whole number of 1 or more, not 0"):
        sample_many(trained, vocabulary, "hey", 9, 0, temperature=1.0)


def test_a_network_that_diverged_says_so(vocabulary):
    model = make_model(vocabulary, seed=0)
    torch.nn.init.constant_(model.head.bias, float("nan"))
    with pytest.raises(ValueError, match="not finite: its training diverged"):
        sample(model, vocabulary, "hey", 9)


def test_a_start_as_long_as_the_length_comes_back(trained, vocabulary):
    assert sample(trained, vocabulary, "good", 4) == "good"


def test_the_stream_yields_what_comes_after_the_start(trained, vocabulary):
    stream = sample_stream(trained, vocabulary, "have")
    assert "".join(itertools.islice(stream, 11)) == " a nice day"


def test_predict_returns_probabilities_and_a_state_to_go_on_from(trained, vocabulary):
    probabilities, state = predict(trained, vocabulary, "hey how")
    assert probabilities.shape == (17,)
    assert probabilities.sum() == pytest.approx(1)
    _, first = predict(trained, vocabulary, "hey")
    again, carried = predict(trained, vocabulary, " how", first)
    torch.testing.assert_close(again, probabilities, rtol=0, atol=1e-12)
    torch.testing.assert_close(carried, state, rtol=0, atol=1e-12)


def test_predict_goes_on_from_a_tuple_and_from_nothing_else(vocabulary):
    for cell, wanted in [("rnn", "(h,)"), ("gru", "(h,)"), ("lstm", "(h, c)")]:
        model = make_model(vocabulary, seed=0, cell=cell)
        _, state = predict(model, vocabulary, "hey")
        assert isinstance(state, tuple)
        with pytest.raises(TypeError, match=re.escape(f"must be a tuple {wanted}, not Tensor")):
            predict(model, vocabulary, " how", state[0])


def test_a_temperature_towards_zero_is_greedy(trained, vocabulary):
    cold = sample(trained, vocabulary, "hey", 40, temperature=1e-6)
    assert cold == sample(trained, vocabulary, "hey", 40)


def test_top_1_is_greedy_at_any_temperature(trained, vocabulary):
    narrow = sample(trained, vocabulary, "hey", 40, temperature=5.0, top_k=1)
    assert narrow == sample(trained, vocabulary, "hey", 40)


def test_draws_follow_the_probabilities(vocabulary):
    model = make_model(vocabulary, seed=3)
    generator = torch.Generator().manual_seed(0)
    probabilities, _ = predict(model, vocabulary, "h")
    expected = (probabilities.log() / 0.3).softmax(0)
    counts = torch.zeros(17)
    for _ in range(3000):
        text = sample(model, vocabulary, "h", 2, temperature=0.3, generator=generator)
        counts[vocabulary.characters.index(text[1])] += 1
    spread = (expected * (1 - expected) / 3000).sqrt()
    assert ((counts / 3000 - expected).abs() < 4.5 * spread + 1e-9).all()


def test_top_k_draws_among_the_k_likeliest(vocabulary):
    model = make_model(vocabulary, seed=3)
    generator = torch.Generator().manual_seed(0)
    likeliest = predict(model, vocabulary, "h")[0].topk(3).indices.tolist()
    drawn = {
        sample(model, vocabulary, "h", 2, temperature=9.0, top_k=3, generator=generator)[1]
        for _ in range(200)
    }
    assert drawn == {vocabulary.characters[i] for i in likeliest}


@pytest.mark.parametrize("top_k", [None, 4])
def test_top_p_draws_among_as_few_as_have_that_probability(top_k):
    rng = np.random.default_rng(0)
    generator = torch.Generator().manual_seed(0)
    for _ in range(60):
        logits, temperature = rng.normal(size=9) * 2, rng.uniform(0.3, 3)
        top_p = rng.uniform(0.05, 1)
        p = torch.tensor(logits / temperature).softmax(0)
        order = sorted(range(9), key=lambda i: -p[i])[:top_k]
        p = p / p[order].sum()
        kept, together = [], 0.0
        while together < top_p and len(kept) < len(order):
            kept.append(order[len(kept)])
            together += p[kept[-1]].item()
        many = np.tile(logits, (400, 1))
        drawn = sampling._choose(many, temperature, top_k, top_p, generator)
        assert set(drawn.tolist()) <= set(kept)
        likely = {i for i in kept if p[i] / together > 0.04}
        assert likely <= set(drawn.tolist())


def test_all_of_the_probability_is_no_limit(trained, vocabulary):
    def draw(**choice):
        generator = torch.Generator().manual_seed(3)
        return sample(trained, vocabulary, "h", 40, temperature=2.0, generator=generator, **choice)

    assert draw(top_p=1.0) == draw() == draw(top_p=1)
    assert draw(top_p=1e-9) == sample(trained, vocabulary, "h", 40)


def test_the_same_seed_draws_the_same_text(trained, vocabulary):
    def draw(seed):
        generator = torch.Generator().manual_seed(seed)
        return sample(trained, vocabulary, "h", 60, temperature=2.0, generator=generator)

    assert draw(5) == draw(5)
    assert draw(5) != draw(6)


def test_sampling_keeps_no_graph_and_no_mode(vocabulary):
    model = make_model(vocabulary, seed=0)
    assert not predict(model, vocabulary, "hey")[0].requires_grad
    stream = sample_stream(model, vocabulary, "hey")
    next(stream)
    assert torch.is_grad_enabled()
    assert not torch.is_inference_mode_enabled()


@pytest.mark.parametrize(
    ("start", "options", "error", "words"),
    [
        ("", {}, ValueError, "the text is empty"),
        ("hez", {}, ValueError, "'z' at position 2"),
        (["h"], {}, TypeError, "text must be a string, not list"),
        ("hey how are you doing", {}, ValueError, "21 characters, more than the length of 15"),
        ("hey", {"length": 0}, ValueError, "length must be a whole number of 1 or more, not 0"),
        ("hey", {"length": 9.5}, ValueError, "length must be a whole number of 1 or more, not 9.5"),
        ("hey", {"temperature": 0}, ValueError, "temperature must be a number above 0, not 0"),
        ("hey", {"temperature": -1.0}, ValueError, "number above 0, not -1.0; .* leave it out"),
        ("hey", {"temperature": float("nan")}, ValueError, "number above 0, not nan"),
        ("hey", {"temperature": "hot"}, ValueError, "number above 0, not 'hot'"),
        ("hey", {"temperature": 1.0, "top_k": 0}, ValueError, "from 1 to 17, not 0"),
        ("hey", {"temperature": 1.0, "top_k": 18}, ValueError, "from 1 to 17, not 18"),
        ("hey", {"temperature": 1.0, "top_k": 2.5}, ValueError, "from 1 to 17, not 2.5"),
        ("hey", {"top_k": 3}, ValueError, "needs a temperature"),
        ("hey", {"top_p": 0.5}, ValueError, "top_p draws at random and so needs a temperature"),
        ("hey", {"temperature": 1.0, "top_p": 0}, ValueError, "above 0, up to 1, not 0"),
        ("hey", {"temperature": 1.0, "top_p": 1.1}, ValueError, "above 0, up to 1, not 1.1"),
        ("hey", {"temperature": 1.0, "top_p": True}, ValueError, "above 0, up to 1, not True"),
    ],
)
def test_bad_arguments(vocabulary, start, options, error, words):
    with pytest.raises(error, match=words):
        sample(make_model(vocabulary, 0), vocabulary, start, **{"length": 15, **options})


def test_errors_of_a_stream_come_at_the_call(vocabulary):
    with pytest.raises(ValueError, match="temperature must be"):
        sample_stream(make_model(vocabulary, 0), vocabulary, "hey", temperature=0)
    with pytest.raises(ValueError, match="the text is empty"):
        sample_stream(make_model(vocabulary, 0), vocabulary, "")


def test_model_and_vocabulary_must_fit(vocabulary):
    with pytest.raises(ValueError, match="the model knows 17 characters, the vocabulary 3"):
        predict(make_model(vocabulary, 0), Vocabulary("abc"), "ab")


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_what_is_predicted_can_be_changed_and_trained_from(vocabulary, cell):
    """No letter may be an "e": the first thing to try with probabilities."""
    model = make_model(vocabulary, seed=0, cell=cell)
    probabilities, state = predict(model, vocabulary, "hey")
    probabilities[vocabulary.encode("e")] = 0
    probabilities /= probabilities.sum()
    assert probabilities.sum().item() == pytest.approx(1)
    logits, _ = model(vocabulary.encode("how")[None], state)
    logits.sum().backward()
    assert model.recurrent.weight_hh_l0.grad.abs().sum() > 0


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_networks_of_16_bits_write_too(vocabulary, cell, dtype):
    model = make_model(vocabulary, seed=0, cell=cell).to(dtype)
    assert len(sample(model, vocabulary, "hey", 9)) == 9
    choice = {"temperature": 1.0, "generator": seeded(0)}
    assert [len(t) for t in sample_many(model, vocabulary, "hey", 9, 3, **choice)] == [9] * 3
    assert next(sample_stream(model, vocabulary, "hey")) in vocabulary


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_stream_keeps_the_weights_of_its_start(vocabulary, cell):
    model = make_model(vocabulary, seed=0, cell=cell)
    expected = sample(model, vocabulary, "hey", 40)
    stream = sample_stream(model, vocabulary, "hey")
    written = "hey" + "".join(itertools.islice(stream, 10))
    with torch.no_grad():
        for weight in model.parameters():
            weight.zero_()
    assert written + "".join(itertools.islice(stream, 27)) == expected


@pytest.mark.parametrize("temperature", [1e-320, 5e-324, 1e-300])
def test_a_temperature_next_to_zero_takes_the_likeliest(vocabulary, temperature):
    model = make_model(vocabulary, seed=0)
    written = sample(model, vocabulary, "hey", 30, temperature=temperature)
    assert written == sample(model, vocabulary, "hey", 30)


def test_the_highest_draw_there_is_chooses_a_character(monkeypatch):
    highest = 1 - 2**-53  # times a sum it may round to the sum itself
    monkeypatch.setattr(
        torch, "rand", lambda *shape, **_: torch.full(shape, highest, dtype=torch.float64)
    )
    logits = np.random.default_rng(0).normal(size=(200, 5))
    assert (sampling._choose(logits, 1.0, None, None, None) < 5).all()
