/* The figure `Translator`: a network reads an English sentence word by word, hands over its last state,
   and writes in French.

   What is shown follows from the model's traits alone, so two views of one model always agree: `text`
   (known words), `beginning` (what the reader made the decoder write), `step` (the time step looked
   at; T of reading, then N of writing). Only playing belongs to one view. */

import { unpacked } from "../nn/packed.js";
import { element, prefersStill, uniqueId, update, watch } from "../ui/dom.js";
import { drawAlternatives, drawCards, markCards } from "./cards.js";
import { aboutStep, complaintAbout, endingAt, translationOf, verdictOn, wordsOf } from "./words.js";

const FACTS = ["net", "reads", "writes", "examples", "text", "beginning", "step"];
const BEAT = 600; // milliseconds from word to word while playing

/** The parts of the figure that stay; what changes is drawn into them. */
function build(el, { reads, examples }) {
  const [input, message, chooser, alternatives] = ["text", "message", "examples", "other"].map(uniqueId);
  const part = (role, tag, attributes, ...children) =>
    element(tag, { "data-role": role, ...attributes }, ...children);
  const button = (role, label, more = {}) =>
    part(role, "button", { type: "button", class: "rnn-button", ...more }, label);
  const box = (name, ...children) => element("div", { class: name }, ...children);
  const cards = (role, label) => part(role, "div", { class: "rnn-cards", role: "group", "aria-label": label });
  const known = reads.slice(3).map((word) =>
    element("li", {}, element("button", { type: "button", class: "rnn-known", "data-word": word }, word)));
  const root = box("rnn-figure rnn-translator",
    box("rnn-row",
      element("label", { for: input, class: "rnn-strong" }, "English"),
      part("text", "input", {
        id: input, type: "text", class: "rnn-input", autocomplete: "off", autocapitalize: "off",
        autocorrect: "off", spellcheck: "false", "aria-describedby": message,
      }),
      box("rnn-buttons", button("play", "Play", { class: "rnn-button rnn-primary" }),
        button("back", "◂", { "aria-label": "One word back" }),
        button("next", "▸", { "aria-label": "One word on" })),
      part("message", "p", { id: message, class: "rnn-message", role: "status" })),
    box("rnn-row",
      element("label", { for: chooser, class: "rnn-title" }, "Held-out examples"),
      part("examples", "select", { id: chooser, class: "rnn-select" },
        element("option", { value: "" }, "your own"),
        ...examples.map(({ text }, i) => element("option", { value: i }, text)))),
    element("details", { class: "rnn-words-known" },
      element("summary", {}, `The ${reads.length - 3} words that it knows: press one to add it`),
      part("known", "ul", {}, ...known)),
    element("p", { class: "rnn-title" }, "The encoder reads; below each word, the state after it"),
    cards("read", "Words read"),
    part("context", "p", { class: "rnn-context" }),
    cards("written", "Words written"),
    part("verdict", "p", { class: "rnn-verdict" }),
    part("words", "p", { class: "rnn-words" }),
    part("live", "p", { class: "rnn-hidden", "aria-live": "polite" }),
    part("panel", "div", { class: "rnn-panel" },
      box("rnn-row", element("p", { class: "rnn-title", id: alternatives },
        "The likeliest words here: press one to have it written"),
      button("free", "Let it choose again")),
      part("alternatives", "ul", { class: "rnn-alternatives", "aria-labelledby": alternatives })));
  el.append(root);
  const roles = [...root.querySelectorAll("[data-role]")];
  return { root, ...Object.fromEntries(roles.map((one) => [one.dataset.role, one])) };
}

/** Draw all but the cards: what is said of the step, and what else might be written there. */
function drawStep(parts, given, weights, run, step) {
  const ending = step < run.T ? endingAt(given, weights, run, step) : "";
  const words = aboutStep(run, step, ending, run.states[0].length);
  parts.words.textContent = words;
  parts.panel.classList.toggle("rnn-unused", step <= run.T);
  if (step > run.T) drawAlternatives(parts, given.writes, run.steps[step - run.T - 1]);
  else parts.alternatives.replaceChildren();
  parts.free.hidden = given.beginning.length === 0;
  parts.back.setAttribute("aria-disabled", step <= 1);
  parts.next.setAttribute("aria-disabled", step >= run.T + run.N);
  return words;
}

function render({ model, el }) {
  const facts = () => Object.fromEntries(FACTS.map((name) => [name, model.get(name)]));
  const weights = unpacked(model.get("weights"));
  const parts = build(el, facts());
  const listening = new AbortController();
  let [given, run, cards] = [facts(), null, []];
  let timer = null; // while playing
  let isHalted = false; // on its way: to be gone on with
  let waiting = false; // to be drawn

  const on = (part, event, callback) => part.addEventListener(event, callback, { signal: listening.signal });
  const say = (words) => { parts.live.textContent = words; };
  const stepNow = () => Math.min(Math.max(model.get("step"), 1), run.T + run.N);
  const stepShown = () => {
    given = facts();
    markCards(cards, stepNow(), timer !== null);
    parts.verdict.classList.toggle("rnn-later", timer !== null);
    return drawStep(parts, given, weights, run, stepNow());
  };
  const drawNow = () => {
    const focused = parts.root.getRootNode().activeElement;
    const isIn = (part) => part.contains(focused);
    const [inCards, inOthers] = [isIn(parts.read) || isIn(parts.written), isIn(parts.alternatives)];
    given = facts();
    run = translationOf(given, weights);
    cards = drawCards(parts, run);
    if (focused !== parts.text || complaint() === null) showText();
    parts.examples.value = String(given.examples.findIndex(({ text }) => text === given.text));
    if (parts.examples.selectedIndex < 0) parts.examples.value = "";
    parts.context.textContent = `↓ context: the last state, ${run.states[0].length} numbers. Then the decoder writes`;
    parts.verdict.textContent = verdictOn(given, run, given.net.longest);
    const words = stepShown();
    if (inCards) cards[stepNow() - 1].focus(); // a new drawing would take the focus away
    if (inOthers) parts.alternatives.querySelector("[aria-pressed=true]")?.focus();
    update(model, {
      written: run.steps.map(({ out }) => out).filter((out) => out !== "<stop>"),
      probabilities: run.steps.map(({ p }) => p), context: run.states.at(-1),
    });
    return words;
  };
  /** Draw once, after all that happens now has happened. */
  const show = () => {
    if (!waiting) queueMicrotask(() => {
      waiting = false;
      if (!listening.signal.aborted) drawNow();
    });
    waiting = true;
  };
  const showText = () => {
    if (wordsOf(parts.text.value).join(" ") !== given.text) parts.text.value = given.text;
    flag(null);
  };
  const complaint = () => complaintAbout(parts.text.value, given.reads);
  const flag = (found) => {
    parts.message.textContent = found
      ? `${found.words} Below is still the last sentence that could be read.` : "";
    parts.message.classList.toggle("rnn-open", found?.isOpen ?? false);
    parts.text.setAttribute("aria-invalid", found !== null && !found.isOpen);
  };

  const pause = () => {
    clearInterval(timer);
    timer = null;
    isHalted = stepNow() < run.T + run.N;
    parts.play.textContent = "Play";
    parts.play.classList.remove("rnn-playing");
    stepShown();
  };
  const look = (step) => {
    if (timer !== null) pause();
    isHalted = false;
    update(model, { step });
    say(stepShown());
  };
  const play = () => {
    const end = run.T + run.N;
    parts.play.textContent = "Pause";
    parts.play.classList.add("rnn-playing");
    timer = setInterval(() => {
      if (stepNow() >= end) {
        pause();
        say(`${parts.verdict.textContent} It wrote: ${model.get("written").join(" ")}.`);
      } else update(model, { step: stepNow() + 1 });
    }, prefersStill() ? BEAT / 2 : BEAT);
    update(model, { step: isHalted ? stepNow() : 1 });
    stepShown();
  };
  const readText = (text) => {
    if (timer !== null) pause();
    isHalted = false;
    const words = wordsOf(text);
    update(model, { text: words.join(" "), beginning: [], step: words.length + 1 });
  };

  on(parts.text, "input", () => {
    const found = complaint();
    flag(found);
    if (found === null) readText(parts.text.value);
  });
  on(parts.examples, "change", () => {
    const example = given.examples[Number(parts.examples.value)];
    if (parts.examples.value === "" || !example) return;
    parts.text.value = example.text;
    readText(example.text);
  });
  on(parts.known, "click", (event) => {
    const { word } = event.target.dataset;
    if (!word) return;
    parts.text.value = `${parts.text.value.trim()} ${word}`.trim();
    parts.text.dispatchEvent(new Event("input"));
  });
  on(parts.play, "click", () => (timer === null ? play() : pause()));
  on(parts.back, "click", () => stepNow() > 1 && look(stepNow() - 1));
  on(parts.next, "click", () => stepNow() < run.T + run.N && look(stepNow() + 1));
  const cardAt = (event) => event.target.closest("[data-step]");
  for (const row of [parts.read, parts.written]) {
    on(row, "click", (event) => cardAt(event) && look(Number(cardAt(event).dataset.step)));
    on(row, "keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      look(Math.min(Math.max(stepNow() + by, 1), run.T + run.N));
      cards[stepNow() - 1].focus();
    });
  }
  on(parts.alternatives, "click", (event) => {
    const word = event.target.closest("[data-word]")?.dataset.word;
    const at = stepNow() - run.T - 1;
    if (!word || run.steps[at].out === word) return;
    const before = run.steps.slice(0, at).map(({ out }) => out);
    update(model, { beginning: [...before, word] });
    queueMicrotask(() => say(`${parts.words.textContent} ${model.get("written").join(" ")}`));
  });
  on(parts.free, "click", () => update(model, { beginning: [] }));

  const unwatch = [watch(model, ["text", "beginning", "examples"], show), watch(model, ["step"], stepShown)];
  drawNow();
  return () => {
    clearInterval(timer);
    listening.abort();
    unwatch.forEach((end) => end());
    parts.root.remove();
  };
}

export default { render };
