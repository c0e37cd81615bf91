"""The figure alone on a page: mouse, keyboard, errors, chance, motion, two views, clean-up."""

import functools
import math

import pytest
import torch
from accessibility import RULES, SIGHTS, axe_finds
from stage import get, part, stage

from charrnn_helpers import predict, sample, train
from charrnn_helpers.models import CharRNN
from charrnn_helpers.widgets import Completion
from charrnn_helpers.widgets.weights import network_of


@pytest.fixture(scope="module")
def figure(vocabulary, pairs):
    """The network of the book with its three sentences."""
    for seed in range(20):
        torch.manual_seed(seed)
        model = CharRNN(len(vocabulary), 12).double()
        train(model, *pairs, epochs=100, lr=0.01)
        if sample(model, vocabulary, "good", 15) == "good i am fine ":
            return Completion(model, vocabulary)
    raise AssertionError("no network of 20 has learnt the sentence")


@pytest.fixture(scope="module")
def network(figure):
    """The same network in PyTorch, from the weights that the page gets."""
    return network_of(figure.weights)


@pytest.fixture
def mount(boards, figure):
    """Open pages with the figure on them; at the end, none may have complained."""
    with stage(boards) as put:
        yield functools.partial(put, figure)


def text_of(page, root="#one"):
    return part(page, "text", root).evaluate("(node) => node.textContent")


def wait_for_text(page, text):
    page.wait_for_function(
        "(text) => document.querySelector('[data-role=text]').textContent === text", arg=text
    )


def close_to(measured, expected):
    expected = torch.as_tensor(expected, dtype=torch.float64)
    torch.testing.assert_close(
        torch.tensor(measured, dtype=torch.float64), expected, rtol=0, atol=1e-12
    )


# --- what it shows -------------------------------------------------------------------------------


def test_at_first_the_prompt_is_read_and_nothing_written(mount, network, vocabulary):
    page = mount()
    assert text_of(page) == "good"
    assert page.locator("[data-step]").count() == 4
    assert page.locator(".rnn-column").count() == 15  # the frames to come are there already
    assert page.locator("[data-step='4'].rnn-selected i").count() == 12
    assert part(page, "play").inner_text() == "Play"
    assert part(page, "greedy").is_checked()
    probabilities, (h,) = predict(network, vocabulary, "good")
    close_to(get(page, "probabilities"), probabilities)
    close_to(get(page, "hidden"), h[0, 0])
    best = float(probabilities.max())
    assert (
        part(page, "words")
        .inner_text()
        .startswith(f"After ‘good’ the network gives ‘␣’ {100 * best:.1f} %")
    )


def test_bars_stand_in_the_order_of_the_alphabet_and_have_all_digits(mount, network, vocabulary):
    page = mount()
    bars = page.locator("[data-role=bars] li")
    characters = bars.evaluate_all("(rows) => rows.map((row) => row.dataset.character)")
    shown = bars.evaluate_all("(rows) => rows.map((row) => Number(row.dataset.probability))")
    numbers = page.locator("[data-role=bars] .rnn-number").all_inner_texts()
    probabilities, _ = predict(network, vocabulary, "good")
    assert "".join(characters) == vocabulary.characters
    close_to(shown, probabilities)
    assert numbers == [f"{100 * p:.1f} %" for p in probabilities.tolist()]
    assert page.locator(".rnn-chosen").get_attribute("data-character") == " "
    assert part(page, "key").inner_text() == "◂ comes next"


def test_cells_have_the_colours_of_their_numbers(mount):
    page = mount()
    colours = page.locator("[data-step='4'] i").evaluate_all(
        "(cells) => cells.map((cell) => cell.style.background)"
    )
    for colour, h in zip(colours, get(page, "hidden"), strict=True):
        assert ("--rnn-negative" if h < 0 else "--rnn-positive") in colour
        assert f"{100 * abs(h):.1f}%" in colour
    part(page, "numberstitle").click()
    assert page.locator("[data-role=numbers] li").all_inner_texts() == [
        f"{h:.3f}".replace("-", "−") for h in get(page, "hidden")
    ]


# --- writing -------------------------------------------------------------------------------------


def test_play_writes_to_the_end_with_the_mouse(mount):
    page = mount(motion="no-preference")
    part(page, "play").click()
    page.wait_for_function("document.querySelector('[data-role=play]').textContent === 'Pause'")
    wait_for_text(page, "good i am fine ")
    page.wait_for_function("document.querySelector('[data-role=play]').textContent === 'Play'")
    assert get(page, "text") == "good i am fine "
    assert part(page, "next").get_attribute("aria-disabled") == "true"
    part(page, "next").dispatch_event("click")  # nothing left to write
    assert text_of(page) == "good i am fine "
    assert part(page, "live").text_content() == "The text so far: good i am fine "


def test_pause_stops_and_play_after_the_end_begins_anew(mount):
    page = mount(motion="no-preference")
    part(page, "play").evaluate("(button) => { button.click(); button.click(); }")
    assert part(page, "play").inner_text() == "Play"
    page.wait_for_timeout(500)
    assert text_of(page) == "good "
    assert part(page, "live").text_content() == "The text so far: good "
    part(page, "restart").click()
    assert text_of(page) == "good"
    page.evaluate("model.set('text', 'good i am fine ')")
    part(page, "play").evaluate("(button) => { button.click(); button.click(); }")
    assert text_of(page) == "good "


def test_step_writes_one_letter_and_says_so(mount):
    page = mount()
    for text in ["good ", "good i", "good i "]:
        part(page, "next").click()
        assert text_of(page) == text
        assert part(page, "live").text_content() == f"The text so far: {text}"
    assert page.locator(".rnn-selected").get_attribute("data-step") == "7"


def test_the_keyboard_alone_is_enough(mount):
    page = mount(motion="no-preference")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.role") == "prompt"
    page.keyboard.press("Control+A")
    page.keyboard.type("hey")
    assert text_of(page) == "hey"
    page.keyboard.press("Enter")
    wait_for_text(page, "hey how are you")
    roles = []
    for _ in range(8):
        page.keyboard.press("Tab")
        roles.append(page.evaluate("document.activeElement.dataset.role"))
    assert roles == [
        *("play", "next", "restart", "greedy", "temperature", "again", "scrub", "numberstitle")
    ]
    part(page, "restart").focus()
    page.keyboard.press("Space")
    assert text_of(page) == "hey"
    part(page, "next").focus()
    page.keyboard.press("Enter")
    assert text_of(page) == "hey "
    part(page, "greedy").focus()
    page.keyboard.press("ArrowRight")
    assert part(page, "chance").is_checked()
    assert get(page, "temperature") == 1
    page.keyboard.press("ArrowLeft")
    assert get(page, "temperature") is None


def test_reduced_motion_writes_all_at_once(mount):
    page = mount(motion="reduce")
    part(page, "play").click()
    assert text_of(page) == "good i am fine "
    assert part(page, "play").inner_text() == "Play"
    assert part(page, "live").text_content() == "The text so far: good i am fine "


# --- the prompt ----------------------------------------------------------------------------------


@pytest.mark.parametrize("prompt", ["h", "a day ", "yyyyyyyyyyyyyy"])
def test_what_is_typed_is_read_at_once(mount, network, vocabulary, prompt):
    page = mount(motion="reduce")
    part(page, "prompt").fill(prompt)
    assert text_of(page) == prompt == get(page, "prompt")
    close_to(get(page, "probabilities"), predict(network, vocabulary, prompt)[0])
    part(page, "play").click()
    assert text_of(page) == sample(network, vocabulary, prompt, 15)
    close_to(get(page, "probabilities"), predict(network, vocabulary, text_of(page))[0])


def test_typing_ends_the_playing(mount):
    page = mount(motion="no-preference")
    part(page, "play").click()
    part(page, "prompt").fill("hey")
    assert part(page, "play").inner_text() == "Play"
    page.wait_for_timeout(500)
    assert text_of(page) == "hey"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (
            "goz",
            "‘z’ (character 3) is not among the 17 that this network has seen: "
            "␣ a c d e f g h i m n o r u v w y",
        ),
        ("Good", "– try ‘g’."),
        ("g😀", "‘😀’ (character 2) is not among"),
        ("<b>", "‘<’ (character 1) is not among"),
        ("", "Nothing to read yet: type at least one character."),
        (
            "good i am fine ",
            "15 characters leave nothing to write, as the text ends after 15: "
            "shorten the start to 14 or fewer.",
        ),
    ],
)
def test_what_cannot_be_read_is_told_beside_the_box(mount, typed, words):
    page = mount()
    part(page, "next").click()
    box, message = part(page, "prompt"), part(page, "message")
    assert box.get_attribute("aria-describedby") == message.get_attribute("id")
    assert message.get_attribute("role") == "alert"
    box.fill(typed)
    assert words in message.inner_text()
    assert box.get_attribute("aria-invalid") == "true"
    box.press("Enter")  # does not play
    assert (get(page, "prompt"), text_of(page)) == ("good", "good ")  # the last valid state
    part(page, "next").click()
    assert text_of(page) == "good i"  # the rest goes on
    box.fill("hey")
    assert message.inner_text() == ""
    assert box.get_attribute("aria-invalid") == "false"
    assert text_of(page) == "hey"
    box.fill(typed)
    part(page, "restart").click()  # takes back what could not be read
    assert box.input_value() == "hey"
    assert message.inner_text() == ""


# --- the time step -------------------------------------------------------------------------------


def test_scrubbing_shows_every_time_step_with_keyboard_mouse_and_touch(mount, network, vocabulary):
    page = mount(width=390, motion="reduce")
    part(page, "play").click()
    scrub = part(page, "scrub")
    scrub.focus()
    for key, t in [("Home", 1), ("ArrowRight", 2), ("End", 15), ("ArrowLeft", 14)]:
        page.keyboard.press(key)
        assert get(page, "step") == t
        assert page.locator(".rnn-selected").get_attribute("data-step") == str(t)
        close_to(get(page, "probabilities"), predict(network, vocabulary, "good i am fine "[:t])[0])
    assert scrub.get_attribute("aria-valuetext") == "14 of 15: e, written"
    page.locator("[data-step='2']").tap()
    assert get(page, "step") == 2
    assert scrub.input_value() == "2"
    assert "your text goes on with" in part(page, "words").inner_text()
    assert part(page, "key").inner_text() == "◂ typed next"
    assert page.locator(".rnn-chosen").get_attribute("data-character") == "o"
    page.locator("[data-step='5']").click()
    assert scrub.get_attribute("aria-valuetext") == "5 of 15: space, written"
    assert "‘i’" in part(page, "words").inner_text()
    assert "and writes it." in part(page, "words").inner_text()
    assert text_of(page) == "good i am fine "  # looking back takes nothing away


def test_the_scrubber_does_not_go_where_nothing_is_written_yet(mount):
    page = mount()
    part(page, "scrub").focus()
    page.keyboard.press("End")
    assert part(page, "scrub").input_value() == "4"
    page.keyboard.press("Home")
    part(page, "next").click()
    assert get(page, "step") == 5  # a new letter is looked at


# --- chance --------------------------------------------------------------------------------------


def test_moving_the_temperature_chooses_chance(mount, network, vocabulary):
    page = mount()
    part(page, "temperature").fill("0.5")
    assert part(page, "chance").is_checked()
    assert get(page, "temperature") == 0.5
    assert part(page, "heat").inner_text() == "0.5"
    with torch.inference_mode():
        logits, _ = network(vocabulary.encode("good")[None])
    close_to(get(page, "probabilities"), (logits[0, -1] / 0.5).softmax(0))
    assert "chance will decide" in part(page, "words").inner_text()
    part(page, "greedy").check()
    assert get(page, "temperature") is None
    close_to(get(page, "probabilities"), logits[0, -1].softmax(0))
    part(page, "chance").check()
    assert get(page, "temperature") == 0.5  # where the slider stands


def test_the_draws_belong_to_the_seed(mount):
    page = mount(temperature=1.6, motion="reduce")
    part(page, "play").click()
    first = text_of(page)
    assert len(first) == 15
    assert first.startswith("good")
    part(page, "restart").click()
    part(page, "play").click()
    assert text_of(page) == first
    others = set()
    for seed in range(1, 8):
        part(page, "again").click()
        assert get(page, "seed") == seed
        assert len(text_of(page)) == 15
        others.add(text_of(page))
    assert len(others - {first}) >= 5


def test_draw_again_is_by_chance(mount):
    page = mount()
    part(page, "again").click()
    assert part(page, "chance").is_checked()
    assert len(text_of(page)) == 15


def test_the_choice_rewrites_what_was_written(mount):
    page = mount(temperature=2.0, seed=4, motion="reduce")
    part(page, "play").click()
    by_chance = text_of(page)
    page.locator("[data-step='3']").click()
    part(page, "temperature").fill("0.1")
    assert text_of(page) == "good i am fine "  # a low temperature is all but greedy
    assert get(page, "step") == 3  # the reader looks at the same place
    part(page, "temperature").fill("2")
    assert text_of(page) == by_chance


def test_letters_come_as_often_as_their_probability_says(mount, network, vocabulary):
    page = mount(prompt="h", text="h", step=1, length=2, temperature=1.0)
    drawn = page.evaluate(
        """() => Array.from({ length: 400 }, (_, seed) => {
            model.set("seed", seed);
            model.set("text", "h");
            document.querySelector("[data-role=next]").click();
            return model.get("text")[1];
        })"""
    )
    probabilities, _ = predict(network, vocabulary, "h")
    for character, p in zip(vocabulary.characters, probabilities.tolist(), strict=True):
        spread = math.sqrt(400 * p * (1 - p))
        assert abs(drawn.count(character) - 400 * p) < 4 * spread + 2
    part(page, "restart").click()
    part(page, "next").click()
    page.locator("[data-step='1']").click()
    assert "chance drew" in part(page, "words").inner_text()


# --- Python, other views, the end ----------------------------------------------------------------


def test_changes_from_python_are_shown(mount):
    page = mount()
    part(page, "prompt").fill("z")
    page.evaluate("model.set('prompt', 'have')")
    assert part(page, "prompt").input_value() == text_of(page) == "have"
    assert part(page, "message").inner_text() == ""
    page.evaluate("model.set('temperature', 0.7)")
    assert part(page, "chance").is_checked()
    assert part(page, "temperature").input_value() == "0.7"
    page.evaluate("model.set('length', 20)")
    assert page.locator(".rnn-column").count() == 20
    zeros = {"W_ho": [[0.0] * 12] * 17, "b_o": [0.0] * 17}
    page.evaluate("(w) => model.set('weights', {...model.get('weights'), ...w})", zeros)
    assert set(page.locator("[data-role=bars] .rnn-number").all_inner_texts()) == {"5.9 %"}


def test_two_views_of_one_model_agree_and_share_no_id(mount):
    page = mount()
    page.evaluate("void figure.render({ model, el: document.querySelector('#two') })")
    part(page, "next", "#two").click()
    assert text_of(page) == text_of(page, "#two") == "good "
    part(page, "prompt").fill("hey")
    assert part(page, "prompt", "#two").input_value() == "hey"
    part(page, "chance", "#two").check()
    assert part(page, "chance").is_checked()
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((node) => node.id)")
    assert len(ids) == len(set(ids))


def test_nothing_is_left_after_the_clean_up(mount):
    page = mount(motion="no-preference")
    part(page, "play").click()
    button = page.evaluate_handle("document.querySelector('[data-role=next]')")
    page.evaluate("stop()")
    text = get(page, "text")
    assert page.evaluate("model.listeners.length") == 0
    assert page.evaluate("document.querySelector('#one').childElementCount") == 0
    page.wait_for_timeout(500)
    button.evaluate("(node) => node.click()")
    assert get(page, "text") == text


def test_a_state_that_does_not_fit_begins_anew(mount):
    page = mount(prompt="hey", text="good i", step=99)
    assert text_of(page) == "hey"
    assert get(page, "step") == 3


# --- looks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_page_never_scrolls_sideways(mount, width):
    page = mount(width=width)
    part(page, "again").click()
    part(page, "prompt").fill("goz")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    inside = "(box) => box.scrollWidth - box.clientWidth"
    if width >= 390:
        assert page.locator(".rnn-scroll").evaluate(inside) <= 0  # 15 columns fit a phone
    page.evaluate("model.set('length', 60)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    scrub, column = (
        page.locator(selector).bounding_box() for selector in (".rnn-scrub", ".rnn-strip")
    )
    assert abs(scrub["width"] - column["width"]) < 20


def test_the_selected_column_is_scrolled_into_sight(mount):
    page = mount(width=390, length=80, motion="reduce")
    part(page, "play").click()
    box = page.locator(".rnn-scroll").bounding_box()
    column = page.locator(".rnn-selected").bounding_box()
    assert box["x"] <= column["x"] <= box["x"] + box["width"] - column["width"] + 1


def test_the_thumb_stands_below_its_column(mount):
    page = mount()
    column = page.locator(".rnn-selected").bounding_box()
    scrub = page.locator(".rnn-scrub").bounding_box()
    thumb = scrub["x"] + 8 + (scrub["width"] - 16) * 3 / 14
    assert abs(thumb - (column["x"] + column["width"] / 2)) < 3


@pytest.mark.parametrize(("theme", "width"), SIGHTS)
def test_axe_finds_nothing(mount, theme, width):
    page = mount(theme=theme, width=width)
    part(page, "again").click()
    part(page, "prompt").fill("goz")
    part(page, "numberstitle").click()
    assert axe_finds(page, RULES[theme]) == []
