"""The figure of a sentence that turns, alone on a page: parity, typing, tapping, keyboard, axe."""

import functools

import pytest
import torch
from accessibility import RULES, SIGHTS, axe_finds
from demonstrations import made
from stage import get, part, stage, stop_clock
from torch import nn

from charrnn_helpers.minibatches import fit, masked_loss
from charrnn_helpers.models import Encoder, SequenceClassifier
from charrnn_helpers.tasks import sentiment
from charrnn_helpers.tokens import IGNORE, TokenVocabulary
from charrnn_helpers.widgets import SentimentMeter
from charrnn_helpers.widgets.packed import round_weights
from charrnn_helpers.widgets.sentiment_meter.figure import turns_of

TURNS = "the film was dull but the music was brilliant"
NOT_DULL = "the film was not dull"
LONG = " ".join(["really"] * 39 + ["enchanting"])


def reviews(split):
    sentences, labels = sentiment.reviews(split)
    return [[*words, "."] for words in sentences], torch.tensor(labels)


WORDS = TokenVocabulary.from_sequences(reviews("training")[0])


def build(cell="gru"):
    return SequenceClassifier(Encoder(nn.Embedding(len(WORDS), 12), 12, 20, cell), 2)


def answers(model, words):
    """PyTorch's states after every word, and the chances of "positive"."""
    with torch.inference_mode():
        h, _ = model.encoder.recurrent(model.encoder.embed(WORDS.encode(words)[None]))
        return h[0].tolist(), model.head(h[0]).softmax(1)[:, 1].tolist()


@pytest.fixture(scope="module")
def trained():
    """A network that decides right, and has been asked after every word."""
    sentences, labels = reviews("training")
    inputs, lengths = WORDS.reading(sentences)
    targets = labels[:, None].where(torch.arange(inputs.shape[1]) < lengths[:, None], IGNORE)

    def at_the_end(model, inputs, lengths, labels, targets):
        return nn.functional.cross_entropy(model(inputs, lengths), labels)

    def everywhere(model, inputs, lengths, labels, targets):
        h, _ = model.encoder.recurrent(model.encoder.embed(inputs))
        return masked_loss(model.head(h), targets)

    torch.manual_seed(0)
    model = build().double()
    for loss, epochs in [(at_the_end, 8), (everywhere, 6)]:
        fit(model, (inputs, lengths, labels, targets), loss, epochs, lr=0.02, batch_size=128)
    return round_weights(model)


@pytest.fixture(scope="module")
def figure(trained):
    return SentimentMeter(trained, WORDS, TURNS, [NOT_DULL, "the film was dull"])


@pytest.fixture
def mount(boards, figure):
    """Open pages with the figure on them; at the end, none may have complained."""
    with stage(boards) as put:
        yield functools.partial(put, figure)


def row(page, t, root="#one"):
    return page.locator(f"{root} [data-step='{t}']")


def words_of(page, root="#one"):
    return page.locator(f"{root} .rnn-wordrow strong").all_inner_texts()


def close_to(measured, expected):
    assert measured == pytest.approx(expected, rel=0, abs=1e-9)


# --- page = PyTorch ------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_every_chance_and_every_state_is_pytorchs(boards, cell):
    model = made(3, functools.partial(build, cell))
    generator = torch.Generator().manual_seed(5)
    drawn = torch.randint(3, len(WORDS), (4, 12), generator=generator)
    random = [[w for w in WORDS.decode(row) if w != "."] for row in drawn]
    with stage(boards) as put:
        page = put(SentimentMeter(model, WORDS, TURNS))
        for words in [*random, *(words[:-1] for words in reviews("held out")[0][:6])]:
            page.evaluate("(text) => model.set('sentence', text)", " ".join(words))
            page.evaluate("(t) => model.set('step', t)", len(words))
            states, chances = answers(model, [*words, "."])
            close_to(get(page, "probabilities"), chances)
            close_to(get(page, "hidden"), states[-2])
            assert get(page, "turns") == turns_of(chances)
            shown = page.locator("#one .rnn-wordrow").evaluate_all(
                "(rows) => rows.map((row) => +row.dataset.probability)"
            )
            close_to(shown, chances)


def test_held_out_sentences_are_decided_as_pytorch_does_and_judged_by_the_rules(mount, trained):
    page = mount()
    sentences, labels = reviews("held out")
    for words, label in zip(sentences[:60], labels[:60].tolist(), strict=True):
        page.evaluate("(text) => model.set('sentence', text)", " ".join(words[:-1]))
        _, chances = answers(trained, words)
        assert (get(page, "probabilities")[-1] > 0.5) == (chances[-1] > 0.5)
        assert label == sentiment.verdict(words[:-1])
        told = part(page, "truth").inner_text()
        assert told.endswith(f"by the rules it is {sentiment.LABELS[label]}.")
        said = part(page, "verdict").inner_text() == f"Verdict: {sentiment.LABELS[label]}."
        assert told.startswith("Right" if said else "Wrong")


def test_cells_have_the_colours_of_their_numbers(mount, trained):
    page = mount()
    states, _ = answers(trained, [*TURNS.split(), "."])
    for t in (1, 5, 10):
        colours = (
            row(page, t)
            .locator(".rnn-state i")
            .evaluate_all("(cells) => cells.map((cell) => cell.style.background)")
        )
        assert len(colours) == 20
        for colour, h in zip(colours, states[t - 1], strict=True):
            assert ("--rnn-negative" if h < 0 else "--rnn-positive") in colour
            assert f"{100 * abs(h):.1f}%" in colour


# --- what it says --------------------------------------------------------------------------------


def test_it_names_the_word_at_which_the_verdict_turns(mount, trained):
    page = mount()
    links = []
    for words in reviews("held out")[0][:40]:
        page.evaluate("(text) => model.set('sentence', text)", " ".join(words[:-1]))
        turns = turns_of(answers(trained, words)[1])
        names = [f"‘{word}’ (word {t})" for t, word in enumerate(words[:-1], start=1)] + ["the end"]
        named = ", then at ".join(names[t - 1] for t in turns)
        verdict, turn = (part(page, role).inner_text() for role in ("verdict", "turn"))
        assert part(page, "live").text_content() == f"{verdict} {turn}"
        if turns:
            assert turn == f"It turns at {named}."
            assert row(page, turns[0]).get_attribute("aria-label").endswith("the verdict turns")
            links.append(words[turns[0] - 1])
        else:
            assert turn.startswith(("It forms at ‘", "It forms at the end"))
            assert turn.endswith("and never turns.")
        marked = page.locator("#one .rnn-turned")
        assert marked.evaluate_all("(rows) => rows.map((row) => +row.dataset.step)") == turns
    assert len([word for word in links if word in ("but", "yet")]) >= 5


def test_a_sentence_outside_the_rules_is_left_to_the_reader(mount):
    page = mount(sentence="dull dull")
    assert part(page, "truth").inner_text() == (
        "The rules do not give this sentence: judge for yourself."
    )


def test_a_word_looked_at_is_compared_with_the_one_before(mount, trained):
    page = mount()
    _, chances = answers(trained, [*TURNS.split(), "."])
    row(page, 5).click()
    assert get(page, "step") == 5
    change = 100 * (chances[4] - chances[3])
    assert part(page, "words").inner_text() == (
        f"After ‘but’: {100 * chances[4]:.1f} % positive, {change:.1f} points more than before."
    )
    close_to(get(page, "hidden"), answers(trained, [*TURNS.split(), "."])[0][4])
    row(page, 1).click()
    assert part(page, "words").inner_text().startswith(f"After ‘the’: {100 * chances[0]:.1f} %")


# --- typing --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("Although the film was dull,the music was WITTY.", None),
        ("  not   dull ", "not dull"),
        ("witty", "witty"),
        (LONG, LONG),
    ],
)
def test_what_is_typed_is_read_at_once(mount, trained, typed, sentence):
    page = mount()
    sentence = sentence or "although the film was dull , the music was witty"
    part(page, "sentence").fill(typed)
    assert get(page, "sentence") == sentence
    assert part(page, "message").inner_text() == ""
    assert get(page, "step") == len(sentence.split()) + 1
    close_to(get(page, "probabilities"), answers(trained, [*sentence.split(), "."])[1])


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("the film was superbly", "‘superbly’ is not among the 85 words that this network knows."),
        ("the film was superbly", "Did you mean ‘superb’?"),
        ("xylophone zzz ", "‘xylophone’ and ‘zzz’ are not among the 85 words"),
        ("<b>", "‘<b>’ is not among"),
        ("<pad> ", "‘<pad>’ is not among"),
        ("", "Nothing to read yet: type a word, or tap one below."),
        (".", "Nothing to read yet"),
        ("dull. witty", "‘.’ ends a sentence, so nothing can stand behind it."),
        ("so " * 41, "41 words are too many for this figure: 40 are the most."),
    ],
)
def test_what_cannot_be_read_is_told_beside_the_box(mount, typed, message):
    page = mount()
    box, told = part(page, "sentence"), part(page, "message")
    assert box.get_attribute("aria-describedby") == told.get_attribute("id")
    box.fill(typed)
    assert message in told.inner_text()
    assert box.get_attribute("aria-invalid") == "true"
    assert get(page, "sentence") == TURNS  # the last that can be read
    assert words_of(page) == [*TURNS.split(), ". end"]
    box.fill("the film was superb")
    assert told.inner_text() == ""
    assert box.get_attribute("aria-invalid") == "false"
    assert get(page, "sentence") == "the film was superb"


@pytest.mark.parametrize(
    ("pasted", "message"),
    [
        ("x" * 100_000, f"‘{'x' * 20}…’ is not among the 85 words"),
        ("xx yy zz " * 5000, "15000 words are too many for this figure"),
        ("aaaaa bbbbb ccccc ddddd eeeee", "‘aaaaa’, ‘bbbbb’, ‘ccccc’ and 2 more are not among"),
        (
            " ".join(f"{word}z" for word in ("superb", "dull", "witty", "lovely", "music")),
            "Did you mean ‘superb’, ‘dull’ or ‘witty’?",
        ),
    ],
)
def test_what_is_pasted_without_bound_is_not_said_in_full(mount, pasted, message):
    page = mount(width=390)
    height = page.locator(".rnn-figure").bounding_box()["height"]
    part(page, "sentence").fill(f"{pasted} ")
    assert message in part(page, "message").inner_text()
    assert page.locator(".rnn-figure").bounding_box()["height"] < height + 200


def test_a_long_word_is_compared_with_no_word_so_much_shorter(mount):
    page = mount()
    part(page, "sentence").fill("x" * 200_000)
    told = "document.querySelector('[data-role=message]').textContent"
    spent = page.evaluate(
        "() => { const start = performance.now();"
        " document.querySelector('[data-role=sentence]').dispatchEvent(new Event('input'));"
        " return performance.now() - start; }"
    )
    assert page.evaluate(told).startswith("‘xxxx")
    assert spent < 500  # milliseconds; to compare the letters takes seconds


def test_wide_letters_are_read_as_plain_ones(mount):
    page = mount()
    part(page, "sentence").fill("the ｆｉｌｍ was Ｄull")
    assert get(page, "sentence") == "the film was dull"
    part(page, "sentence").fill("the cafe\u0301 ")
    assert "‘café’" in part(page, "message").inner_text()  # not a mark that stands alone


def test_a_word_that_is_just_being_typed_is_no_mistake_until_it_is_left(mount):
    page = mount()
    part(page, "sentence").fill("the mus")
    assert part(page, "message").inner_text() == ""
    assert get(page, "sentence") == "the"
    part(page, "sentence").blur()
    assert "‘mus’ is not among" in part(page, "message").inner_text()
    part(page, "sentence").fill("mus")
    assert part(page, "message").inner_text() == ""


# --- tapping -------------------------------------------------------------------------------------


def chip(page, word):
    return page.locator(f"#one [data-word='{word}']")


def test_words_are_added_put_in_place_and_deleted(mount):
    page = mount(width=390, sentence=NOT_DULL, step=6)
    chip(page, "yet").tap()
    assert get(page, "sentence") == f"{NOT_DULL} yet"
    assert part(page, "sentence").input_value() == f"{NOT_DULL} yet"
    part(page, "remove").tap()
    assert get(page, "sentence") == NOT_DULL
    part(page, "group-praise").check()
    row(page, 5).tap()
    part(page, "replace").check()
    assert part(page, "target").inner_text() == "‘dull’"
    chip(page, "witty").tap()
    assert (get(page, "sentence"), get(page, "step")) == ("the film was not witty", 5)
    row(page, 4).tap()
    assert part(page, "remove").inner_text() == "Delete ‘not’"
    part(page, "remove").tap()
    assert get(page, "sentence") == "the film was witty"
    row(page, 5).tap()  # the end cannot be replaced, but the word before it
    assert part(page, "target").inner_text() == "‘witty’"


def test_one_word_is_left(mount):
    page = mount(sentence="dull", step=2)
    assert part(page, "remove").get_attribute("aria-disabled") == "true"
    part(page, "remove").dispatch_event("click")
    assert get(page, "sentence") == "dull"


def test_a_tap_that_would_be_too_much_is_told(mount):
    page = mount(sentence=LONG)
    chip(page, "was").click()
    assert "41 words are too many" in part(page, "message").inner_text()
    assert get(page, "sentence") == LONG


def test_examples_can_be_chosen(mount):
    page = mount()
    assert part(page, "examples").input_value() == TURNS
    part(page, "examples").select_option(NOT_DULL)
    assert get(page, "sentence") == NOT_DULL
    assert part(page, "sentence").input_value() == NOT_DULL
    chip(page, "yet").click()
    assert part(page, "examples").evaluate("(box) => box.value") == ""


# --- playing, keyboard ---------------------------------------------------------------------------


def test_it_reads_word_by_word(mount):
    page = mount(sentence=NOT_DULL, motion="no-preference")
    stop_clock(page)
    part(page, "play").click()
    assert part(page, "play").inner_text() == "Pause"
    assert get(page, "step") == 1
    assert page.locator("#one .rnn-unread").count() == 5
    assert not row(page, 6).locator(".rnn-number").is_visible()
    assert part(page, "verdict").inner_text().startswith("So far: ")
    assert part(page, "truth").inner_text() == "…"
    page.clock.run_for(10_000)
    assert part(page, "play").inner_text() == "Play"
    assert get(page, "step") == 6
    assert page.locator("#one .rnn-unread").count() == 0


def test_pause_stops_and_shows_all(mount):
    page = mount(motion="no-preference")
    part(page, "play").click()
    part(page, "play").click()
    assert page.locator("#one .rnn-unread").count() == 0
    step = get(page, "step")
    page.wait_for_timeout(700)
    assert get(page, "step") == step


def test_after_pause_it_goes_on_and_else_it_begins_anew(mount):
    page = mount(motion="no-preference")
    stop_clock(page)
    part(page, "play").click()
    page.clock.run_for(2 * 480)
    part(page, "play").click()
    part(page, "play").click()
    page.clock.run_for(480)
    assert get(page, "step") == 4
    row(page, 6).click()
    assert part(page, "play").inner_text() == "Play"
    part(page, "play").click()
    assert get(page, "step") == 1


def test_a_sentence_that_gets_shorter_ends_what_plays(mount):
    page = mount(motion="no-preference")
    stop_clock(page)
    part(page, "play").click()
    page.clock.run_for(7 * 480)
    page.evaluate("model.set('sentence', 'the film was dull')")
    page.clock.run_for(480)
    assert part(page, "play").inner_text() == "Play"
    assert get(page, "step") == 5


def test_reduced_motion_reads_all_at_once(mount):
    page = mount(motion="reduce", step=2)
    part(page, "play").click()
    assert get(page, "step") == 10
    assert part(page, "play").inner_text() == "Play"


def test_the_keyboard_alone_is_enough(mount):
    page = mount(motion="reduce")

    def reached(times=1):
        for _ in range(times):
            page.keyboard.press("Tab")
        return page.evaluate("Object.assign({}, document.activeElement.dataset)")

    assert reached()["role"] == "sentence"
    page.keyboard.press("Control+A")
    page.keyboard.type(NOT_DULL)
    assert get(page, "sentence") == NOT_DULL
    assert reached()["role"] == "play"
    assert reached()["role"] == "examples"
    assert reached()["step"] == "6"
    for key, t in [("ArrowUp", 5), ("ArrowLeft", 4), ("Home", 1), ("ArrowUp", 1), ("End", 6)]:
        page.keyboard.press(key)
        assert get(page, "step") == t
        assert page.evaluate("document.activeElement.dataset.step") == str(t)
    assert reached()["role"] == "group-small words"
    page.keyboard.press("ArrowRight")
    assert part(page, "group-subjects").is_checked()
    assert reached()["role"] == "append"
    assert reached()["role"] == "remove"
    page.keyboard.press("Enter")
    assert get(page, "sentence") == "the film was not"
    assert reached()["word"] == "acting"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert get(page, "sentence") == "the film was not cast"
    assert page.evaluate("document.activeElement.dataset.word") == "cast"
    assert page.locator("#one .rnn-wordrow[tabindex='0']").count() == 1
    assert page.locator("#one .rnn-chip[tabindex='0']").count() == 1


# --- views, the end, looks -----------------------------------------------------------------------


def test_two_views_of_one_model_agree_and_share_no_id(mount):
    page = mount()
    page.evaluate("void figure.render({ model, el: document.querySelector('#two') })")
    part(page, "sentence", "#two").fill(NOT_DULL)
    assert words_of(page) == words_of(page, "#two") == [*NOT_DULL.split(), ". end"]
    assert part(page, "sentence").input_value() == NOT_DULL
    row(page, 2).click()
    assert row(page, 2, "#two").get_attribute("aria-current") == "true"
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))


def test_another_network_is_shown(mount):
    page = mount(sentence=NOT_DULL)
    model = made(4, functools.partial(build, "lstm"))
    other = SentimentMeter(model, WORDS, NOT_DULL)
    page.evaluate(
        "({ weights, net }) => { model.set('weights', weights); model.set('net', net); }",
        {"weights": other.weights, "net": other.net},
    )
    close_to(get(page, "probabilities"), answers(model, [*NOT_DULL.split(), "."])[1])


def test_other_words_and_other_examples_are_offered(mount):
    page = mount()
    page.evaluate("model.set('groups', [['odd', ['constructor', 'but']], ['even', ['dull']]])")
    assert page.locator("#one .rnn-chip").all_inner_texts() == ["constructor", "but"]
    assert part(page, "group-odd").is_checked()
    part(page, "group-even").check()
    assert page.locator("#one .rnn-chip").all_inner_texts() == ["dull"]
    page.evaluate("model.set('examples', ['not dull', 'dull'])")
    part(page, "examples").select_option("dull")
    assert get(page, "sentence") == part(page, "sentence").input_value() == "dull"


def test_every_word_can_be_a_word(boards):
    words = TokenVocabulary(["constructor", "dull", "."])
    model = made(
        3, lambda: SequenceClassifier(Encoder(nn.Embedding(len(words), 12), 12, 20, "gru"), 2)
    )
    with stage(boards) as put:
        page = put(SentimentMeter(model, words, "constructor dull"))
        assert chip(page, "constructor").get_attribute("aria-label") == "constructor"
        assert row(page, 1).get_attribute("aria-label").startswith("word 1, constructor: ")
        assert row(page, 3).get_attribute("aria-label").startswith("word 3, full stop: ")


def test_what_is_being_typed_stays_in_a_shadow_tree_too(mount):
    page = mount()
    page.evaluate(
        "() => { const shadow = document.querySelector('#two').attachShadow({ mode: 'open' });"
        " figure.render({ model, el: shadow.appendChild(document.createElement('div')) }); }"
    )
    box = page.locator("#two [data-role=sentence]")
    box.fill("the film, was  DULL")
    assert get(page, "sentence") == "the film , was dull"
    assert box.input_value() == "the film, was  DULL"


def test_it_leaves_nothing_behind(mount):
    page = mount(motion="no-preference")
    part(page, "play").click()
    button = page.evaluate_handle("document.querySelector('[data-role=play]')")
    page.evaluate("stop()")
    step = get(page, "step")
    assert page.evaluate("model.listeners.length") == 0
    assert page.evaluate("document.querySelector('#one').childElementCount") == 0
    button.evaluate("(node) => node.click()")
    page.wait_for_timeout(700)
    assert get(page, "step") == step


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_page_never_scrolls_sideways_and_all_can_be_touched(mount, width):
    page = mount(width=width, sentence=LONG)
    part(page, "group-praise").check()
    part(page, "sentence").fill("superbly")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for one in page.locator("#one :is(button, select, .rnn-choice, .rnn-input)").all():
        box = one.bounding_box()
        assert min(box["height"], box["width"]) >= 24
    for name in page.locator("#one .rnn-wordrow strong").all()[-2:]:
        assert name.evaluate("(node) => node.scrollWidth <= node.clientWidth")


@pytest.mark.parametrize(("theme", "width"), SIGHTS)
def test_axe_finds_nothing(mount, theme, width):
    page = mount(theme=theme, width=width)
    row(page, 3).click()
    part(page, "sentence").fill("superbly")
    assert axe_finds(page, RULES[theme]) == []
