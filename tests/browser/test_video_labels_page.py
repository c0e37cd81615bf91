"""The figure that plays videos, alone on a page: parity, lights, keyboard, phone, axe."""

import functools

import pytest
import torch
from accessibility import RULES, SIGHTS, axe_finds
from demonstrations import MOVES, made, read_frames, videos
from stage import get, part, stage, stop_clock

from charrnn_helpers.models import Encoder, SequenceClassifier, SequenceTagger
from charrnn_helpers.widgets import VideoLabels
from charrnn_helpers.widgets.demonstration import Demonstration

LENGTHS = [9, 24, 1]


def tagger(cell="gru", seed=3):
    model = made(seed, lambda: SequenceTagger(read_frames(9), 9, 12, 4, cell))
    shown = [(video, ["left"] * len(video)) for video in videos(seed, LENGTHS)]
    return Demonstration("frames", "every step", model, shown, MOVES, "right on 40 %")


def classifier(cell="gru", seed=4):
    model = made(seed, lambda: SequenceClassifier(Encoder(read_frames(9), 9, 12, cell), 4))
    shown = [(video, "up") for video in videos(seed, LENGTHS)]
    return Demonstration("frames", "decision", model, shown, MOVES, "right on 30 %")


@pytest.fixture(scope="module")
def figure():
    return VideoLabels(tagger(), black=[[4, 5], [], []])


@pytest.fixture
def mount(boards, figure):
    """Open pages with the figure on them; at the end, none may have complained."""
    with stage(boards) as put:
        yield functools.partial(put, figure)


def row(page, i, root="#one"):
    """What stands in a row of the strip, without its heading."""
    return page.locator(f"{root} table tr").nth(i).locator("td").all_inner_texts()


def lamp(page, t, root="#one"):
    return page.locator(f"{root} [data-switch='{t}']")


def check(page, shown, example, black):
    """Compare what the page computes with PyTorch."""
    video = shown._tensor(shown.examples[example][0]).clone()
    video[[t - 1 for t in black]] = 0
    with torch.inference_mode():
        if shown.output == "every step":
            logits = shown.model(video[None])[0]
        else:
            logits = torch.cat([shown.model(video[None, :t]) for t in range(1, len(video) + 1)])
    measured = torch.tensor(get(page, "probabilities"), dtype=torch.float64)
    torch.testing.assert_close(measured, logits.softmax(1), rtol=0, atol=1e-9)
    assert get(page, "answers") == [shown.labels[i] for i in logits.argmax(dim=1)]


# --- page = PyTorch ------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("make", [tagger, classifier])
def test_every_frame_gets_pytorchs_label(boards, make, cell):
    shown = make(cell, seed=7)
    with stage(boards) as put:
        page = put(VideoLabels(shown))
        for example, length in enumerate(LENGTHS):
            page.evaluate("(i) => model.set('example', i)", example)
            check(page, shown, example, [])
            black = [t for t in range(1, length + 1) if t % 3]
            lights = [black if i == example else [] for i in range(3)]
            page.evaluate("(black) => model.set('black', black)", lights)
            check(page, shown, example, black)


def test_the_page_and_python_agree_on_what_python_says(figure, mount):
    page = mount()
    assert get(page, "answers") == figure.answers
    torch.testing.assert_close(
        torch.tensor(get(page, "probabilities"), dtype=torch.float64),
        torch.tensor(figure.probabilities, dtype=torch.float64),
    )


# --- what is shown -------------------------------------------------------------------------------

GLYPHS = dict(zip(MOVES, "←→↑↓", strict=True))


def test_labels_stand_up_to_the_frame_that_is_looked_at(mount):
    page = mount(step=5)
    answers = get(page, "answers")
    assert row(page, 1) == [GLYPHS[a] for a in answers[:5]] + [""] * 4
    assert row(page, 2) == ["←"] * 9
    wrong = page.locator("#one td.rnn-wrong")
    assert wrong.count() == sum(a != "left" for a in answers[:5])
    correct = sum(a == "left" for a in answers[:5])
    dark = sum(a == "left" for a in answers[3:5])
    assert part(page, "score").inner_text() == f"{correct} of 5 correct; in the dark {dark} of 2"
    words = part(page, "words").inner_text()
    assert words.startswith(f"Frame 5 of 9 is black. The network says {GLYPHS[answers[4]]} ")
    assert "from memory alone" in words
    assert part(page, "hidden").is_visible()
    page.evaluate("model.set('step', 6)")
    assert not part(page, "hidden").is_visible()
    assert part(page, "words").inner_text().startswith("Frame 6 of 9. The network says")


def test_a_clip_has_one_true_label_and_a_verdict_so_far(boards):
    with stage(boards) as put:
        page = put(VideoLabels(classifier(), step=4))
        assert row(page, 2) == ["↑ the whole clip"]
        answers = get(page, "answers")
        assert row(page, 1) == [GLYPHS[a] for a in answers[:4]] + [""] * 5
        assert part(page, "words").inner_text().startswith("After 4 of 9 frames the verdict is")
        right = [a == "up" for a in answers[:4]]
        since = 5 - right[::-1].index(False) if False in right else 1
        expected = "not correct yet" if not right[-1] else f"correct since frame {since}"
        assert part(page, "score").inner_text() == expected


def test_bars_have_all_digits_and_name_the_true_label(mount):
    page = mount(step=3)
    found = page.locator("#one .rnn-bars li").evaluate_all(
        "(all) => all.map((one) => [one.dataset.character, +one.dataset.probability])"
    )
    assert [name for name, _ in found] == [f"{GLYPHS[m]} {m}" for m in MOVES]
    assert [p for _, p in found] == get(page, "probabilities")[2]
    chosen = page.locator("#one .rnn-bars .rnn-chosen")
    assert chosen.locator("b").inner_text() == "← left"


def test_frames_are_drawn_as_they_are_and_black_ones_black(mount, figure):
    page = mount(step=4)
    pixels = """(canvas) => [...canvas.getContext("2d").getImageData(0, 0, 16, 16).data]
      .filter((_, i) => i % 4 === 0)"""
    video = tagger().examples[0][0]
    first = page.locator("#one table canvas").nth(0).evaluate(pixels)
    expected = (255 * (240 * video[0]).round() / 240).round().flatten().tolist()
    assert all(abs(a - b) <= 1 for a, b in zip(first, expected, strict=True))
    assert set(page.locator("#one table canvas").nth(3).evaluate(pixels)) == {0}
    ghost = part(page, "screen").evaluate(pixels)
    assert 0 < max(ghost) < 100  # for the reader, not for the network


# --- lights --------------------------------------------------------------------------------------


def test_a_lamp_puts_out_its_frame_and_only_of_this_video(mount):
    page = mount()
    before = get(page, "probabilities")
    lamp(page, 2).click()
    assert get(page, "black") == [[2, 4, 5], [], []]
    assert lamp(page, 2).get_attribute("aria-pressed") == "true"
    after = get(page, "probabilities")
    assert after[0] == before[0]
    assert all(a != b for a, b in zip(after[1:], before[1:], strict=True))  # it remembers
    lamp(page, 2).click()
    lamp(page, 4).click()
    assert get(page, "black") == [[5], [], []]
    part(page, "reset").click()
    assert get(page, "black") == [[4, 5], [], []]
    assert get(page, "probabilities") == before


def test_the_mouse_puts_out_several_in_one_go(mount):
    page = mount()
    boxes = [lamp(page, t).bounding_box() for t in range(6, 10)]
    middles = [(b["x"] + b["width"] / 2, b["y"] + b["height"] / 2) for b in boxes]
    page.mouse.move(*middles[0])
    page.mouse.down()
    for middle in middles[1:]:
        page.mouse.move(*middle)
    page.mouse.up()
    assert get(page, "black")[0] == [4, 5, 6, 7, 8, 9]
    page.mouse.move(*middles[0])  # without a button nothing happens
    assert get(page, "black")[0] == [4, 5, 6, 7, 8, 9]


# --- playing -------------------------------------------------------------------------------------


def test_play_goes_on_to_the_end_and_can_be_paused(mount):
    page = mount(step=7, motion="no-preference")
    part(page, "play").click()
    assert part(page, "play").inner_text() == "Pause"
    page.wait_for_function("model.get('step') === 9")
    page.wait_for_function("document.querySelector('[data-role=play]').textContent === 'Play'")
    assert part(page, "live").inner_text() == part(page, "words").inner_text()
    stop_clock(page)
    part(page, "play").click()  # after the end it begins anew
    assert get(page, "step") < 4
    part(page, "play").click()
    held = get(page, "step")
    page.clock.run_for(5000)
    assert get(page, "step") == held


def test_steps_and_scrubber_and_frames_lead_to_a_frame(mount):
    page = mount(step=1)
    part(page, "back").dispatch_event("click")
    assert get(page, "step") == 1
    part(page, "next").click()
    assert get(page, "step") == 2
    assert part(page, "live").inner_text() == part(page, "words").inner_text()
    page.locator("#one table canvas").nth(6).click()
    assert get(page, "step") == 7
    part(page, "scrub").fill("3")
    assert get(page, "step") == 3
    assert "frame 3 of 9: " in part(page, "scrub").get_attribute("aria-valuetext")


def test_videos_are_chosen_and_begin_as_a_whole(mount):
    page = mount(step=2, motion="no-preference")
    part(page, "nextvideo").click()
    assert get(page, "example", "step") == [1, 24]
    assert page.locator("#one table canvas").count() == 24
    part(page, "which").select_option("2")
    assert get(page, "example", "step") == [2, 1]
    part(page, "play").click()  # one frame: nothing to wait for
    page.wait_for_function("document.querySelector('[data-role=play]').textContent === 'Play'")
    part(page, "nextvideo").dispatch_event("click")
    part(page, "previousvideo").click()
    assert get(page, "example") == 1


def test_the_keyboard_alone_is_enough(mount):
    page = mount()
    focused = "document.activeElement.dataset.role ?? document.activeElement.dataset.switch"
    seen = []
    for _ in range(10):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(focused))
        if seen[-1] == "1":
            break
    assert [*seen, "scrub"] == [
        *("which", "previousvideo", "nextvideo", "play", "back", "next", "reset", "1", "scrub"),
    ]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert get(page, "black")[0] == [3, 4, 5]
    assert page.evaluate(focused) == "3"
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    assert get(page, "black")[0] == [3, 4, 5, 9]
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "scrub"
    page.keyboard.press("ArrowLeft")
    assert get(page, "step") == 8
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(focused) == "9"


# --- phone, views, the end -----------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_page_never_scrolls_sideways(mount, width):
    page = mount(width=width, example=1, step=24)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    inside = page.evaluate(
        """() => {
          const now = document.querySelector("#one td.rnn-now").getBoundingClientRect();
          const outer = document.querySelector("#one .rnn-scroll").getBoundingClientRect();
          return now.left >= outer.left && now.right <= outer.right + 1;
        }"""
    )
    assert inside


def test_everything_can_be_touched(mount):
    page = mount(width=390)
    for one in page.locator("#one :is(button, select):visible").all():
        box = one.bounding_box()
        assert box["height"] >= 24
        assert box["width"] >= 22
    lamp(page, 1).tap()
    assert get(page, "black")[0] == [1, 4, 5]
    part(page, "nextvideo").tap()
    assert get(page, "example") == 1


def test_two_views_of_one_model_agree_and_share_no_id(mount):
    page = mount()
    page.evaluate("void figure.render({ model, el: document.querySelector('#two') })")
    lamp(page, 7, "#two").click()
    assert lamp(page, 7).get_attribute("aria-pressed") == "true"
    part(page, "back").click()
    part(page, "nextvideo", "#two").click()
    for root in ("#one", "#two"):
        assert page.locator(f"{root} table canvas").count() == 24
        assert part(page, "which", root).input_value() == "1"
    assert row(page, 1) == row(page, 1, "#two")
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))


def test_changes_from_python_are_shown(mount):
    page = mount()
    page.evaluate("model.set('example', 99)")
    assert part(page, "which").input_value() == "2"
    page.evaluate("model.set('example', 0); model.set('step', 2)")
    assert part(page, "words").inner_text().startswith("Frame 2 of 9")
    assert part(page, "scrub").input_value() == "2"


def test_another_problem_from_python_is_shown_and_computed(mount):
    page = mount(step=9)
    before = get(page, "probabilities")
    page.evaluate(
        """() => {
            const problem = structuredClone(model.get("problem"));
            for (const one of Object.values(problem.weights)) {
                one.bytes = btoa(atob(one.bytes).split("").reverse().join(""));
            }
            problem.examples.pop();
            model.set("problem", problem);
        }"""
    )
    page.wait_for_function("document.querySelectorAll('[data-role=which] option').length === 2")
    assert get(page, "probabilities") != before


def test_videos_that_a_new_problem_brings_have_lamps_of_their_own(mount):
    page = mount()
    count = len(get(page, "black"))
    page.evaluate(
        """() => {
            const problem = structuredClone(model.get("problem"));
            problem.examples.push(structuredClone(problem.examples[0]));
            model.set("problem", problem);
        }"""
    )
    part(page, "which").select_option(str(count))
    lamp(page, 2).click()
    lamp(page, 4).click()
    assert get(page, "black")[count] == [2, 4]
    assert len(get(page, "black")) == count + 1
    part(page, "reset").click()
    assert get(page, "black")[count] == []


def test_a_drag_that_ends_outside_leaves_the_keys_alone(mount):
    page = mount()
    box = lamp(page, 2).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    assert 2 in get(page, "black")[0]
    # No pointerup comes from outside the window
    page.evaluate("addEventListener('pointerup', (e) => e.stopImmediatePropagation(), true)")
    page.mouse.up()
    lamp(page, 2).focus()
    page.keyboard.press("Space")
    assert 2 not in get(page, "black")[0]


def test_who_prefers_no_motion_sees_the_end_at_once(mount):
    page = mount(step=2, motion="reduce")
    part(page, "play").click()
    assert get(page, "step") == 9
    assert part(page, "play").inner_text() == "Play"


def test_nothing_is_left_after_the_clean_up(mount):
    page = mount(step=1, motion="no-preference")
    button = page.evaluate_handle("document.querySelector('[data-role=next]')")
    part(page, "play").click()
    page.evaluate("stop()")
    held = get(page, "step")
    assert page.evaluate("model.listeners.length") == 0
    assert page.evaluate("document.querySelector('#one').childElementCount") == 0
    button.evaluate("(one) => one.click()")
    page.wait_for_timeout(500)
    assert get(page, "step") == held


@pytest.mark.parametrize(("theme", "width"), SIGHTS)
@pytest.mark.parametrize("make", [tagger, classifier])
def test_axe_finds_nothing(boards, make, theme, width):
    with stage(boards) as put:
        page = put(VideoLabels(make(), step=5, black=[[5], [], []]), theme=theme, width=width)
        assert axe_finds(page, RULES[theme]) == []
