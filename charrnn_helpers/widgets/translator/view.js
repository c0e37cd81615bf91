/* The figure `Translator`: a network reads an English sentence word by word, hands over its last state,
   and writes in French.

   What is shown follows from the model's traits alone, so two views of one model always agree: `text`
   (known words), `beginning` (what the reader made the decoder write), `step` (the time step looked
   at; T of reading, then N of writing). Only playing belongs to one view. */

import { unpacked } from "../nn/packed.js";
import { box, button, part, SIDEWAYS, speech, walk } from "../ui/controls.js";
import { element, uniqueId } from "../ui/dom.js";
import { derived, focused, newFigure } from "../ui/figure.js";
import { transport, transportButtons } from "../ui/transport.js";
import { drawAlternatives, drawCards, markCards } from "./cards.js";
import {
  aboutStep, complaintAbout, sentenceOf, translationOf, verdictOn, wordsOf, wordsOut,
} from "./words.js";

const BEAT = 600; // milliseconds from word to word
const TRAITS = /** @type {const} */ ([
  "weights", "net", "reads", "writes", "examples", "text", "beginning", "step",
]);
const RUN = /** @type {const} */ (["weights", "net", "reads", "writes", "text", "beginning"]);

/** The sentence that is read, and what may be read instead. */
function buildSentence() {
  const [input, message, chooser] = ["text", "message", "examples"].map(uniqueId);
  return [
    box("rnn-row",
      element("label", { for: input, class: "rnn-strong" }, "English"),
      part("text", "input", {
        id: input, type: "text", class: "rnn-input", autocomplete: "off", autocapitalize: "off",
        autocorrect: "off", spellcheck: "false", "aria-describedby": message,
      }),
      transportButtons(),
      part("message", "p", { id: message, class: "rnn-message", role: "status" })),
    box("rnn-row",
      element("label", { for: chooser, class: "rnn-title" }, "Held-out examples"),
      part("examples", "select", { id: chooser, class: "rnn-select" })),
    element("details", { class: "rnn-words-known" },
      part("knowntitle", "summary"), part("known", "ul")),
  ];
}

/** What else might be written at one step. */
function buildAlternatives() {
  const title = uniqueId("other");
  return part("panel", "div", { class: "rnn-panel" },
    box("rnn-row",
      element("p", { class: "rnn-title", id: title },
        "The likeliest words here: press one to have it written"),
      button("free", "Let it choose again")),
    part("alternatives", "ul", { class: "rnn-alternatives", "aria-labelledby": title }));
}

/** The parts of the figure that stay; what changes is drawn into them. */
function build() {
  const cards = (role, label) =>
    part(role, "div", { class: "rnn-cards", role: "group", "aria-label": label });
  return box("rnn-figure rnn-translator",
    ...buildSentence(),
    element("p", { class: "rnn-title" }, "The encoder reads; below each word, the state after it"),
    part("cards", "div", { class: "rnn-both" },
      cards("read", "Words read"),
      part("context", "p", { class: "rnn-context" }),
      cards("written", "Words written")),
    part("verdict", "p", { class: "rnn-verdict" }),
    part("words", "p", { class: "rnn-words" }),
    speech(),
    buildAlternatives());
}

/** Offer examples, and the words that are known. */
function offer(parts, { examples, reads }) {
  const words = reads.slice(3); // the first three are special
  parts.examples.replaceChildren(element("option", { value: "" }, "your own"),
    ...examples.map(({ text }, i) => element("option", { value: i }, text)));
  parts.knowntitle.textContent = `The ${words.length} words that it knows: press one to add it`;
  parts.known.replaceChildren(...words.map((word) => element("li", {},
    element("button", { type: "button", class: "rnn-known", "data-word": word }, word))));
}

/** Say why the text cannot be read; null: it can. */
function flag(parts, found) {
  parts.message.textContent = found
    ? `${found.words} Below is still the last sentence that could be read.` : "";
  parts.message.classList.toggle("rnn-open", found?.isOpen ?? false);
  parts.text.setAttribute("aria-invalid", found !== null && !found.isOpen);
}

/** Draw what stays while one looks at different steps. */
function drawRun(parts, { reads, text }, run) {
  drawCards(parts, run);
  parts.context.textContent =
    `↓ context: the last state, ${run.states[0].length} numbers. Then the decoder writes`;
  if (focused(parts.root) === parts.text && complaintAbout(parts.text.value, reads)) return;
  if (wordsOf(parts.text.value).join(" ") !== text) parts.text.value = text;
  flag(parts, null);
}

/** Draw all else; returns what Python is told. */
function redraw(parts, given, run, isPlaying) {
  const step = Math.min(Math.max(given.step, 1), run.T + run.N);
  markCards(parts, step, isPlaying);
  const chosen = given.examples.findIndex(({ text }) => text === given.text);
  parts.examples.value = chosen < 0 ? "" : chosen;
  parts.verdict.textContent = verdictOn(given, run);
  parts.verdict.classList.toggle("rnn-later", isPlaying);
  parts.words.textContent = aboutStep(given, run, step);
  parts.panel.classList.toggle("rnn-unused", step <= run.T);
  if (step > run.T) drawAlternatives(parts, given.writes, run.steps[step - run.T - 1]);
  else parts.alternatives.replaceChildren();
  parts.free.hidden = given.beginning.length === 0;
  return {
    step, written: wordsOut(run.steps), probabilities: run.steps.map(({ p }) => p),
    context: run.states.at(-1),
  };
}

/** Draw, and give the focus back where a new drawing takes it away. */
function withFocus({ root, cards, alternatives }, draw) {
  const before = focused(root);
  const [inCards, inOthers] = [cards.contains(before), alternatives.contains(before)];
  draw();
  if (inCards && !cards.contains(before)) cards.querySelector("[tabindex='0']").focus();
  if (inOthers) alternatives.querySelector("[aria-pressed=true]")?.focus();
}

function render({ model, el }) {
  let drawn = null; // the run whose cards are there
  const figure = newFigure({ model, el }, TRAITS, build(), () => {
    let told;
    withFocus(parts, () => {
      if (run() !== drawn) drawRun(parts, now(), run());
      drawn = run();
      told = redraw(parts, now(), drawn, time.isPlaying());
    });
    time.draw();
    return told;
  });
  const { parts, now, get, set, on, say } = figure;
  const weights = derived(get, ["weights"], unpacked);
  const run = derived(get, RUN, () => translationOf(now(), weights()));
  const last = () => run().T + run().N;
  const tell = () => say(`${verdictOn(now(), run())} It wrote: ${sentenceOf(run().steps)}.`);
  const tellStep = () => say(aboutStep(now(), run(), get("step")));
  const time = transport(figure, { beat: BEAT, last, tell, tellStep, columns: "cards", anew: true });
  const read = (text) => {
    const words = wordsOf(text);
    time.pause();
    set({ text: words.join(" "), beginning: [], step: words.length + 1 });
  };
  /** Read what stands in the box, if it can be read. */
  const readTyped = () => {
    const found = complaintAbout(parts.text.value, get("reads"));
    flag(parts, found);
    if (found === null) read(parts.text.value);
  };

  walk(on, parts.cards, (card) => card.click(), SIDEWAYS);
  on(parts.text, "input", readTyped);
  on(parts.examples, "change", () => {
    const example = get("examples")[parts.examples.value];
    if (!example) return; // one's own
    parts.text.value = example.text;
    readTyped();
  });
  on(parts.known, "click", (event) => {
    const { word } = event.target.dataset;
    if (!word) return;
    parts.text.value = `${parts.text.value.trim()} ${word}`.trim();
    readTyped();
  });
  on(parts.alternatives, "click", (event) => {
    const word = event.target.closest("[data-word]")?.dataset.word;
    const [{ steps, T }, step] = [run(), get("step")];
    if (!word || steps[step - T - 1].out === word) return;
    set({ beginning: [...steps.slice(0, step - T - 1).map(({ out }) => out), word] });
    say(`${aboutStep(now(), run(), step)} ${sentenceOf(run().steps)}`);
  });
  on(parts.free, "click", () => set({ beginning: [] }));
  figure.watch(["examples", "reads"], () => offer(parts, now()));
  offer(parts, now());
  figure.drawNow();
  return figure.end;
}

export default { render };
