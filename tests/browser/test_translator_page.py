"""The figure that translates, alone on a page: parity, words, forcing, keyboard, phone, axe."""

import functools

import pytest
import torch
from accessibility import RULES, SIGHTS, axe_finds
from demonstrations import ENGLISH, FRENCH
from stage import get, part, stage, stop_clock
from translators import EXAMPLES, make_translator

from charrnn_helpers.widgets import Translator

LISTED = "(all) => all.map((one) => one.querySelector('b').textContent)"


@pytest.fixture(scope="module")
def figure():
    return Translator(make_translator(), ENGLISH, FRENCH, EXAMPLES)


@pytest.fixture
def mount(boards, figure):
    """Open pages with the figure on them; at the end, none may have complained."""
    with stage(boards) as put:
        yield functools.partial(put, figure)


def cards(page, row, root="#one"):
    return page.locator(f"{root} [data-role={row}] .rnn-card")


def words_of(page, row, root="#one"):
    return cards(page, row, root).evaluate_all(LISTED)


def alternatives(page):
    return page.locator("#one .rnn-alternative")


def shown_as(words):
    return [{"<stop>": "stop"}.get(word, word) for word in words]


def agrees_with_python(page, figure):
    """What the page computed is what PyTorch computes from the same traits."""
    figure.text, figure.beginning = get(page, "text"), get(page, "beginning")
    assert get(page, "written") == figure.written
    for trait in ("probabilities", "context"):
        torch.testing.assert_close(
            torch.tensor(get(page, trait), dtype=torch.float64),
            torch.tensor(getattr(figure, trait), dtype=torch.float64), rtol=0, atol=1e-9,
        )  # fmt: skip


# --- page = PyTorch ------------------------------------------------------------------------------


@pytest.mark.parametrize(("reader", "cell"), [("gru", "gru"), ("lstm", "rnn"), ("rnn", "gru")])
def test_every_sentence_gets_pytorchs_translation(boards, reader, cell):
    generator = torch.Generator().manual_seed(1)
    with stage(boards) as put:
        for seed in range(3):
            model = make_translator(seed, reader, cell)
            page = put(Translator(model, ENGLISH, FRENCH, EXAMPLES))
            python = Translator(model, ENGLISH, FRENCH, EXAMPLES)
            agrees_with_python(page, python)
            for _ in range(4):
                length = torch.randint(1, 8, (), generator=generator)
                drawn = torch.randint(3, len(ENGLISH), (length,), generator=generator)
                text = " ".join(ENGLISH.tokens[i] for i in drawn)
                page.evaluate(
                    "(text) => { model.set('text', text); model.set('beginning', []); }", text
                )
                assert words_of(page, "read") == text.split()
                agrees_with_python(page, python)


def test_what_is_forced_changes_what_follows_as_in_pytorch(mount):
    page = mount()
    python = Translator(make_translator(), ENGLISH, FRENCH, EXAMPLES)
    for beginning in (
        ["mars"],
        ["mars", "onze", "mars"],
        ["dans", "<stop>"],
        ["<stop>"],
        ["deux"] * 20,
    ):
        page.evaluate("(words) => model.set('beginning', words)", beginning)
        agrees_with_python(page, python)
        assert words_of(page, "written")[: len(beginning)] == shown_as(beginning)


def test_the_states_on_the_cards_are_the_encoders(mount, figure):
    page = mount()
    model = make_translator()
    inputs = ENGLISH.encode(get(page, "text").split())[None]
    states = model.encoder.recurrent(model.encoder.embed(inputs))[0][0].tolist()
    for i, state in enumerate(states):
        colours = (
            cards(page, "read")
            .nth(i)
            .locator("rect")
            .evaluate_all("(cells) => cells.map((cell) => cell.style.fill)")
        )
        assert len(colours) == 24
        for colour, value in zip(colours, state, strict=True):
            assert f"{100 * min(1, abs(value)):.1f}%" in colour
            assert ("--rnn-negative" if value < 0 else "--rnn-positive") in colour


def test_the_ending_is_what_a_shorter_sentence_gets(mount, figure):
    page = mount()
    for t in (1, 2):
        short = " ".join(figure.examples[0]["text"].split()[:t])
        expected = Translator(make_translator(), ENGLISH, FRENCH, EXAMPLES, text=short).written
        cards(page, "read").nth(t - 1).click()
        words = part(page, "words").inner_text()
        assert words.startswith(f"After ‘{short}’")
        assert f"the French would be ‘{' '.join(w for w in expected)}’." in words
    cards(page, "read").nth(2).click()
    assert "these 24 numbers are the context" in part(page, "words").inner_text()


# --- typing --------------------------------------------------------------------------------------


def test_a_sentence_is_typed(mount):
    page = mount()
    part(page, "text").fill("In two-seven, months")
    assert get(page, "text") == "in two seven months"
    assert words_of(page, "read") == ["in", "two", "seven", "months"]
    assert (get(page, "step"), get(page, "beginning")) == (5, [])
    assert part(page, "text").input_value() == "In two-seven, months"
    assert part(page, "examples").input_value() == ""
    assert "only you can tell" in part(page, "verdict").inner_text()


@pytest.mark.parametrize(
    ("text", "message", "invalid"),
    [
        ("in two weeks", "does not know ‘weeks’: it has never read that word.", "true"),
        ("weeks in two years", "does not know ‘weeks’ or ‘years’: it has never read these", "true"),
        ("in 2 months", "‘2’: it has never read that word. Write numbers in words.", "true"),
        ("in <stop>", "does not know ‘<stop>’", "true"),
        ("two " * 13, "That is 13 words; 12 is the most.", "true"),
        ("in m", "‘m’ may become ‘march’ or ‘months’.", "false"),
        ("in m ", "does not know ‘m’", "true"),
        ("  ", "Nothing to read yet", "false"),
    ],
)
def test_what_it_cannot_read_is_said_plainly(mount, text, message, invalid):
    page = mount()
    before = get(page, "written")
    part(page, "text").fill(text)
    assert message in part(page, "message").inner_text()
    assert part(page, "text").get_attribute("aria-invalid") == invalid
    assert (get(page, "text"), get(page, "written")) == ("friday march eleven", before)
    part(page, "text").fill("two")
    assert part(page, "message").text_content() == ""
    assert get(page, "text") == "two"


@pytest.mark.parametrize(
    ("pasted", "message"),
    [
        ("weeks " * 3000, "That is 3000 words; 12 is the most."),
        (
            " ".join(letter * 9 for letter in "abcde"),
            "‘aaaaaaaaa’, ‘bbbbbbbbb’, ‘ccccccccc’ or 2 more: it has never read these words.",
        ),
        ("x" * 100_000, f"does not know ‘{'x' * 20}…’: it has never read that word."),
    ],
)
def test_what_is_pasted_without_bound_is_not_said_in_full(mount, pasted, message):
    page = mount(width=390)
    height = page.locator(".rnn-figure").bounding_box()["height"]
    part(page, "text").fill(pasted)
    assert message in part(page, "message").inner_text()
    assert page.locator(".rnn-figure").bounding_box()["height"] < height + 150
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_wide_letters_are_read_as_plain_ones(mount):
    page = mount()
    part(page, "text").fill("ｔｗｏ Ｍarch")
    assert get(page, "text") == "two march"
    assert part(page, "message").inner_text() == ""
    python = Translator(make_translator(), ENGLISH, FRENCH, EXAMPLES, text="ｔｗｏ Ｍarch")
    assert python.text == "two march"
    part(page, "text").fill("cafe\u0301s ")
    assert "‘cafés’" in part(page, "message").inner_text()  # not a mark that stands alone


def test_known_words_are_pressed(mount):
    page = mount()
    page.locator("#one summary").click()
    assert page.locator("#one .rnn-known").all_inner_texts() == list(ENGLISH.tokens[3:])
    part(page, "text").fill("in")
    for word in ("seven", "months"):
        page.locator(f"#one .rnn-known[data-word={word}]").click()
    assert get(page, "text") == "in seven months"


def test_examples_are_chosen_and_judged(mount, figure):
    page = mount()
    part(page, "examples").select_option("1")
    assert get(page, "text") == "in two months"
    assert part(page, "text").input_value() == "in two months"
    assert part(page, "verdict").inner_text() == "Wrong: it should be ‘dans deux mois’."
    right = {"text": "in two months", "right": " ".join(get(page, "written"))}
    page.evaluate("(one) => model.set('examples', [one])", right)
    assert part(page, "verdict").inner_text() == "Every word is right."


def test_one_that_never_stops_is_cut_off(boards):
    with stage(boards) as put:
        page = put(Translator(make_translator(1), ENGLISH, FRENCH, EXAMPLES))
        assert cards(page, "written").count() == 20
        assert part(page, "verdict").inner_text() == "It has not stopped, and was cut off."


# --- looking and forcing -------------------------------------------------------------------------


def test_another_word_is_written_instead(mount):
    page = mount()
    own = words_of(page, "written")
    cards(page, "written").nth(1).click()
    assert get(page, "step") == 5
    assert alternatives(page).evaluate_all(LISTED)[0] == own[1]
    assert alternatives(page).first.get_attribute("aria-pressed") == "true"
    other = alternatives(page).nth(1).get_attribute("data-word")
    alternatives(page).nth(1).click()
    assert get(page, "beginning") == [own[0], other]
    assert words_of(page, "written")[:2] == shown_as([own[0], other])
    assert cards(page, "written").nth(1).inner_text().endswith("(you)")
    assert f"you wrote ‘{shown_as([other])[0]}’" in part(page, "words").inner_text()
    assert "put a word in its mouth" in part(page, "verdict").inner_text()
    assert page.locator("#one .rnn-forced").count() == 1
    part(page, "free").click()
    assert get(page, "beginning") == []
    assert words_of(page, "written") == own
    assert not part(page, "free").is_visible()


def test_the_bars_are_the_probabilities(mount):
    page = mount()
    p = get(page, "probabilities")[0]
    best = sorted(zip(p, FRENCH.tokens, strict=True), reverse=True)[:6]
    assert alternatives(page).evaluate_all(LISTED) == shown_as([word for _, word in best])
    numbers = page.locator("#one .rnn-alternative .rnn-number").all_inner_texts()
    assert numbers == [f"{100 * value:.1f} %" for value, _ in best]


def test_it_plays_from_the_first_word_and_hides_what_is_to_come(mount):
    page = mount(motion="no-preference")
    stop_clock(page)
    part(page, "play").click()
    assert part(page, "play").inner_text() == "Pause"
    assert get(page, "step") == 1
    assert page.locator("#one .rnn-later.rnn-card").count() > 0
    assert not cards(page, "written").first.is_visible()
    page.clock.run_for(1200)
    assert get(page, "step") == 3
    part(page, "play").click()
    assert part(page, "play").inner_text() == "Play"
    assert cards(page, "written").first.is_visible()
    assert get(page, "step") == 3
    part(page, "play").click()
    page.clock.run_for(600)
    assert get(page, "step") == 4
    cards(page, "read").first.click()
    assert part(page, "play").inner_text() == "Play"
    assert get(page, "step") == 1


FORCED = {"text": "in two months", "beginning": ["dans", "deux", "mois", "<stop>"]}


def test_playing_ends_with_the_verdict(mount):
    page = mount(**FORCED, motion="no-preference")
    stop_clock(page)
    part(page, "play").click()
    page.clock.run_for(5 * 600)
    assert part(page, "play").inner_text() == "Pause"
    page.clock.run_for(600)
    assert part(page, "play").inner_text() == "Play"
    assert get(page, "step") == 7
    assert part(page, "live").text_content().endswith("It wrote: dans deux mois.")


def test_who_wants_no_motion_sees_the_end_at_once(mount):
    page = mount(**FORCED, step=2, motion="reduce")
    part(page, "play").click()
    assert part(page, "play").inner_text() == "Play"
    assert get(page, "step") == 7
    assert part(page, "live").text_content().endswith("It wrote: dans deux mois.")


@pytest.mark.parametrize(("at", "word", "end"), [(1, "<stop>", 5), (2, "onze", 11)])
def test_playing_ends_where_a_changed_translation_ends(mount, at, word, end):
    page = mount(**FORCED, motion="no-preference")
    stop_clock(page)
    part(page, "play").click()
    page.clock.run_for((3 + at) * 600)  # the word is looked at
    page.evaluate(
        "([at, word]) => model.set('beginning', [...model.get('written').slice(0, at), word])",
        [at, word],
    )
    page.clock.run_for(30 * 600)
    assert part(page, "play").inner_text() == "Play"
    assert get(page, "step") == page.locator("#one .rnn-card").count() == end
    assert part(page, "verdict").is_visible()


def test_a_word_is_pressed_while_it_plays_and_ends_the_translation(mount):
    page = mount(**FORCED, motion="no-preference")
    stop_clock(page)
    part(page, "play").click()
    page.clock.run_for(4 * 600)
    page.locator("#one .rnn-alternative[data-word='<stop>']").click()
    page.clock.run_for(600)
    assert part(page, "play").inner_text() == "Play"
    assert get(page, "step") == page.locator("#one .rnn-card").count() == 5


# --- keyboard, touch, views, the end -------------------------------------------------------------


def test_the_keyboard_alone_is_enough(mount):
    page = mount(motion="no-preference")
    focused = "document.activeElement.dataset"
    page.keyboard.press("Tab")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("two")
    assert get(page, "text") == "two"
    for role in ("play", "back", "next", "examples"):
        page.keyboard.press("Tab")
        assert page.evaluate(f"{focused}.role") == role
    page.keyboard.press("Tab")  # the summary of the words
    page.keyboard.press("Tab")
    assert page.evaluate(f"{focused}.step") == "2"
    page.keyboard.press("ArrowLeft")
    assert (page.evaluate(f"{focused}.step"), get(page, "step")) == ("1", 1)
    page.keyboard.press("ArrowLeft")
    assert get(page, "step") == 1
    page.keyboard.press("End")
    assert get(page, "step") == page.locator("#one .rnn-card").count()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert (page.evaluate(f"{focused}.step"), get(page, "step")) == ("2", 2)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    word = page.evaluate(f"{focused}.word")
    page.keyboard.press("Enter")
    assert get(page, "beginning") == [word]
    assert page.evaluate(f"{focused}.word") == word
    assert page.locator("#one .rnn-card[tabindex='0']").count() == 1


def test_everything_can_be_touched(mount):
    page = mount(width=390)
    page.locator("#one summary").tap()
    for one in page.locator("#one :is(button, select, input, summary):visible").all():
        box = one.bounding_box()
        assert box["height"] >= 24
        assert box["width"] >= 24
    alternatives(page).nth(2).tap()
    assert len(get(page, "beginning")) == 1


def test_two_views_of_one_model_agree_and_share_no_id(mount):
    page = mount()
    page.evaluate("void figure.render({ model, el: document.querySelector('#two') })")
    part(page, "examples", "#two").select_option("1")
    for root in ("#one", "#two"):
        assert words_of(page, "read", root) == ["in", "two", "months"]
        assert part(page, "text", root).input_value() == "in two months"
    alternatives(page).nth(1).click()
    assert words_of(page, "written", "#two") == words_of(page, "written")
    assert page.locator("#two .rnn-forced").count() == 1
    cards(page, "read", "#two").first.click()
    assert cards(page, "read").first.get_attribute("aria-pressed") == "true"
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))


def test_changes_from_python_are_shown(mount):
    page = mount()
    page.evaluate("model.set('text', 'two'); model.set('step', 99)")
    assert words_of(page, "read") == ["two"]
    assert part(page, "text").input_value() == "two"
    assert cards(page, "written").last.get_attribute("aria-pressed") == "true"


def test_another_network_is_shown(mount):
    page = mount(text="two")
    other = Translator(make_translator(3, hidden_size=16), ENGLISH, FRENCH, EXAMPLES, text="two")
    page.evaluate(
        "({ weights, net }) => { model.set('weights', weights); model.set('net', net); }",
        {"weights": other.weights, "net": other.net},
    )
    assert "16 numbers" in part(page, "context").inner_text()
    assert get(page, "written") == other.written
    assert words_of(page, "written")[: len(other.written)] == other.written


def test_other_words_and_other_examples_are_offered(mount):
    page = mount()
    page.evaluate(
        "() => { model.set('reads', [...model.get('reads').slice(0, -1), 'zwei']);"
        " model.set('examples', [{ text: 'in zwei months', right: 'dans deux mois' }]); }"
    )
    page.locator("#one summary").click()
    assert page.locator("#one .rnn-known").all_inner_texts()[-1] == "zwei"
    part(page, "examples").select_option("0")
    assert get(page, "text") == part(page, "text").input_value() == "in zwei months"
    assert part(page, "message").text_content() == ""


def test_nothing_is_left_after_the_clean_up(mount):
    page = mount(motion="no-preference")
    button = page.evaluate_handle("document.querySelector('[data-role=next]')")
    part(page, "play").click()
    page.evaluate("stop()")
    step = get(page, "step")
    assert page.evaluate("model.listeners.length") == 0
    assert page.evaluate("document.querySelector('#one').childElementCount") == 0
    button.evaluate("(one) => one.click()")
    page.wait_for_timeout(700)
    assert get(page, "step") == step


# --- looks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_page_never_scrolls_sideways(mount, width):
    page = mount(width=width, text=" ".join(["friday"] * 12), beginning=["vendredi"] * 20)
    page.locator("#one summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("theme", "width"), SIGHTS)
def test_axe_finds_nothing(mount, theme, width):
    page = mount(theme=theme, width=width, motion="reduce", beginning=["mars"])
    page.locator("#one summary").click()
    for step in (2, 4, 5):
        page.evaluate("(step) => model.set('step', step)", step)
        assert axe_finds(page, RULES[theme]) == []
    part(page, "text").fill("weeks")
    assert axe_finds(page, RULES[theme]) == []
