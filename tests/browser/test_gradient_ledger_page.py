"""The figure alone on a page: it says what autograd says, by mouse, by touch and by keyboard."""

import functools
import itertools
import random

import pytest
import torch
from accessibility import RULES, SIGHTS, axe_finds
from cases import case
from networks import make_model
from stage import get, part, stage

from charrnn_helpers import Vocabulary, bptt, train
from charrnn_helpers.cells import weights_of_layer
from charrnn_helpers.widgets import GradientLedger
from charrnn_helpers.widgets.gradient_ledger.figure import LONGEST
from charrnn_helpers.widgets.weights import NAMES, network_of, weights_of

CELLS = ["rnn", "gru", "lstm"]
TEXT = "good i am fine "
T = len(TEXT) - 1


@pytest.fixture(scope="module")
def figure(vocabulary, pairs):
    """Networks of all cells, before and after they have learnt the three sentences."""
    networks = {}
    for cell in CELLS:
        trained = make_model(vocabulary, 1, cell=cell)
        train(trained, *pairs, epochs=100, lr=0.01)
        networks[cell] = (make_model(vocabulary, 1, cell=cell), trained)
    return GradientLedger(networks, vocabulary, TEXT, trained=False, loss=9)


@pytest.fixture
def mount(boards, figure):
    """Open pages with the figure on them; at the end, none may have complained."""
    with stage(boards) as put:
        yield functools.partial(put, figure)


def words(page, role, root="#one"):
    return part(page, role, root).text_content().replace("\xa0", " ")


def cell_box(page, i, j):
    """The middle of the cell of loss i and use j, from 1, on the screen."""
    box = page.locator(f"#one rect[data-loss='{i}'][data-use='{j}']").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def close_to(measured, expected, tolerance=1e-6):
    torch.testing.assert_close(
        torch.tensor(measured, dtype=torch.float64),
        torch.as_tensor(expected, dtype=torch.float64),
        rtol=0,
        atol=tolerance,
    )


# --- parity --------------------------------------------------------------------------------------


def draw(cell, seed):
    """A random network with rather large weights, a text that it knows, and a horizon."""
    choose = random.Random(f"ledger {cell} {seed}")
    vocabulary = Vocabulary("abcdefghijklmnopqrstuvwxyz"[: choose.randint(2, 20)])
    model = make_model(vocabulary, seed, choose.randint(1, 14), cell)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(choose.choice([0.5, 1, 2, 3]))
    text = "".join(choose.choices(vocabulary.characters, k=choose.randint(3, 18)))
    return vocabulary, weights_of(model), text, choose.randint(1, len(text) - 1)


def entries_by_autograd(weights, text, vocabulary):
    """The ledger without any of our own code: every use of a weight gets a weight of its own."""
    model = network_of(weights)
    H, ids = model.hidden_size, [vocabulary.characters.index(c) for c in text]
    kind = {"rnn": torch.nn.RNNCell, "gru": torch.nn.GRUCell, "lstm": torch.nn.LSTMCell}
    cells, heads, losses, state = [], [], [], None
    for x, target in itertools.pairwise(ids):
        cells.append(kind[model.cell](len(vocabulary), H).double())
        for name, parameter in cells[-1].named_parameters():
            parameter.data.copy_(getattr(model.recurrent, f"{name}_l0").data)
        heads.append(torch.nn.Linear(H, len(vocabulary)).double())
        heads[-1].load_state_dict(model.head.state_dict())
        one_hot = torch.nn.functional.one_hot(torch.tensor([x]), len(vocabulary)).double()
        state = cells[-1](one_hot, state)
        h = state[0] if model.cell == "lstm" else state
        loss = torch.nn.functional.cross_entropy(heads[-1](h), torch.tensor([target]))
        losses.append(loss / (len(ids) - 1))
    names = {"W_xh": "weight_ih", "W_hh": "weight_hh", "b_xh": "bias_ih", "b_hh": "bias_hh"}
    uses = {
        name: [getattr(cell, torch_name) for cell in cells] for name, torch_name in names.items()
    }
    uses |= {"W_ho": [head.weight for head in heads], "b_o": [head.bias for head in heads]}
    return {
        name: torch.stack(
            [
                torch.stack(
                    torch.autograd.grad(
                        loss, copies, retain_graph=True, allow_unused=True, materialize_grads=True
                    )
                )
                for loss in losses
            ]
        )
        for name, copies in uses.items()
    }


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("seed", range(6))
def test_the_page_gives_the_ledger_of_autograd(mount, cell, seed):
    vocabulary, weights, text, k = draw(cell, seed)
    expected = entries_by_autograd(weights, text, vocabulary)
    page = mount(
        networks={cell: [weights, weights]}, characters=vocabulary.characters, text=text,
        cell=cell, horizon=k, loss=None,
    )  # fmt: skip
    steps = len(text) - 1
    within = bptt.kept_by(steps, horizon=k)
    found = page.evaluate(
        """async (names) => {
            const found = [];
            for (const name of names) {
                model.set("weight", name);
                await new Promise((goOn) => setTimeout(goOn));
                found.push(["table", "shares", "kept", "error"].map((trait) => model.get(trait)));
            }
            return found;
        }""",
        list(NAMES),
    )
    for name, (table, shares, kept, error) in zip(NAMES, found, strict=True):
        entries = expected[name]
        g = entries.sum((0, 1))
        left = entries[within].sum(0)
        expected_shares = entries.flatten(2) @ g.flatten() / g.square().sum()
        with case(name):
            close_to(table, entries.flatten(2).norm(dim=-1))
            close_to(shares, [expected_shares.diagonal(-d).sum() for d in range(steps)])
            close_to(kept, (left * g).sum() / g.square().sum())
            close_to(error, (left - g).norm() / g.norm())


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("seed", range(3))
def test_the_page_cuts_into_chunks_as_backward_does(mount, cell, seed):
    vocabulary, weights, text, k = draw(cell, seed)
    page = mount(
        networks={cell: [weights, weights]}, characters=vocabulary.characters, text=text,
        cell=cell, cut_by="chunks", chunk=k, loss=None,
    )  # fmt: skip
    model = network_of(weights)
    ids = torch.tensor([vocabulary.characters.index(c) for c in text])
    x = torch.nn.functional.one_hot(ids[:-1, None], len(vocabulary)).double()
    trace = bptt.forward(cell, weights_of_layer(model.recurrent, model.head), x)
    do = bptt.cross_entropy_gradient(trace.o, ids[1:, None])
    whole, cut = bptt.backward(trace, do), bptt.backward(trace, do, k)
    for name in NAMES:
        page.evaluate("(name) => model.set('weight', name)", name)
        g, left = whole[name], cut[name]
        with case(name):
            close_to(get(page, "kept"), (left * g).sum() / g.square().sum())
            close_to(get(page, "error"), (left - g).norm() / g.norm())


@pytest.mark.parametrize("cell", CELLS)
def test_the_page_gives_the_ledger_of_bptt(mount, figure, cell):
    for trained in [False, True]:
        page = mount(cell=cell, trained=trained, horizon=3)
        model = network_of(figure.networks[cell][trained])
        ids = torch.tensor([figure.characters.index(c) for c in TEXT])
        x = torch.nn.functional.one_hot(ids[:-1, None], len(figure.characters)).double()
        trace = bptt.forward(cell, weights_of_layer(model.recurrent, model.head), x)
        do = bptt.cross_entropy_gradient(trace.o, ids[1:, None])
        entries = bptt.gradient_ledger(trace, do)["W_hh"]
        shares = bptt.entry_shares(entries)
        close_to(get(page, "table"), bptt.entry_norms(entries), 1e-10)
        close_to(get(page, "shares"), bptt.by_distance(shares), 1e-10)
        close_to(get(page, "kept"), shares[bptt.kept_by(T, horizon=3)].sum(), 1e-10)


def test_what_is_drawn_has_the_numbers_of_the_table(mount):
    page = mount(horizon=4)
    table = torch.tensor(get(page, "table"), dtype=torch.float64)
    sizes = page.locator("#one rect[data-size]").evaluate_all(
        "(cells) => cells.map(({ dataset: d }) => [d.loss - 1, d.use - 1, Number(d.size)])"
    )
    assert len(sizes) == T * (T + 1) // 2
    close_to([size for *_, size in sizes], [table[i, j] for i, j, _ in sizes], 0)
    bars = (
        part(page, "losses")
        .locator("[data-loss]")
        .evaluate_all(
            "(rows) => rows.map((row) => [...row.querySelectorAll('i')]"
            ".map((piece) => parseFloat(piece.style.width) / 100))"
        )
    )
    longest = table.sum(1).max()
    for i, row in enumerate(bars):  # from the nearest use to the farthest
        close_to(row, table[i, : i + 1].flip(0) / longest, 1e-5)
    shares = (
        part(page, "distances")
        .locator("li")
        .evaluate_all("(bars) => bars.map((bar) => Number(bar.dataset.share))")
    )
    assert shares == get(page, "shares")
    assert sum(shares) == pytest.approx(1, abs=1e-12)
    arcs = (
        part(page, "arcs")
        .locator("[data-use]")
        .evaluate_all("(arcs) => arcs.map(({ dataset: d }) => [d.use - 1, Number(d.share)])")
    )
    expected = [(j, s) for j, s in enumerate(table[8] / table[8].sum()) if s >= 0.005]
    assert [j for j, _ in arcs] == [j for j, _ in expected]
    close_to([share for _, share in arcs], [share for _, share in expected], 1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_the_entries_add_up_to_the_gradient_and_the_error_is_shown(mount, cell):
    page = mount(cell=cell)
    said = words(page, "sum")
    assert said.startswith("The 105 entries add up to the gradient, for every weight.")
    digits, _, exponent = (
        said.removesuffix(".").rpartition("Largest difference: ")[2].partition("×")
    )
    raised = (
        exponent.strip().removeprefix("10").translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    )
    assert 0 <= float(digits) * 10 ** int(raised or 0) < 1e-14


# --- choosing ------------------------------------------------------------------------------------


def test_the_overview_has_one_map_for_each_weight_that_differs(mount):
    page = mount()
    thumbs = part(page, "weights").locator("label")
    assert thumbs.all_inner_texts() == ["Wxh", "Whh", "bh", "Who", "bo"]
    part(page, "cell").get_by_label("GRU").check()
    assert thumbs.all_inner_texts() == ["Wxh", "Whh", "bxh", "bhh", "Who", "bo"]
    thumbs.nth(2).click()
    assert get(page, "weight") == "b_xh"
    part(page, "cell").get_by_label("LSTM").check()
    assert part(page, "weights").locator("input:checked").get_attribute("value") == "b_hh"
    assert "uses of bh" in words(page, "flow")
    part(page, "weights").get_by_label("Who").check(force=True)
    assert get(page, "weight") == "W_ho"
    assert get(page, "shares") == pytest.approx([1] + [0] * (T - 1), abs=1e-12)
    assert "nothing flows back" in words(page, "flow")


def test_cells_stand_in_the_order_of_the_book(mount, figure):
    page = mount(networks={cell: figure.networks[cell] for cell in ["lstm", "gru", "rnn"]})
    assert part(page, "cell").locator("label").all_inner_texts() == ["RNN", "GRU", "LSTM"]
    page = mount(networks={"gru": figure.networks["gru"]}, cell="gru")
    assert part(page, "cell").locator("label").all_inner_texts() == ["GRU"]


def test_training_and_cell_change_the_ledger(mount):
    page = mount()
    tables = [get(page, "table")]
    part(page, "trained").get_by_label("trained", exact=True).check()
    assert get(page, "trained") is True
    tables.append(get(page, "table"))
    part(page, "cell").get_by_label("LSTM").check()
    assert get(page, "cell") == "lstm"
    tables.append(get(page, "table"))
    assert all(a != b for n, a in enumerate(tables) for b in tables[:n])
    assert words(page, "live") == words(page, "flow")


def test_a_row_chosen_with_the_mouse_says_where_its_gradient_goes(mount):
    page = mount(loss=None)
    assert "Choose a loss" in words(page, "flow")
    assert "Choose a row" in words(page, "arcs")
    bars = (
        part(page, "arcs")
        .locator("rect")
        .evaluate_all("(bars) => bars.map((bar) => Number(bar.dataset.share))")
    )
    table = torch.tensor(get(page, "table"), dtype=torch.float64)
    close_to(bars, table.sum(0) / table.sum(), 1e-12)
    page.mouse.click(*cell_box(page, 10, 3))
    page.mouse.move(5, 5)
    assert get(page, "loss") == 10
    row = torch.tensor(get(page, "table"), dtype=torch.float64)[9]
    near = float(row[8:].sum() / row.sum())
    said = words(page, "flow")
    assert said.startswith(
        f"The loss at step 10 (next letter ‘f’) sends {100 * near:.0f} % of its blame"
        " (by norm) to the last two uses of Whh"
    )
    assert part(page, "losses").locator(".rnn-chosen").get_attribute("data-loss") == "10"
    assert part(page, "row").is_visible()
    page.mouse.click(*cell_box(page, 10, 3))  # once more: none
    page.mouse.move(5, 5)
    assert get(page, "loss") is None
    assert not part(page, "row").is_visible()
    part(page, "losses").locator("[data-loss='3']").click()
    assert get(page, "loss") == 3


def test_pointing_at_an_entry_tells_it_and_chooses_nothing(mount):
    page = mount()
    before = words(page, "flow")
    page.mouse.move(*cell_box(page, 12, 11))
    row = torch.tensor(get(page, "table"), dtype=torch.float64)[11]
    said = words(page, "flow")
    assert said.startswith("Loss 12, through the use of Whh at step 11 (reading ‘f’): norm ")
    assert f"{100 * float(row[10] / row.sum()):.1f} % of the norms in its row" in said
    assert part(page, "spot").is_visible()
    assert get(page, "loss") == 9
    page.mouse.move(5, 5)
    assert words(page, "flow") == before


def test_pointing_at_an_entry_makes_nothing_anew_but_its_sentence(mount):
    page = mount()
    page.mouse.move(*cell_box(page, 12, 11))
    page.evaluate(
        """() => {
            window.made = new Set();
            new MutationObserver((changes) => changes.forEach(({ target, addedNodes }) => {
                if (addedNodes.length > 0) made.add(target.closest("[data-role]").dataset.role);
            })).observe(document.querySelector("#one"), { childList: true, subtree: true });
            window.saved = model.saved;
        }"""
    )
    page.mouse.move(*cell_box(page, 7, 3))
    assert words(page, "flow").startswith("Loss 7, through the use of Whh at step 3")
    assert page.evaluate("[...made]") == ["flow"]
    assert page.evaluate("model.saved - saved") == 0
    assert part(page, "losses").locator(".rnn-chosen").get_attribute("data-loss") == "7"
    chosen = page.locator("#one .rnn-map .rnn-letter.rnn-chosen")
    assert chosen.all_text_contents() == [TEXT[2], TEXT[7].replace(" ", "␣")]
    cell = page.locator("#one rect[data-loss='7'][data-use='3']").bounding_box()
    spot = part(page, "spot").bounding_box()
    assert abs(spot["x"] + spot["width"] / 2 - cell["x"] - cell["width"] / 2) < 2
    page.mouse.move(5, 5)
    assert page.evaluate("[...made]") == ["flow"]
    assert part(page, "losses").locator(".rnn-chosen").get_attribute("data-loss") == "9"


def test_the_first_use_of_w_hh_gets_nothing_as_the_state_before_it_is_zero(mount):
    page = mount(loss=1)
    assert words(page, "flow").endswith("gives Whh nothing: the state before it is 0.")
    assert [row[0] for row in get(page, "table")] == [0] * T


def test_colours_tell_the_size_or_its_logarithm(mount):
    page = mount()
    fill = page.locator("rect[data-loss='9'][data-use='4']")
    table = torch.tensor(get(page, "table"), dtype=torch.float64)
    share = float(table[8, 3] / table.max())
    assert f"{200 * share:.1f}%" in fill.evaluate("(cell) => cell.style.fill")
    assert words(page, "least") == "0"
    part(page, "scale").get_by_label("log").check()
    assert get(page, "logarithmic") is True
    grade = 1 + torch.tensor(share).log10().item() / 6
    assert f"{100 * (2 * grade - 1):.1f}%" in fill.evaluate("(cell) => cell.style.fill")
    assert "10⁻" in words(page, "least")


# --- the horizon ---------------------------------------------------------------------------------


def check_horizon(page, k):
    """What is greyed out, and what is said of it."""
    assert get(page, "horizon") == k
    assert part(page, "horizon").input_value() == words(page, "reach") == str(k)
    cut = page.locator("#one rect[data-size]").evaluate_all(
        "(cells) => cells.filter((cell) => cell.style.fill.includes('--rnn-bar'))"
        ".map(({ dataset: d }) => d.loss - d.use)"
    )
    assert len(cut) == (T - k) * (T - k + 1) // 2
    assert min(cut, default=k) == k
    said = words(page, "cut")
    if k == T:
        assert said == "The whole way back: nothing of the Whh gradient is lost."
        assert (get(page, "kept"), get(page, "error")) == (1, 0)
    else:
        lost = f"{100 * (1 - get(page, 'kept')):.1f} %".replace("-", "−").replace("−0.0", "0.0")
        assert f"{lost} of the Whh gradient is lost" in said
        assert f"off by {100 * get(page, 'error'):.1f} % of the whole one’s norm" in said


@pytest.mark.parametrize("k", [1, 2, 7, T - 1, T])
def test_a_horizon_greys_out_and_says_what_is_lost(mount, k):
    check_horizon(mount(horizon=k), k)


def grip(page):
    box = part(page, "grip").locator("circle").nth(1).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_the_line_can_be_dragged_with_the_mouse(mount):
    page = mount(horizon=T)
    page.mouse.move(*grip(page))
    page.mouse.down()
    for i, j, k in [(13, 4, 10), (9, 4, 6), (9, 8, 2), (6, 6, 1), (2, 6, 1)]:
        page.mouse.move(*cell_box(page, max(i, j), j) if i >= j else cell_box(page, j, j))
        assert abs(get(page, "horizon") - k) <= 1
    page.mouse.up()
    check_horizon(page, 1)
    assert words(page, "live") == words(page, "cut")
    page.mouse.move(*cell_box(page, 12, 3))
    assert get(page, "horizon") == 1  # it has been let go
    assert get(page, "loss") == 9  # and nothing was chosen


def test_another_button_of_the_mouse_drags_nothing(mount):
    page = mount(horizon=T)
    page.mouse.move(*grip(page))
    page.mouse.down(button="right")
    page.mouse.move(*cell_box(page, 12, 3))
    assert get(page, "horizon") == T
    page.mouse.up(button="right")


def test_a_drag_ends_when_the_page_loses_the_pointer(mount):
    page = mount(horizon=T)
    page.evaluate(
        """document.querySelector("[data-role=grip]").addEventListener("pointerdown",
             ({ pointerId }) => { window.pointer = pointerId; })"""
    )
    page.mouse.move(*grip(page))
    page.mouse.down()
    page.mouse.move(*cell_box(page, 12, 3))
    k = get(page, "horizon")
    assert 8 <= k <= 10
    page.evaluate("document.querySelector('[data-role=grip]').releasePointerCapture(pointer)")
    page.mouse.move(*cell_box(page, 9, 8))
    page.mouse.move(*cell_box(page, 8, 8))
    assert get(page, "horizon") == k
    assert words(page, "live") == words(page, "cut")
    page.mouse.up()


def test_the_line_can_be_dragged_with_a_finger(mount):
    page = mount(width=390, horizon=5)
    page.evaluate(
        "scrollTo(0, document.querySelector('[data-role=map]').getBoundingClientRect().top)"
    )
    client = page.context.new_cdp_session(page)
    start, end = grip(page), cell_box(page, 11, 3)

    def touch(kind, *points):
        points = [{"x": x, "y": y} for x, y in points]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    scrolled = page.evaluate("scrollY")
    touch("touchStart", start)
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    for point in [middle, end]:
        touch("touchMove", point)
    touch("touchEnd")
    page.wait_for_function("[8, 9].includes(model.get('horizon'))")
    check_horizon(page, get(page, "horizon"))
    assert page.evaluate("scrollY") == scrolled  # the page has not moved along


def test_the_slider_stands_below_the_line_it_moves(mount):
    for width in [1280, 390]:
        page = mount(width=width, horizon=5)
        slider = part(page, "horizon").bounding_box()
        thumb = slider["x"] + 8 + (slider["width"] - 16) * 4 / (T - 1)
        last = part(page, "distances").locator("li").nth(4).bounding_box()
        assert abs(thumb - (last["x"] + last["width"])) < 3


# --- chunks --------------------------------------------------------------------------------------


def check_chunks(page, k):
    """What is greyed out, and what is said of it."""
    assert get(page, "chunk") == k
    assert part(page, "horizon").input_value() == words(page, "reach") == str(k)
    assert words(page, "cutname") == "Chunks of"
    found = page.locator("#one rect[data-size]").evaluate_all(
        "(cells) => cells.map((cell) =>"
        " [cell.dataset.loss - 1, cell.dataset.use - 1, !cell.style.fill.includes('--rnn-bar')])"
    )
    kept = bptt.kept_by(T, chunk=k)
    assert [is_kept for *_, is_kept in found] == [bool(kept[i, j]) for i, j, _ in found]
    said = words(page, "cut")
    if k < T:
        lost = f"{100 * (1 - get(page, 'kept')):.1f} %".replace("-", "−").replace("−0.0", "0.0")
        assert f"{lost} of the Whh gradient is lost" in said
    else:
        assert said.startswith("The whole way back")
    halves = (
        part(page, "distances")
        .locator("i")
        .evaluate_all("(bars) => bars.map((bar) => Number(bar.dataset.part))")
    )
    assert sum(halves) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("k", [1, 4, 5, T])
def test_chunks_leave_triangles_and_say_what_is_lost(mount, k):
    check_chunks(mount(cut_by="chunks", chunk=k), k)


def test_what_cuts_is_chosen_and_each_keeps_its_own_number(mount):
    page = mount(horizon=6, chunk=4)
    check_horizon(page, 6)
    part(page, "kind").get_by_label("chunks").check()
    check_chunks(page, 4)
    assert words(page, "live") == words(page, "cut")
    part(page, "horizon").focus()
    page.keyboard.press("ArrowRight")
    check_chunks(page, 5)
    part(page, "kind").get_by_label("horizon").check()
    check_horizon(page, 6)
    assert words(page, "cutname") == "Horizon"


def test_the_edge_of_a_chunk_can_be_dragged(mount):
    page = mount(cut_by="chunks", chunk=4)
    page.mouse.move(*grip(page))
    page.mouse.down()
    page.mouse.move(*cell_box(page, 8, 2))
    assert abs(get(page, "chunk") - 7.5) < 1
    page.mouse.up()
    check_chunks(page, get(page, "chunk"))
    assert words(page, "live") == words(page, "cut")
    assert get(page, "horizon") == T


def test_a_figure_that_was_saved_before_there_were_chunks_has_a_horizon(mount):
    page = mount(horizon=3)
    page.evaluate("model.set('cut_by', undefined); model.set('chunk', undefined)")
    check_horizon(page, 3)
    part(page, "kind").get_by_label("chunks").check()
    assert words(page, "cut").startswith("The whole way back")


# --- keyboard and touch --------------------------------------------------------------------------


def test_the_keyboard_alone_is_enough(mount):
    page = mount(horizon=6)
    roles = []
    for _ in range(8):
        page.keyboard.press("Tab")
        roles.append(
            page.evaluate(
                "document.activeElement.dataset.role"
                " ?? document.activeElement.closest('fieldset').dataset.role"
            )
        )
    assert roles == ["cell", "trained", "weights", "scale", "loss", "kind", "horizon", "text"]
    part(page, "cell").locator(":checked").focus()
    page.keyboard.press("ArrowRight")
    assert get(page, "cell") == "gru"
    part(page, "weights").locator(":checked").focus()
    page.keyboard.press("ArrowRight")
    assert get(page, "weight") == "b_xh"
    page.keyboard.press("ArrowLeft")
    assert get(page, "weight") == "W_hh"
    loss = part(page, "loss")
    loss.focus()
    page.keyboard.press("ArrowRight")
    assert get(page, "loss") == 10
    assert loss.get_attribute("aria-valuetext") == "10 ‘f’"
    assert words(page, "live") == words(page, "flow")
    page.keyboard.press("Home")
    assert get(page, "loss") is None
    assert loss.get_attribute("aria-valuetext") == "all losses"
    part(page, "horizon").focus()
    page.keyboard.press("ArrowLeft")
    check_horizon(page, 5)
    assert words(page, "live") == words(page, "cut")
    page.keyboard.press("End")
    check_horizon(page, T)


def test_a_tap_chooses_a_row(mount):
    page = mount(width=390)
    page.locator("rect[data-loss='6'][data-use='3']").tap()
    assert get(page, "loss") == 6
    assert words(page, "flow").startswith("The loss at step 6")
    part(page, "losses").locator("[data-loss='4']").tap()
    assert get(page, "loss") == 4


def test_what_is_touched_is_large_enough(mount):
    page = mount(width=390)
    small = page.evaluate(
        "() => [...document.querySelectorAll('#one label:has(input), #one input:not([type=radio]),"
        " #one [data-role=losses] > [data-loss]')].map((node) => node.getBoundingClientRect())"
        ".filter((box) => Math.min(box.width, box.height) < 24).length"
    )
    assert small == 0


# --- the text ------------------------------------------------------------------------------------


def test_another_text_has_another_ledger(mount, figure):
    page = mount()
    part(page, "text").fill("hey how are you")
    assert get(page, "text") == "hey how are you"
    part(page, "text").fill("hey")
    assert torch.tensor(get(page, "table")).shape == (2, 2)
    assert get(page, "horizon") == 2  # nothing was cut off before, so nothing is now
    assert part(page, "loss").input_value() == "2"  # the last one there is
    part(page, "text").fill("a nice day")
    assert get(page, "horizon") == 9
    page.evaluate("model.set('horizon', 4)")
    part(page, "text").fill("hey how are you hey how are you good i am")
    assert get(page, "horizon") == 4
    assert page.locator("#one rect[data-size]").count() == LONGEST * (LONGEST + 1) // 2
    assert part(page, "loss").input_value() == "9"


def test_accents_and_wide_letters_are_read_as_the_network_knows_them(boards):
    vocabulary = Vocabulary(" acdefné")
    networks = {"rnn": (make_model(vocabulary, 1, 4), make_model(vocabulary, 2, 4))}
    with stage(boards) as put:
        page = put(GradientLedger(networks, vocabulary, "a face"))
        part(page, "text").fill("ｃafe\u0301")
        assert get(page, "text") == "café"
        assert words(page, "message") == ""
        assert part(page, "text").input_value() == "ｃafe\u0301"  # nothing moves while one types


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("goz", "‘z’ (character 3) is not among the 17 that this network has seen: ␣ a c d"),
        ("Good", "– try ‘g’."),
        ("go", "Too short: type at least three characters."),
        ("", "Too short"),
        ("g" * 42, "42 characters are too many: shorten the text to 41."),
    ],
)
def test_a_text_without_a_ledger_is_told_beside_the_box(mount, typed, message):
    page = mount()
    box = part(page, "text")
    box.fill(typed)
    assert message in words(page, "message")
    assert box.get_attribute("aria-invalid") == "true"
    assert box.get_attribute("aria-describedby") == part(page, "message").get_attribute("id")
    assert get(page, "text") == TEXT  # the last one that was right
    box.fill("hey how")
    assert words(page, "message") == ""
    assert get(page, "text") == "hey how"


# --- Python, other views, the end ----------------------------------------------------------------


def test_changes_from_python_are_shown(mount):
    page = mount()
    page.evaluate("model.set('horizon', 3)")
    check_horizon(page, 3)
    page.evaluate("model.set('loss', 5)")
    assert words(page, "flow").startswith("The loss at step 5")
    page.evaluate("model.set('cell', 'lstm')")
    assert part(page, "cell").get_by_label("LSTM").is_checked()
    page.evaluate("model.set('text', 'hey how')")
    assert part(page, "text").input_value() == "hey how"
    page.evaluate("model.set('horizon', 99)")
    assert words(page, "reach") == "6"


def test_a_gradient_of_zero_is_drawn(mount, figure):
    weights = figure.networks["rnn"][0] | {"W_ho": [[0.0] * 12] * 17}
    page = mount(networks={"rnn": [weights, weights]}, horizon=3)
    assert words(page, "flow").endswith("gives Whh nothing: all its entries are 0.")
    assert (get(page, "kept"), get(page, "error")) == (1, 0)
    part(page, "scale").get_by_label("log").check()
    assert "NaN" not in page.locator("#one").inner_html()


def test_two_views_of_one_model_agree_and_share_no_id(mount):
    page = mount()
    page.evaluate("void figure.render({ model, el: document.querySelector('#two') })")
    part(page, "cell", "#two").get_by_label("GRU").check()
    assert part(page, "cell").get_by_label("GRU").is_checked()
    part(page, "horizon").fill("4")
    part(page, "loss", "#two").fill("7")
    part(page, "text").fill("hey how are")
    for role in ["flow", "cut", "sum", "reach"]:
        assert words(page, role) == words(page, role, "#two")
    assert part(page, "text", "#two").input_value() == "hey how are"
    part(page, "weights", "#two").get_by_label("Wxh").check(force=True)
    assert part(page, "weights").get_by_label("Wxh").is_checked()
    assert part(page, "weights", "#two").get_by_label("Wxh").is_checked()
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((node) => node.id)")
    assert len(ids) == len(set(ids))


def test_the_focus_stays_on_a_weight_in_a_shadow_tree_too(mount):
    page = mount()
    page.evaluate(
        """() => {
            const tree = document.querySelector("#two").attachShadow({ mode: "open" });
            const el = tree.appendChild(document.createElement("div"));
            void figure.render({ model, el });
            el.querySelector("[data-role=weights] input:checked").focus();
            model.set("cell", "gru");
        }"""
    )
    assert page.evaluate("document.querySelector('#two').shadowRoot.activeElement?.value") == "W_hh"


def test_nothing_is_left_after_the_clean_up(mount):
    page = mount(motion="no-preference")
    slider = page.evaluate_handle("document.querySelector('[data-role=loss]')")
    page.evaluate("stop()")
    assert page.evaluate("model.listeners.length") == 0
    assert page.evaluate("document.querySelector('#one').childElementCount") == 0
    slider.evaluate("(node) => { node.value = 2; node.dispatchEvent(new Event('input')); }")
    assert get(page, "loss") == 9


# --- looks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_page_never_scrolls_sideways(mount, width):
    page = mount(width=width, cell="gru", horizon=3)
    part(page, "text").fill("goz")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("model.set('text', 'hey how are you hey how are you good i am')")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_bars_stand_beside_their_rows(mount):
    page = mount()
    for i in [1, 8, T]:
        row = page.locator(f"rect[data-loss='{i}'][data-use='1']").bounding_box()
        bar = part(page, "losses").locator(f"[data-loss='{i}']").bounding_box()
        assert abs(row["y"] - bar["y"]) < 2


@pytest.mark.parametrize(("theme", "width"), SIGHTS)
def test_axe_finds_nothing(mount, theme, width):
    page = mount(theme=theme, width=width, cell="gru", horizon=4)
    part(page, "text").fill("goz")
    assert axe_finds(page, RULES[theme]) == []
