"""The book's own backward pass as an engine: the numbers of nn.RNN, and its gradients."""

import inspect

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from charrnn_helpers import CharRNN, engine, models, one_hot, train, train_seeds
from charrnn_helpers.batches import check_characters
from charrnn_helpers.engine import Recurrence, run_layer
from charrnn_helpers.training import sequence_loss

T, B, V, H = 9, 4, 7, 5


def twins(dtype=torch.float64):
    torch.manual_seed(0)
    torch_one = CharRNN(V, H).to(dtype)
    own = CharRNN(V, H, engine="bptt").to(dtype)
    own.load_state_dict(torch_one.state_dict())
    return torch_one, own


def random_batch():
    generator = torch.Generator().manual_seed(1)
    return torch.randint(V, (2, B, T), generator=generator)


def test_gradients_pass_gradcheck():
    torch.manual_seed(0)
    shapes = [(T, B, H), (H, H), (B, H)]
    arguments = [torch.randn(s, dtype=torch.float64, requires_grad=True) for s in shapes]
    assert torch.autograd.gradcheck(Recurrence.apply, arguments)


@pytest.mark.parametrize(("dtype", "error"), [(torch.float64, 1e-12), (torch.float32, 2e-6)])
def test_values_and_gradients_are_those_of_torch(dtype, error):
    torch_one, own = twins(dtype)
    inputs, _ = random_batch()
    start = torch.rand(1, B, H).to(dtype)
    starts = [start.clone().requires_grad_() for _ in range(2)]
    results = [m(inputs, (s,)) for m, s in zip((torch_one, own), starts, strict=True)]
    for (logits, state), (own_logits, own_state) in [results]:
        torch.testing.assert_close(own_logits, logits, rtol=0, atol=error)
        torch.testing.assert_close(own_state, state, rtol=0, atol=error)
    for logits, state in results:
        (logits.cos().sum() + (state[0] ** 2).sum()).backward()  # each state and the last one count
    gradients = [[p.grad for p in m.parameters()] for m in (torch_one, own)]
    for theirs, ours in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=10 * error, atol=10 * error)
    torch.testing.assert_close(starts[1].grad, starts[0].grad, rtol=10 * error, atol=10 * error)


def test_a_look_up_is_a_product_with_one_hot_vectors():
    _, own = twins()
    inputs, _ = random_batch()
    by_look_up, _ = own(inputs)
    by_product, _ = own(one_hot(inputs, V, torch.float64))
    torch.testing.assert_close(by_look_up, by_product, rtol=0, atol=1e-14)


def test_inputs_need_not_be_one_hot():
    layer = nn.RNN(3, H, batch_first=True).double()
    x = torch.randn(B, T, 3, dtype=torch.float64)
    h_0 = torch.zeros(1, B, H, dtype=torch.float64)
    h, (last,) = run_layer(layer, x, (h_0,))
    for own, theirs in zip((h, last), layer(x, h_0), strict=True):
        torch.testing.assert_close(own, theirs, rtol=0, atol=1e-12)


def test_chunks_that_carry_the_state_are_one_run():
    _, own = twins()
    inputs, _ = random_batch()
    whole, end = own(inputs)
    first, state = own(inputs[:, :4])
    second, state = own(inputs[:, 4:], state)
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole, rtol=0, atol=1e-13)
    torch.testing.assert_close(state, end, rtol=0, atol=1e-13)


def test_one_time_step_and_a_gradient_for_the_last_state_alone():
    torch_one, own = twins()
    inputs = random_batch()[0][:, :1]
    for model in (torch_one, own):
        model(inputs)[1][0].sum().backward()
    for theirs, ours in zip(
        torch_one.recurrent.parameters(), own.recurrent.parameters(), strict=True
    ):
        torch.testing.assert_close(ours.grad, theirs.grad, rtol=0, atol=1e-12)


def test_both_engines_train_along_the_same_losses():
    inputs, targets = random_batch()
    histories = [train(model, inputs, targets, epochs=60, lr=0.02) for model in twins()]
    losses = [torch.tensor(h.losses, dtype=torch.float64) for h in histories]
    torch.testing.assert_close(*losses, rtol=0, atol=1e-10)
    assert losses[1][-1] < 0.7 * losses[1][0]


def test_the_gradient_of_a_gradient_is_torchs():
    torch.manual_seed(0)
    shapes = [(T, B, H), (H, H), (B, H)]
    arguments = [torch.randn(s, dtype=torch.float64, requires_grad=True) for s in shapes]
    assert torch.autograd.gradgradcheck(Recurrence.apply, arguments)
    penalties = []
    inputs, targets = random_batch()
    for model in twins():
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
    [("rnn", "cpu", True), ("rnn", "cuda", False), ("rnn", "mps", False), ("gru", "cpu", False)],
)
def test_auto_chooses_when_it_runs(monkeypatch, cell, device, chosen):
    model = CharRNN(V, H, cell, engine="auto")
    ran = []
    monkeypatch.setattr(models, "run_layer", lambda *a: (ran.append(1), run_layer(*a))[1])
    monkeypatch.setattr(nn.Parameter, "device", torch.device(device), raising=False)
    model(random_batch()[0])
    assert bool(ran) == chosen


def test_the_check_of_what_is_read_waits_for_a_gpu_at_most_once():
    class Waits(TorchDispatchMode):
        count = 0

        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            self.count += "_local_scalar_dense" in str(function)
            return function(*args, **(kwargs or {}))

    with Waits() as waits:
        check_characters(random_batch()[0], V)
    assert waits.count <= 1


def test_states_already_returned_do_not_change_the_gradient_unnoticed():
    a_x = torch.randn(T, B, H, requires_grad=True)
    h = Recurrence.apply(a_x, torch.eye(H), torch.zeros(B, H))
    with pytest.raises(RuntimeError, match=r"inplace|in-place"):
        h.mul_(2).sum().backward()


def test_the_loop_is_the_same_in_both_libraries(monkeypatch):
    torch.manual_seed(0)
    shapes = [(T, B, H), (H, H), (B, H)]
    arguments = [torch.randn(s, dtype=torch.float64, requires_grad=True) for s in shapes]
    in_numpy = Recurrence.apply(*arguments)
    gradients = torch.autograd.grad(in_numpy.cos().sum(), arguments)
    monkeypatch.setattr(engine, "_fastest", lambda *t: (torch, *(x.detach() for x in t)))
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
        libraries = [engine._fastest(x)[0].__name__ for x in (small, small.half(), large)]
        torch.set_num_threads(1)
        assert [*libraries, engine._fastest(large)[0].__name__] == [
            "numpy", "torch", "torch", "numpy"
        ]  # fmt: skip
    finally:
        torch.set_num_threads(threads)


def test_16_bit_floats_train_too():
    _, own = twins(torch.bfloat16)
    logits, (h,) = own(random_batch()[0])
    (logits.sum() + h.sum()).backward()
    assert logits.dtype == own.recurrent.weight_hh_l0.grad.dtype == torch.bfloat16


def test_gradients_come_out_the_same_twice():
    _, own = twins()
    logits, _ = own(random_batch()[0])
    first, second = (
        torch.autograd.grad(logits.cos().sum(), own.parameters(), retain_graph=True)
        for _ in range(2)
    )  # so nothing that was saved is written over
    assert all(map(torch.equal, first, second))


def test_it_runs_without_a_graph():
    torch_one, own = twins()
    inputs, _ = random_batch()
    with torch.inference_mode():
        torch.testing.assert_close(own(inputs)[0], torch_one(inputs)[0], rtol=0, atol=1e-12)


def test_the_engine_fits_on_a_page():
    assert len(inspect.getsource(Recurrence).splitlines()) <= 60


@pytest.mark.parametrize("wrong", [{"cell": "gru", "engine": "bptt"}, {"engine": "cuda"}])
def test_an_unknown_engine_is_named(wrong):
    with pytest.raises(
        ValueError, match="engine must be 'auto', 'torch', or 'bptt' for an 'rnn', not"
    ):
        CharRNN(V, H, **wrong)
