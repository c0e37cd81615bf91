"""The book's own backward pass as an engine: the numbers of nn.RNN, and its gradients."""

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from charrnn_helpers import CharRNN, engine, models, one_hot, train, train_seeds
from charrnn_helpers.batches import check_characters
from charrnn_helpers.engine import Recurrence
from charrnn_helpers.engine_gated import GRU, LSTM
from charrnn_helpers.layers import make_layer, run_torch, zero_state
from charrnn_helpers.training import sequence_loss

T, B, V, H = 9, 4, 7, 5


def twins(dtype=torch.float64, cell="rnn", **options):
    torch.manual_seed(0)
    torch_one = CharRNN(V, H, cell, **options).to(dtype)
    own = CharRNN(V, H, cell, "bptt", **options).to(dtype)
    own.load_state_dict(torch_one.state_dict())
    return torch_one, own


def random_batch():
    generator = torch.Generator().manual_seed(1)
    return torch.randint(V, (2, B, T), generator=generator)


RUNS = {  # what each takes: the shapes of its arguments
    "rnn": (Recurrence, [(T, B, H), (H, H), (B, H)]),
    "gru": (GRU, [(3, T, B, H), (3 * H, H), (H,), (B, H)]),
    "lstm": (LSTM, [(4, T, B, H), (4 * H, H), (B, H), (B, H)]),
}


def arguments_of(cell):
    torch.manual_seed(0)
    run, shapes = RUNS[cell]
    return run, [torch.randn(s, dtype=torch.float64, requires_grad=True) for s in shapes]


@pytest.mark.parametrize("cell", RUNS)
def test_gradients_pass_gradcheck(cell):
    run, arguments = arguments_of(cell)
    assert torch.autograd.gradcheck(run.apply, arguments)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", RUNS)
@pytest.mark.parametrize(("dtype", "error"), [(torch.float64, 1e-12), (torch.float32, 2e-6)])
def test_values_and_gradients_are_those_of_torch(dtype, error, cell, layers):
    torch_one, own = twins(dtype, cell, layers=layers)
    inputs, _ = random_batch()
    starts = [
        tuple(torch.rand(part.shape).to(dtype) for part in own.init_state(B)) for _ in range(2)
    ]
    starts[1] = tuple(part.clone() for part in starts[0])
    for start in starts:
        for part in start:
            part.requires_grad_()
    results = [m(inputs, s) for m, s in zip((torch_one, own), starts, strict=True)]
    (logits, state), (own_logits, own_state) = results
    torch.testing.assert_close(own_logits, logits, rtol=0, atol=error)
    torch.testing.assert_close(own_state, state, rtol=0, atol=error)
    for logits, state in results:
        # Each state and the last one count
        (logits.cos().sum() + sum((part**2).sum() for part in state)).backward()
    gradients = [[p.grad for p in m.parameters()] for m in (torch_one, own)]
    for theirs, ours in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=10 * error, atol=10 * error)
    for theirs, ours in zip(*starts, strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, rtol=10 * error, atol=10 * error)


@pytest.mark.parametrize("cell", RUNS)
@pytest.mark.parametrize("steps", [1, T])  # one: fewer characters than there are different ones
def test_a_look_up_is_a_product_with_one_hot_vectors(cell, steps):
    _, own = twins(cell=cell)
    inputs = random_batch()[0][:, :steps]
    by_look_up, _ = own(inputs)
    by_product, _ = own(one_hot(inputs, V, torch.float64))
    torch.testing.assert_close(by_look_up, by_product, rtol=0, atol=1e-14)


@pytest.mark.parametrize("cell", RUNS)
def test_inputs_need_not_be_one_hot(cell):
    layer = make_layer(cell, 3, H, layers=2).double()
    x = torch.randn(B, T, 3, dtype=torch.float64)
    state = zero_state(layer, B)
    own, theirs = models.OWN[cell](layer, x, state), run_torch(layer, x, state)
    torch.testing.assert_close(own, theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("cell", RUNS)
def test_chunks_that_carry_the_state_are_one_run(cell):
    _, own = twins(cell=cell, layers=2)
    inputs, _ = random_batch()
    whole, end = own(inputs)
    first, state = own(inputs[:, :4])
    second, state = own(inputs[:, 4:], state)
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole, rtol=0, atol=1e-13)
    torch.testing.assert_close(state, end, rtol=0, atol=1e-13)


@pytest.mark.parametrize("cell", RUNS)
@pytest.mark.parametrize("part", [0, -1])
def test_one_time_step_and_a_gradient_for_the_last_state_alone(cell, part):
    torch_one, own = twins(cell=cell)
    inputs = random_batch()[0][:, :1]
    for model in (torch_one, own):
        model(inputs)[1][part].sum().backward()
    for theirs, ours in zip(
        torch_one.recurrent.parameters(), own.recurrent.parameters(), strict=True
    ):
        torch.testing.assert_close(ours.grad, theirs.grad, rtol=0, atol=1e-12)


@pytest.mark.parametrize("cell", RUNS)
def test_both_engines_train_along_the_same_losses(cell):
    inputs, targets = random_batch()
    both = twins(cell=cell)
    histories = [train(model, inputs, targets, epochs=60, lr=0.02) for model in both]
    losses = [torch.tensor(h.losses, dtype=torch.float64) for h in histories]
    torch.testing.assert_close(*losses, rtol=0, atol=1e-10)
    assert losses[1][-1] < 0.7 * losses[1][0]


@pytest.mark.parametrize("cell", RUNS)
def test_the_gradient_of_a_gradient_is_torchs(cell):
    run, arguments = arguments_of(cell)
    assert torch.autograd.gradgradcheck(run.apply, arguments, fast_mode=True)
    penalties = []
    inputs, targets = random_batch()
    for model in twins(cell=cell):
        weights = list(model.parameters())
        loss = sequence_loss(model(inputs)[0], targets)
        gradients = torch.autograd.grad(loss, weights, create_graph=True)
        penalty = sum((g**2).sum() for g in gradients)
        penalties.append(torch.autograd.grad(penalty, weights))
    for own, theirs in zip(*penalties, strict=True):
        torch.testing.assert_close(own, theirs, rtol=0, atol=1e-12)


def test_torch_func_works_with_either_engine():
    inputs, targets = random_batch()
    found = []
    for model in twins():

        def loss_of(weights, model=model):
            logits, _ = torch.func.functional_call(model, weights, (inputs,))
            return sequence_loss(logits, targets)

        found.append(torch.func.grad(loss_of)(dict(model.named_parameters())))
    for name, gradient in found[0].items():
        torch.testing.assert_close(found[1][name], gradient, rtol=0, atol=1e-12)
    engines = ("torch", "bptt", "auto")
    losses = [
        train_seeds(lambda e=e: CharRNN(V, H, engine=e).double(), [1, 2], inputs, targets, epochs=3)
        for e in engines
    ]
    assert torch.equal(losses[0][0], losses[1][0])
    assert torch.equal(losses[0][0], losses[2][0])


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int8, torch.int16, torch.int32])
@pytest.mark.parametrize("engine", ["torch", "bptt"])
def test_logits_can_be_viewed_and_integers_are_of_any_type(dtype, engine):
    torch.manual_seed(0)
    model = CharRNN(V, H, engine=engine)
    inputs, _ = random_batch()
    logits, _ = model(inputs.to(dtype))
    assert torch.equal(logits, model(inputs)[0])
    assert logits.view(-1, V).shape == (B * T, V)


@pytest.mark.parametrize(
    ("cell", "device", "chosen"),
    [
        ("rnn", "cpu", True),
        ("rnn", "cuda", False),
        ("rnn", "mps", False),
        ("gru", "cpu", True),
        ("gru", "cuda", False),
        ("lstm", "cpu", False),
    ],
)
def test_auto_chooses_when_it_runs(monkeypatch, cell, device, chosen):
    model = CharRNN(V, H, cell, engine="auto")
    ran = []
    own = models.OWN[cell]
    monkeypatch.setitem(models.OWN, cell, lambda *a: (ran.append(1), own(*a))[1])
    monkeypatch.setattr(nn.Parameter, "device", torch.device(device), raising=False)
    model(random_batch()[0])
    assert bool(ran) == chosen


def test_of_many_characters_an_lstm_too_looks_them_up(monkeypatch):
    ran = []
    own = models.OWN["lstm"]
    monkeypatch.setitem(models.OWN, "lstm", lambda *a: (ran.append(1), own(*a))[1])
    CharRNN(models.MANY, H, "lstm", "auto")(random_batch()[0])
    assert ran


def test_what_numpy_cannot_is_left_to_torch():
    for cell in ("gru", "lstm"):
        torch_one, own = twins(torch.bfloat16, cell)
        logits, _ = own(random_batch()[0])
        logits.sum().backward()
        assert torch.equal(logits, torch_one(random_batch()[0])[0])
        model = CharRNN(V, H, cell, "bptt")
        with torch.autocast("cpu", torch.bfloat16):
            model(random_batch()[0])[0].sum().backward()


def test_dropout_between_layers_is_torchs_in_kind():
    for model in twins(cell="gru", layers=2, dropout=0.5):
        inputs, _ = random_batch()
        model.train()
        first, second = (model(inputs)[0] for _ in range(2))
        assert not torch.equal(first, second)
        model.eval()
        assert torch.equal(model(inputs)[0], model(inputs)[0])
    torch_one, own = twins(cell="gru", layers=2, dropout=0.5)
    outputs = [model.eval()(inputs)[0] for model in (torch_one, own)]
    torch.testing.assert_close(*outputs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("cell", RUNS)
def test_between_layers_it_drops_as_much_as_torch(cell):
    torch.manual_seed(0)
    layer = make_layer(cell, 1, 40, layers=2, dropout=0.5)
    with torch.no_grad():
        for name, weight in layer.named_parameters():
            weight.fill_(0.1 if name.startswith("weight_ih") else 0.0)
    x, state = torch.ones(200, 2, 1), zero_state(layer, 200)
    spreads = []
    for run in (models.OWN[cell], run_torch):
        h, _ = run(layer.train(), x, state)
        spreads.append(h[:, 0, 0].std())  # of how much the upper layer was told
        assert h[:, 0, 0].unique().numel() > 5
        assert run(layer.eval(), x, state)[0][:, 0, 0].unique().numel() == 1
    assert 0.7 < spreads[0] / spreads[1] < 1.4


def test_the_check_of_what_is_read_waits_for_a_gpu_at_most_once():
    class Waits(TorchDispatchMode):
        count = 0

        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            self.count += "_local_scalar_dense" in str(function)
            return function(*args, **(kwargs or {}))

    with Waits() as waits:
        check_characters(random_batch()[0], V)
    assert waits.count <= 1


@pytest.mark.parametrize("cell", RUNS)
def test_states_already_returned_do_not_change_the_gradient_unnoticed(cell):
    run, arguments = arguments_of(cell)
    h = run.apply(*arguments)
    h = h[0] if cell == "lstm" else h
    with pytest.raises(RuntimeError, match=r"inplace|in-place"):
        h.mul_(2).sum().backward()


def test_the_loop_is_the_same_in_both_libraries(monkeypatch):
    torch.manual_seed(0)
    shapes = [(T, B, H), (H, H), (B, H)]
    arguments = [torch.randn(s, dtype=torch.float64, requires_grad=True) for s in shapes]
    in_numpy = Recurrence.apply(*arguments)
    gradients = torch.autograd.grad(in_numpy.cos().sum(), arguments)
    monkeypatch.setattr(engine, "fastest", lambda *t: (torch, *(x.detach() for x in t)))
    in_torch = Recurrence.apply(*arguments)
    torch.testing.assert_close(in_torch, in_numpy, rtol=0, atol=1e-13)
    for own, other in zip(
        torch.autograd.grad(in_torch.cos().sum(), arguments), gradients, strict=True
    ):
        torch.testing.assert_close(own, other, rtol=0, atol=1e-12)
    assert torch.autograd.gradcheck(Recurrence.apply, arguments)


def test_numpy_takes_small_steps_and_torch_what_it_cannot():
    small, large = torch.zeros(2, 4, 8), torch.zeros(1, 1).expand(engine.SMALL + 1, 1)[None]
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        libraries = [engine.fastest(x)[0].__name__ for x in (small, small.half(), large)]
        torch.set_num_threads(1)
        assert [*libraries, engine.fastest(large)[0].__name__] == [
            "numpy", "torch", "torch", "numpy"
        ]  # fmt: skip
    finally:
        torch.set_num_threads(threads)


def test_16_bit_floats_train_too():
    _, own = twins(torch.bfloat16)
    logits, (h,) = own(random_batch()[0])
    (logits.sum() + h.sum()).backward()
    assert logits.dtype == own.recurrent.weight_hh_l0.grad.dtype == torch.bfloat16


@pytest.mark.parametrize("cell", RUNS)
def test_gradients_come_out_the_same_twice(cell):
    _, own = twins(cell=cell)
    logits, _ = own(random_batch()[0])
    first, second = (
        torch.autograd.grad(logits.cos().sum(), own.parameters(), retain_graph=True)
        for _ in range(2)
    )  # so nothing that was saved is written over
    assert all(map(torch.equal, first, second))


@pytest.mark.parametrize("cell", RUNS)
def test_it_runs_without_a_graph(cell):
    torch_one, own = twins(cell=cell)
    inputs, _ = random_batch()
    with torch.inference_mode():
        torch.testing.assert_close(own(inputs)[0], torch_one(inputs)[0], rtol=0, atol=1e-12)


def test_an_unknown_engine_is_named():
    with pytest.raises(ValueError, match="'bptt' for rnn, gru, lstm, not 'cuda'"):
        CharRNN(V, H, engine="cuda")
