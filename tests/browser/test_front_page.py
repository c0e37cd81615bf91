"""The figure of the front page: the trained network computes there, for every kind of reader."""

import random

import pytest
import torch
from cases import case
from networks import make_model
from pages import HTML, settle
from stage import stop_clock

from charrnn_helpers import predict, train

FRONT = f"{HTML.as_uri()}/book/intro.html"


@pytest.fixture(scope="module")
def network(vocabulary, pairs):
    """The network that the notebook trains, trained once more, in 64 bits like there."""
    torch.set_default_dtype(torch.float64)
    model = make_model(vocabulary, seed=1)
    torch.set_default_dtype(torch.float32)
    train(model, *pairs, epochs=100, lr=0.01)
    return model


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(FRONT)
    settle(page)
    stop_clock(page)
    yield page
    context.close()


def part(page, role):
    return page.locator(f".rnn-completion [data-role={role}]")


def wait_for_text(page, text):
    """Until it is written; on the page's clock, which stands still unless it is told to go on."""
    page.clock.run_for(15_000)
    assert part(page, "text").text_content() == text


def trait(page, name):
    return page.evaluate(
        "async (name) => (await LiveFigs.models.values().next().value).get(name)", name
    )


def test_with_the_mouse(page):
    part(page, "prompt").fill("good")
    part(page, "play").click()
    wait_for_text(page, "good i am fine ")


def test_with_the_keyboard_alone(page):
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.role") == "prompt":
            break
    page.keyboard.press("Control+A")
    page.keyboard.type("have")
    page.keyboard.press("Enter")
    wait_for_text(page, "have a nice day")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.role") == "scrub":
            break
    page.keyboard.press("Home")
    assert trait(page, "step") == 1
    page.keyboard.press("ArrowRight")
    assert trait(page, "step") == 2


def test_on_a_phone(browser):
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(FRONT)
    settle(page)
    stop_clock(page)
    part(page, "prompt").tap()
    part(page, "prompt").fill("hey")
    part(page, "play").tap()
    wait_for_text(page, "hey how are you")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    context.close()


def test_probabilities_are_pytorchs(page, network, vocabulary):
    rng = random.Random(0)
    for _ in range(40):
        prompt = "".join(rng.choices(vocabulary.characters, k=rng.randint(1, 14)))
        with case(f"prompt {prompt!r}"):
            part(page, "prompt").fill(prompt)
            shown = torch.tensor(trait(page, "probabilities"), dtype=torch.float64)
            expected, _ = predict(network, vocabulary, prompt)
            assert (shown - expected).abs().max() < 1e-6
            words = part(page, "bars").inner_text()
            assert f"{100 * float(expected.max()):.1f}" in words


@pytest.mark.parametrize(
    ("typed", "words"),
    [("", "at least one"), ("hez", "‘z’"), ("Good", "‘G’"), ("hey how are you", "15")],
)
def test_bad_input_is_answered_in_words(page, typed, words):
    part(page, "prompt").fill(typed)
    assert words in part(page, "message").inner_text()
    assert part(page, "prompt").get_attribute("aria-invalid") == "true"
    part(page, "prompt").fill("good")
    assert part(page, "message").inner_text() == ""
    part(page, "play").click()
    wait_for_text(page, "good i am fine ")
