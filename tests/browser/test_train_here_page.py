"""Training in the page: PyTorch's losses and weights, by mouse, keyboard and touch."""

import functools
import math

import pytest
import torch
from accessibility import RULES, SIGHTS, axe_finds
from networks import make_model
from stage import get, part, stage

from charrnn_helpers import Vocabulary, next_character_pairs, sample, train
from charrnn_helpers.widgets import TrainHere
from charrnn_helpers.widgets.weights import network_of

CELLS = ["rnn", "gru", "lstm"]


def figure_of(texts, seed=1, cell="rnn", lr=0.01, epochs=100):
    """A figure, and the network that PyTorch trains from the same weights."""
    vocabulary = Vocabulary.from_texts(texts)
    model = make_model(vocabulary, seed, cell=cell)
    pairs = next_character_pairs(texts, vocabulary)
    figure = TrainHere(model, vocabulary, texts, epochs=epochs, lr=lr)
    history = train(model, *pairs, epochs=epochs, lr=lr)
    reference = {"texts": texts, "lr": lr, "losses": history.losses}
    figure.reference = reference
    return figure, model, history.losses


@pytest.fixture(scope="module")
def trained(texts):
    return figure_of(texts)


@pytest.fixture
def mount(boards, trained):
    with stage(boards) as put:
        yield functools.partial(put, trained[0])


def wait_for_epoch(page, epoch, root="#one"):
    """Wait until a finished or paused run is drawn as it is at this epoch."""
    page.wait_for_function(
        """([root, begin]) => {
            const part = (role) => document.querySelector(`${root} [data-role=${role}]`);
            const words = part("words").textContent;
            return part("play").textContent === "Train" && words.startsWith(begin);
        }""",
        arg=[root, f"Epoch {epoch} of " if epoch else "Random weights"],
    )


def close(measured, expected, tolerance):
    torch.testing.assert_close(
        torch.as_tensor(measured, dtype=torch.float64),
        torch.as_tensor(expected, dtype=torch.float64),
        rtol=0,
        atol=tolerance,
    )


# --- the page trains as PyTorch does -------------------------------------------------------------


def test_the_hundred_losses_are_pytorchs(mount, trained):
    _, model, losses = trained
    page = mount()
    part(page, "play").click()
    wait_for_epoch(page, 100)
    close(get(page, "losses"), losses, 1e-6)  # 1e-4 is promised
    page_model = network_of(get(page, "trained"))
    for weight, other in zip(page_model.parameters(), model.parameters(), strict=True):
        close(weight.detach(), other.detach(), 1e-5)
    assert "PyTorch’s run is" in part(page, "words").inner_text()


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("seed", range(3))
def test_the_same_for_other_cells_sentences_and_rates(boards, cell, seed):
    texts = [["abba", "baab"], ["one two three", "two", "three one"], ["x y z!"]][seed]
    lr = [0.003, 0.02, 0.05][seed]
    figure, model, losses = figure_of(texts, seed, cell, lr, epochs=30)
    with stage(boards) as put:
        page = put(figure, epoch=30)  # asked for by Python: the page catches up
        wait_for_epoch(page, 30)
        page.wait_for_function("model.get('losses').length === 30")
        close(get(page, "losses"), losses, 1e-6)
        for weight, other in zip(
            network_of(get(page, "trained")).parameters(), model.parameters(), strict=True
        ):
            close(weight.detach(), other.detach(), 1e-5)


def test_what_it_writes_is_what_the_network_writes(mount, trained, texts, vocabulary):
    page = mount(epoch=100)
    wait_for_epoch(page, 100)
    _, model, _ = trained
    shown = part(page, "writings").locator("li").all_inner_texts()
    for text, line in zip(texts, shown, strict=True):
        written = sample(model, vocabulary, text.split()[0], 15)
        assert line.split(" ✓")[0].replace("␣", " ") == written
        assert ("✓" in line) == (written == text.ljust(15))


def test_letters_are_shaded_by_their_probability(mount, trained, pairs):
    page = mount(epoch=100)
    wait_for_epoch(page, 100)
    _, model, _ = trained
    p = model(pairs[0])[0].softmax(dim=2).gather(2, pairs[1][..., None])[..., 0]
    titles = [
        [cell.get_attribute("title") for cell in row.locator("span").all()]
        for row in part(page, "letters").locator("li").all()
    ]
    for row, expected in zip(titles, p.tolist(), strict=True):
        assert row[0] == "given"
        for title, value in zip(row[1:], expected, strict=True):
            assert float(title.removesuffix(" %")) == pytest.approx(100 * value, abs=0.06)


def test_no_network_can_fall_below_the_floor(mount):
    page = mount(epoch=100)
    wait_for_epoch(page, 100)
    floor = 2 * math.log(2) / 42  # two of three sentences share their first letter
    assert f"by heart {floor:.4f}" in part(page, "words").inner_text()


# --- using it ------------------------------------------------------------------------------------


def test_one_epoch_at_a_time_and_back_again(mount, trained):
    page = mount()
    assert "nothing is learnt yet" in part(page, "words").inner_text()
    for _ in range(3):
        part(page, "next").click()
    wait_for_epoch(page, 3)
    close(get(page, "losses"), trained[2][:3], 1e-9)
    part(page, "scrub").focus()
    page.keyboard.press("ArrowLeft")
    wait_for_epoch(page, 2)
    assert "Epoch 2 of 100" in part(page, "words").inner_text()
    part(page, "restart").click()
    wait_for_epoch(page, 0)
    assert get(page, "losses") == []


def test_pausing_and_going_on(mount):
    page = mount(motion="no-preference")
    part(page, "play").click()
    page.wait_for_function("model.get('epoch') > 3")
    part(page, "play").click()
    page.wait_for_function("document.querySelector('[data-role=play]').textContent === 'Train'")
    stopped = get(page, "epoch")
    assert 3 < stopped < 100
    page.wait_for_timeout(150)
    assert get(page, "epoch") == stopped
    page.wait_for_function("(n) => model.get('losses').length === n", arg=stopped)
    part(page, "play").click()
    wait_for_epoch(page, 100)


def test_another_learning_rate_begins_anew_and_keeps_the_run_before(mount, trained):
    page = mount(epoch=20)
    wait_for_epoch(page, 20)
    part(page, "rate").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("model.get('lr') === 0.02")
    wait_for_epoch(page, 0)
    assert page.locator(".rnn-earlier").count() == 1
    assert "learning rate 0.01" in part(page, "key").inner_text()
    part(page, "play").click()
    wait_for_epoch(page, 100)
    losses = get(page, "losses")
    assert losses[0] == pytest.approx(trained[2][0], abs=1e-9)
    assert abs(losses[20] - trained[2][20]) > 0.01
    assert "PyTorch" not in part(page, "words").inner_text()  # it made another run


def test_a_later_view_shows_the_runs_before_it_too(mount):
    page = mount(epoch=20)
    wait_for_epoch(page, 20)
    part(page, "rate").focus()
    page.keyboard.press("ArrowRight")
    page.evaluate("void figure.render({ model, el: document.querySelector('#two') })")
    for root in ("#one", "#two"):
        assert page.locator(f"{root} .rnn-earlier").count() == 1
        assert "learning rate 0.01." in part(page, "key", root).inner_text()


def test_other_sentences_are_learnt_too(mount):
    page = mount(epochs=300)
    page.locator("summary").click()
    part(page, "texts").fill("tic tac toe\n\n  ping pong  ")
    page.wait_for_function("model.get('texts').length === 2")
    assert get(page, "texts") == ["tic tac toe", "ping pong"]
    page.wait_for_function("document.querySelectorAll('[data-role=letters] li').length === 2")
    assert "drawn anew" in part(page, "words").inner_text()
    part(page, "rate").focus()
    page.keyboard.press("ArrowRight")
    part(page, "play").click()
    wait_for_epoch(page, 300)
    lines = part(page, "writings").locator("li").all_inner_texts()
    assert [line.split(" ✓")[0] for line in lines] == ["tic␣tac␣toe", "ping␣pong␣␣"]


def test_sentences_from_python_or_another_view_stand_in_the_box(mount):
    page = mount()
    page.evaluate("void figure.render({ model, el: document.querySelector('#two') })")
    page.locator("#one summary").click()
    page.locator("#two summary").click()
    part(page, "texts").fill("x")
    assert part(page, "texts").get_attribute("aria-invalid") == "true"
    page.evaluate("model.set('texts', ['tic tac', 'toe'])")
    for root in ["#one", "#two"]:
        assert part(page, "texts", root).input_value() == "tic tac\ntoe"
    assert part(page, "message").inner_text() == ""
    assert part(page, "texts").get_attribute("aria-invalid") == "false"
    part(page, "texts", "#two").press_sequentially("\nping ")
    assert get(page, "texts") == ["tic tac", "toe", "ping"]
    assert part(page, "texts").input_value() == "tic tac\ntoe\nping"
    assert part(page, "texts", "#two").input_value() == "tic tac\ntoe\nping "  # being typed in


def test_sentences_stand_in_the_direction_of_their_script(mount):
    page = mount()
    page.evaluate("model.set('texts', ['שלום עולם', 'hey'])")
    rows = part(page, "letters").locator("li")
    page.wait_for_function("document.querySelectorAll('[data-role=letters] li').length === 2")
    for row, is_reversed in [(0, True), (1, False)]:
        first, second = (rows.nth(row).locator("span").nth(n).bounding_box()["x"] for n in (0, 1))
        assert (first > second) == is_reversed
    directions = "(lines) => lines.map((line) => getComputedStyle(line).direction)"
    assert part(page, "writings").locator("li").evaluate_all(directions) == ["rtl", "ltr"]
    assert part(page, "texts").evaluate("(box) => getComputedStyle(box).direction") == "rtl"


def test_a_run_that_diverges_is_called_that(mount):
    page = mount(weights=mount.args[0].weights | {"b_o": [float("nan")] * 17}, epoch=3)
    wait_for_epoch(page, 3)
    words = part(page, "words").inner_text()
    assert words.endswith("loss NaN nats a letter; by heart 0.0330. Training diverged.")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "write at least one sentence"),
        ("a", "Sentence 1 has one character"),
        ("good\n" + "x" * 41, "Sentence 2 has 41 characters: shorten it to 40"),
        ("\n".join(["good day"] * 7), "7 sentences are more than fit in here: keep to 6"),
    ],
)
def test_what_cannot_be_learned_is_named_and_the_run_stays(mount, texts, typed, words):
    page = mount(epoch=5)
    wait_for_epoch(page, 5)
    page.locator("summary").click()
    part(page, "texts").fill(typed)
    assert words in part(page, "message").inner_text()
    assert part(page, "texts").get_attribute("aria-invalid") == "true"
    assert get(page, "texts", "epoch") == [texts, 5]
    part(page, "texts").fill("\n".join(texts))
    assert part(page, "message").inner_text() == ""


def test_two_views_agree_and_one_can_leave(mount):
    page = mount()
    page.evaluate("void figure.render({ model, el: document.querySelector('#two') })")
    part(page, "play", "#two").click()
    wait_for_epoch(page, 100, "#two")
    wait_for_epoch(page, 100, "#one")
    assert part(page, "words", "#one").inner_text() == part(page, "words", "#two").inner_text()
    page.evaluate("stop()")
    assert page.locator("#one .rnn-figure").count() == 0
    part(page, "restart", "#two").click()
    wait_for_epoch(page, 0, "#two")


@pytest.mark.parametrize(("theme", "width"), SIGHTS)
def test_axe_finds_no_fault_and_nothing_sticks_out(mount, theme, width):
    page = mount(theme=theme, width=width, epoch=40)
    wait_for_epoch(page, 40)
    page.locator("summary").click()
    assert axe_finds(page, RULES[theme]) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_a_phone_by_touch(mount):
    page = mount(width=390)
    part(page, "play").tap()
    wait_for_epoch(page, 100)
    for node in page.locator("#one button, #one input").all():
        box = node.bounding_box()
        assert min(box["width"], box["height"]) >= 24


def test_with_reduced_motion_it_trains_in_larger_strides(mount, trained):
    page = mount(motion="reduce")
    part(page, "play").click()
    wait_for_epoch(page, 100)
    close(get(page, "losses"), trained[2], 1e-6)
