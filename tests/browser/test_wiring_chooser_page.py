"""The figure that chooses a wiring, alone on a page: parity, keyboard, phone, axe."""

import functools

import pytest
import torch
from accessibility import RULES, SIGHTS, axe_finds
from demonstrations import ENGLISH, FRENCH, demonstrations, made, videos
from stage import get, part, settle, stage
from torch import nn

from charrnn_helpers.cells import unroll, weights_of_layer
from charrnn_helpers.models import Decoder, Encoder, EncoderDecoder
from charrnn_helpers.widgets import WiringChooser
from charrnn_helpers.widgets.demonstration import Demonstration
from charrnn_helpers.widgets.wiring_chooser.problems import PROBLEMS

TRAINED = [kinds for kinds, problem in PROBLEMS.items() if "serves" not in problem]


@pytest.fixture(scope="module")
def shown():
    return {(each.input, each.output): each for each in demonstrations()}


@pytest.fixture(scope="module")
def figure(shown):
    return WiringChooser(list(shown.values()), "words", "sequence")


@pytest.fixture
def mount(boards, figure):
    """Open pages with the figure on them; at the end, none may have complained."""
    with stage(boards) as put:
        yield functools.partial(put, figure)


def choose(page, goes_in, comes_out):
    part(page, f"input-{goes_in}").check()
    page.locator(f"#one [data-role='output-{comes_out}']").check()


def node(page, name, root="#one"):
    return page.locator(f"{root} [data-node='{name}']")


def names(page, kind=""):
    found = page.locator(f"#one .rnn-node[data-node^='{kind}']" if kind else "#one .rnn-node")
    return found.evaluate_all("(all) => all.map((one) => one.dataset.node)")


def arrows(page):
    ends = "(all) => all.map((one) => [one.dataset.from, one.dataset.to])"
    return set(map(tuple, page.locator("#one [data-from]").evaluate_all(ends)))


def lit(page):
    found = page.locator("#one .rnn-node.rnn-lit")
    return set(found.evaluate_all("(all) => all.map((one) => one.dataset.node)"))


def close_to(measured, expected):
    torch.testing.assert_close(
        *(torch.tensor(numbers, dtype=torch.float64) for numbers in (measured, expected)),
        rtol=0,
        atol=1e-9,
    )


# --- page = PyTorch ------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("kinds", TRAINED)
def test_every_example_gets_pytorchs_answer(boards, seed, kinds):
    drawn = {(each.input, each.output): each for each in demonstrations(seed)}
    with stage(boards) as put:
        page = put(WiringChooser(list(drawn.values()), *kinds), motion="reduce")
        for i in range(len(drawn[kinds].examples)):
            answer, probabilities = drawn[kinds].run(i)
            assert get(page, "example") == i
            assert get(page, "answer") == answer
            close_to(get(page, "probabilities"), probabilities)
            part(page, "next").dispatch_event("click")  # does nothing after the last


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_the_states_in_the_nodes_are_the_layers(boards, cell):
    def build():
        return EncoderDecoder(
            Encoder(nn.Embedding(len(ENGLISH), 5), 5, 9, cell), Decoder(len(FRENCH), 4, 9, "rnn")
        )

    model = made(3, build)
    words = ["in", "seven", "months", "friday"]
    demonstration = Demonstration(
        "words", "sequence", model, [(words, ["dans"])], FRENCH, "", reads=ENGLISH, longest=5
    )
    weights = weights_of_layer(model.encoder.recurrent)
    x = model.encoder.embed(ENGLISH.encode(words))[:, None].detach()
    states, _ = unroll(cell, weights, x)
    with stage(boards) as put:
        page = put(WiringChooser([demonstration], "words", "sequence"))
        for t, h in enumerate(states[:, 0].tolist(), start=1):
            colours = (
                node(page, f"h{t}")
                .locator(".rnn-cell")
                .evaluate_all("(cells) => cells.map((cell) => cell.style.fill)")
            )
            assert len(colours) == 9
            for colour, value in zip(colours, h, strict=True):
                assert f"{100 * min(1, abs(value)):.1f}%" in colour
                assert ("--rnn-negative" if value < 0 else "--rnn-positive") in colour


# --- which arrows exist --------------------------------------------------------------------------


def test_one_to_one_has_no_loop(mount):
    page = mount(input="picture", output="decision")
    assert names(page) == ["x1", "h1", "o1"]
    assert arrows(page) == {("x1", "h1"), ("h1", "o1")}


def test_many_to_one_decides_after_the_last(mount):
    page = mount(input="words", output="decision")
    assert arrows(page) == {
        *((f"x{t}", f"h{t}") for t in (1, 2, 3)), ("h1", "h2"), ("h2", "h3"), ("h3", "o1"),
    }  # fmt: skip


def test_aligned_decides_at_every_step(mount, shown):
    page = mount(input="frames", output="every step")
    T = len(shown["frames", "every step"].examples[0][0])
    assert {(f"h{t}", f"o{t}") for t in range(1, T + 1)} < arrows(page)
    assert len(arrows(page)) == 3 * T - 1
    node(page, "o4").hover()
    assert lit(page) == {"o4", *(f"{kind}{t}" for kind in "xh" for t in range(1, 5))}
    words = part(page, "words").inner_text()
    assert words.startswith("This decision depends on frames 1 to 4, and on nothing that comes lat")
    node(page, "x16").hover()
    assert lit(page) == {"x16", *(f"{kind}{t}" for kind in "ho" for t in range(16, T + 1))}
    assert part(page, "words").inner_text().startswith(f"Frame 16 can change {T - 15} of the {T} ")


@pytest.mark.parametrize("goes_in", ["picture", "words"])
def test_a_decoder_starts_from_the_context_and_reads_what_it_wrote(mount, goes_in):
    page = mount(input=goes_in, output="sequence", example=1)
    reads, writes = len(names(page, "x")), len(names(page, "o"))
    assert writes >= 2
    assert {e for e in arrows(page) if e[1][0] == "s" and e[0][0] == "h"} == {(f"h{reads}", "s1")}
    assert {(f"o{t}", f"y{t + 1}") for t in range(1, writes)} < arrows(page)
    node(page, "o1").hover()
    assert lit(page) == {"o1", "s1", "y1", *(f"{k}{t}" for k in "xh" for t in range(1, reads + 1))}
    node(page, "x1").hover()
    assert set(names(page, "o")) <= lit(page)


def test_the_arrows_tell_what_an_output_can_depend_on(boards, shown):
    """Where the page lights an input, PyTorch finds a gradient; where not, none."""
    tagger = shown["frames", "every step"]
    inputs = videos(1, [18])[0].double()[None].requires_grad_()
    logits = tagger.model(inputs)[0]
    with stage(boards) as put:
        page = put(WiringChooser([tagger], "frames", "every step"))
        for t in (1, 5, 18):
            (gradient,) = torch.autograd.grad(logits[t - 1].sum(), inputs, retain_graph=True)
            depends = gradient[0].flatten(1).abs().sum(1) > 0
            node(page, f"o{t}").hover()
            assert {f"x{i + 1}" for i in range(18) if depends[i]} == {
                n for n in lit(page) if n[0] == "x"
            }


# --- choosing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kinds", PROBLEMS)
def test_graph_code_and_example_change_together(mount, figure, kinds):
    page = mount(motion="reduce")
    choose(page, "frames", "decision")
    choose(page, "picture", "sequence")
    choose(page, *kinds)
    assert (get(page, "input"), get(page, "output")) == kinds
    problem = next(p for p in figure.problems if (p["input"], p["output"]) == kinds)
    assert part(page, "wiring").inner_text().lower() == problem["wiring"]
    assert part(page, "says").inner_text() == problem["says"]
    shown = page.locator("#one pre").all_text_contents()
    assert [text.splitlines() for text in shown] == [entry["lines"] for entry in problem["code"]]
    served = problem["served"]
    assert part(page, "examples").is_visible() != served
    assert (get(page, "answer") == []) == served or kinds[1] == "sequence"
    assert ("Nothing here is trained for this" in part(page, "words").inner_text()) == served
    live = part(page, "live").text_content()
    assert live == f"{part(page, 'wiring').inner_text()}. {part(page, 'words').inner_text()}"


def test_lines_are_marked_that_the_choice_before_does_not_have(mount, figure):
    page = mount(input="words", output="decision")
    choose(page, "frames", "every step")
    assert get(page, "before") == ["frames", "decision"]
    assert "Marked: what ‘frames → decision’ does not have" in part(page, "compared").inner_text()
    marked = [text.rstrip("\n") for text in page.locator("#one mark").all_text_contents()]
    assert marked == [
        "h, _ = self.recurrent(self.embed(inputs))  # (B, T, H)", "return self.head(h)",
    ]  # fmt: skip
    page.evaluate("model.set('before', ['frames', 'every step'])")
    assert page.locator("#one mark").count() == 0


def test_examples_are_stepped_through(mount, shown):
    page = mount(input="picture", output="decision")
    assert part(page, "which").inner_text() == "example 1 of 3"
    assert part(page, "back").get_attribute("aria-disabled") == "true"
    part(page, "back").dispatch_event("click")
    for i in (1, 2):
        part(page, "next").click()
        assert get(page, "example") == i
        assert part(page, "which").inner_text() == f"example {i + 1} of 3"
    part(page, "next").dispatch_event("click")
    assert get(page, "example") == 2
    given, right = get(page, "answer")[0], shown["picture", "decision"].examples[2][1]
    verdict = "That is right." if given == right else f"Wrong: it should be ‘{right}’."
    assert part(page, "words").inner_text() == f"The network says ‘{given}’. {verdict}"
    assert part(page, "result").inner_text() == shown["picture", "decision"].result


def test_wrong_decisions_are_crossed_and_named(mount):
    page = mount(input="frames", output="every step")
    answer = get(page, "answer")
    wrong = [f"o{t}" for t, label in enumerate(answer, start=1) if label != "left"]
    found = page.locator("#one .rnn-wrong")
    assert found.evaluate_all("(all) => all.map((one) => one.dataset.node)") == wrong
    assert f"{len(answer) - len(wrong)} of {len(answer)}" in part(page, "words").inner_text()
    assert node(page, wrong[0]).get_attribute("aria-label").endswith("wrong: left is right")


# --- mouse, keyboard, touch ----------------------------------------------------------------------


def test_a_node_is_pressed_and_let_go(mount):
    page = mount(input="words", output="decision")
    node(page, "o1").click()
    page.mouse.move(2, 2)
    assert get(page, "selected") == "o1"
    assert node(page, "o1").get_attribute("aria-pressed") == "true"
    assert "words 1 to 3" in part(page, "words").inner_text()
    assert "Likeliest: ‘" in part(page, "words").inner_text()
    assert lit(page) == {"o1", "x1", "x2", "x3", "h1", "h2", "h3"}
    node(page, "o1").click()
    page.mouse.move(2, 2)
    assert get(page, "selected") == ""
    assert lit(page) == set()


def test_the_keyboard_alone_is_enough(mount):
    page = mount(input="words", output="decision")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert get(page, "input") == "frames"
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert get(page, "output") == "every step"
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert get(page, "example") == 1
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    focused = "document.activeElement.dataset.node"
    assert page.evaluate(focused) == "o12"
    for key, name in [
        ("ArrowLeft", "o11"), ("ArrowDown", "h11"), ("ArrowDown", "x11"), ("ArrowDown", "x11"),
        ("ArrowRight", "x12"), ("ArrowUp", "h12"), ("ArrowRight", "h12"),
    ]:  # fmt: skip
        page.keyboard.press(key)
        assert page.evaluate(focused) == name
        assert name in lit(page)
    page.keyboard.press("Space")
    assert get(page, "selected") == "h12"
    assert page.evaluate(focused) == "h12"
    assert page.locator("#one [data-node][tabindex='0']").count() == 1


def test_everything_can_be_touched(mount):
    page = mount(width=390)
    for one in page.locator("#one :is(.rnn-option, button, .rnn-box):visible").all():
        box = one.bounding_box()
        assert box["height"] >= 20.5
        assert box["width"] >= 20.5
    part(page, "input-frames").tap()
    assert get(page, "input") == "frames"
    node(page, "x1").tap()
    assert get(page, "selected") == "x1"


# --- motion, views, the end ----------------------------------------------------------------------


def test_it_runs_in_its_order_and_holds_still_where_that_is_wanted(mount):
    page = mount(motion="no-preference")
    running = "document.querySelector('[data-role=graph]').classList.contains('rnn-run')"
    part(page, "again").click()
    assert page.evaluate(running)
    order = page.locator("#one .rnn-node").evaluate_all(
        "(all) => all.map((one) => [one.dataset.node, +one.style.getPropertyValue('--i')])"
    )
    rank = dict(order)
    for source, target in arrows(page):
        assert rank[source] <= rank[target], (source, target)
    still = mount(motion="reduce")
    part(still, "again").click()
    assert not still.evaluate(running)


def test_it_runs_when_it_is_seen(mount):
    page = mount(motion="no-preference")
    page.evaluate(
        """() => {
            window.stop();
            document.querySelector("#one").style.marginTop = "2000px";
            window.stop = figure.render({ model, el: document.querySelector("#one") });
        }"""
    )
    running = "document.querySelector('[data-role=graph]').classList.contains('rnn-run')"
    page.wait_for_timeout(200)
    assert not page.evaluate(running)
    part(page, "scroller").scroll_into_view_if_needed()
    page.wait_for_function(running)


@pytest.mark.parametrize("output", ["decision", "every step"])
def test_a_decision_at_the_end_is_in_sight_from_the_beginning(boards, shown, output):
    """Even if the figure is rendered before it is on the page."""
    given = shown["frames", output]
    long = Demonstration(
        "frames", output, given.model, [(videos(0, [18])[0], given.examples[0][1])],
        given.labels, "",
    )  # fmt: skip
    with stage(boards) as put:
        page = put(WiringChooser([long], "frames", output), width=390)
        page.evaluate(
            """async () => {
                const late = document.createElement("div");
                void figure.render({ model, el: late });
                await new Promise(requestAnimationFrame);
                document.querySelector("#two").append(late);
            }"""
        )
        for root in ("#one", "#two"):
            settle(page)
            left, most = part(page, "scroller", root).evaluate(
                "(box) => [box.scrollLeft, box.scrollWidth - box.clientWidth]"
            )
            assert most > 100
            assert left == pytest.approx(most if output == "decision" else 0, abs=1)


def test_a_label_may_be_any_word(boards):
    """Even one that every object in JavaScript has."""
    labels = ("constructor", "toString", "up", "down")
    given = demonstrations()[4]
    same = Demonstration(
        "frames",
        "decision",
        given.model,
        [(video, "up") for video in videos(0, [8, 5])],
        labels,
        "",
    )
    with stage(boards) as put:
        page = put(WiringChooser([same], "frames", "decision"))
        node(page, "o1").hover()
        assert "‘constructor’" in part(page, "words").inner_text()
        assert "[native code]" not in page.locator("#one").inner_text()
        page.evaluate("window.stop()")


def test_two_views_of_one_model_agree_and_share_no_id(mount):
    page = mount()
    page.evaluate("void figure.render({ model, el: document.querySelector('#two') })")
    part(page, "input-frames", "#two").check()
    assert part(page, "input-frames").is_checked()
    page.locator("#one [data-role='output-every step']").check()
    for root in ("#one", "#two"):
        assert part(page, "wiring", root).inner_text() == "Many to many, aligned"
        assert page.locator(f"{root} pre").count() == 1
    part(page, "next").click()
    assert part(page, "which", "#two").inner_text() == "example 2 of 2"
    node(page, "o3", "#two").click()
    assert node(page, "o3").get_attribute("aria-pressed") == "true"
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))


def test_changes_from_python_are_shown(mount):
    page = mount()
    page.evaluate("model.set('input', 'frames'); model.set('output', 'decision')")
    assert part(page, "wiring").inner_text() == "Many to one"
    page.evaluate("model.set('example', 99)")
    assert part(page, "which").inner_text() == "example 2 of 2"
    page.evaluate("model.set('selected', 'h2')")
    assert part(page, "words").inner_text().startswith("The state after frames 1 to 2.")


def test_nothing_is_left_after_the_clean_up(mount):
    page = mount(motion="no-preference")
    button = page.evaluate_handle("document.querySelector('[data-role=next]')")
    page.evaluate("stop()")
    assert page.evaluate("model.listeners.length") == 0
    assert page.evaluate("document.querySelector('#one').childElementCount") == 0
    button.evaluate("(one) => one.click()")
    assert get(page, "example") == 0


# --- looks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_page_never_scrolls_sideways(mount, width):
    page = mount(width=width, motion="reduce")
    for kinds in PROBLEMS:
        choose(page, *kinds)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_eighteen_frames_fit_a_page(mount):
    page = mount(input="frames", output="every step")
    inside = "(box) => box.scrollWidth - box.clientWidth"
    assert part(page, "scroller").evaluate(inside) <= 0


@pytest.mark.parametrize(("theme", "width"), SIGHTS)
def test_axe_finds_nothing(mount, theme, width):
    page = mount(theme=theme, width=width, motion="reduce")
    for kinds in [("words", "sequence"), ("frames", "every step"), ("frames", "sequence")]:
        choose(page, *kinds)
        page.mouse.move(2, 2)
        assert axe_finds(page, RULES[theme]) == []
