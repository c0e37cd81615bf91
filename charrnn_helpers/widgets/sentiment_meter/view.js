/* The figure `SentimentMeter`: how a network's verdict on a sentence moves from word to word.

   What is shown follows from the model's traits alone, so two views of one model always agree:
   `sentence` (a valid one) and `step` (the time step that is looked at, from 1). Which group of words
   is open, and whether a tap adds or replaces, belongs to the view. */

import { box, button, part, radios, speech, walk } from "../ui/controls.js";
import { element, uniqueId } from "../ui/dom.js";
import { derived, focused, newFigure } from "../ui/figure.js";
import { transport } from "../ui/transport.js";
import { unpacked } from "../nn/packed.js";
import { runNetwork } from "../nn/wirings.js";
import { drawChips, drawRows } from "./parts.js";
import {
  headline, isBegun, objection, reading, truthOf, turnsOf, wordsOf, written,
} from "./words.js";

const BEAT = 480; // milliseconds from word to word
const TRAITS = /** @type {const} */ ([
  "weights", "net", "tokens", "end", "groups", "rules", "examples", "sentence", "step",
]);
const RUN = /** @type {const} */ (["weights", "net", "tokens", "end", "sentence"]);

/** The sentence that is read, and examples. */
function buildSentence() {
  const [input, message, example] = ["sentence", "message", "example"].map(uniqueId);
  return box("rnn-row",
    element("label", { for: input, class: "rnn-strong" }, "Sentence"),
    part("sentence", "input", {
      id: input, type: "text", class: "rnn-input", autocomplete: "off", autocapitalize: "off",
      autocorrect: "off", spellcheck: "false", enterkeyhint: "done", "aria-describedby": message,
    }),
    button("play", "Play", "rnn-primary"),
    part("message", "p", { id: message, class: "rnn-message", role: "alert" }),
    box("rnn-examples", element("label", { for: example }, "or take"),
      part("examples", "select", { id: example, class: "rnn-input" })));
}

/** One row a word, and what stands above the columns. */
function buildReading() {
  const long = (letters) => element("span", { class: "rnn-long" }, letters); // not on a phone
  return box("rnn-reading",
    element("div", { class: "rnn-axis", "aria-hidden": "true" },
      element("span", {}, "word"),
      element("span", {}, element("b", {}, "neg", long("ative")), element("b", {}, "pos", long("itive"))),
      element("span", {}),
      element("span", {}, "hidden state", part("units", "span", { class: "rnn-long" }))),
    part("rows", "ol", { class: "rnn-wordrows", "aria-label": "The sentence, word by word" }));
}

/** The words to tap, and what a tap does. */
function buildPalette() {
  const way = radios(element("legend", {}, "A tap"), [
    ["append", "adds it at the end"],
    ["replace", element("span", {}, "puts it in place of ", part("target", "b"))],
  ]);
  way.append(button("remove", "Delete"));
  return box("rnn-palette", part("groups", "div"), way,
    part("chips", "div", { class: "rnn-chips", role: "group", "aria-label": "Words to tap" }));
}

/** The parts of the figure that stay; what changes is drawn into them. */
const build = () => box("rnn-figure rnn-sentiment-meter",
  buildSentence(),
  speech(),
  box("rnn-says", part("verdict", "strong"), part("turn", "span"), part("truth", "span")),
  buildReading(),
  part("words", "p", { class: "rnn-words" }),
  buildPalette());

/** Offer groups of words, and open the first. */
function offerGroups(parts, groups) {
  const options = groups.map(([name]) => [`group-${name}`, name]);
  parts.groups.replaceChildren(radios(element("legend", {}, "Words to tap"), options));
  parts.groups.querySelector("input").checked = true;
  drawChips(parts.chips, groups[0][1]);
}

/** Open the group that the reader has chosen. */
function openGroup(parts, groups) {
  const chosen = [...parts.groups.querySelectorAll("input")].findIndex(({ checked }) => checked);
  drawChips(parts.chips, groups[chosen][1]);
}

function offerExamples(parts, examples) {
  parts.examples.replaceChildren(element("option", { value: "", disabled: "" }, "an example …"),
    ...examples.map((text) => element("option", { value: text }, written(text.split(" ")))));
}

/** What the network makes of a sentence: its `words`, with the end, and what follows each. */
function runOf({ net, tokens, end, sentence }, weights) {
  const words = [...sentence.split(" "), end];
  const integers = words.map((word) => tokens.indexOf(word));
  const { states, outputs } = runNetwork(weights, { net, output: "every step" }, integers);
  return { words, states, probabilities: outputs.map(([, p]) => p) };
}

/** Say at which words a tap aims, and Delete: places from 0. */
function drawAims(parts, words, { replaced, removed }) {
  parts.target.textContent = `‘${words[replaced]}’`;
  parts.remove.textContent = `Delete ‘${words[removed]}’`;
  parts.remove.setAttribute("aria-disabled", words.length === 2); // one, and the end
}

/** Draw what is read; returns what Python is told. */
function redraw(parts, given, { words, states, probabilities }, isPlaying) {
  const t = Math.min(Math.max(given.step, 1), words.length);
  const heard = isPlaying ? t : words.length;
  drawRows(parts.rows, words, probabilities, states, t, heard);
  [parts.verdict.textContent, parts.turn.textContent] = headline(words, probabilities, heard);
  parts.truth.textContent = heard < words.length ? "…"
    : truthOf(given.rules, words.slice(0, -1), probabilities);
  parts.words.textContent = reading(words, probabilities, t);
  parts.units.textContent = `: ${states[0].length} units`;
  parts.examples.value = given.examples.includes(given.sentence) ? given.sentence : "";
  if (focused(parts.root) !== parts.sentence && !parts.message.textContent) {
    parts.sentence.value = written(given.sentence.split(" "));
  }
  return { step: t, probabilities, turns: turnsOf(probabilities), hidden: states[t - 1] };
}

/** Let the reader type a sentence; `take` is told of its words, and complains if it must. */
function listenToTyping({ parts, get, on }, { known, complain, take }) {
  const typed = () => {
    const words = wordsOf(parts.sentence.value); // the figure adds the full stop
    return words.at(-1) === get("end") ? words.slice(0, -1) : words;
  };
  on(parts.sentence, "input", () => {
    if (!isBegun(parts.sentence.value, known())) take(typed());
    else if (typed().length === 1) complain("");
    else take(typed().slice(0, -1));
  });
  on(parts.sentence, "change", () => take(typed()));
}

/** Let the reader put a sentence together by tapping; `settle` is told of its words. */
function listenToTaps({ parts, get, on, show }, aims, settle) {
  const sentence = () => get("sentence").split(" ");
  walk(on, parts.chips);
  on(parts.groups, "change", () => openGroup(parts, get("groups")));
  on(parts.chips, "click", (event) => {
    const word = event.target.closest("[data-word]")?.dataset.word;
    if (word === undefined) return;
    const { replaced } = aims();
    if (!parts.replace.checked) settle([...sentence(), word]);
    else settle(sentence().map((old, i) => (i === replaced ? word : old)), replaced + 1);
  });
  on(parts.append, "change", show);
  on(parts.replace, "change", show);
  on(parts.remove, "click", () => {
    const { removed } = aims();
    const left = sentence().filter((_, i) => i !== removed);
    if (left.length) settle(left, parts.replace.checked ? Math.max(removed, 1) : undefined);
  });
}

function render({ model, el }) {
  const figure = newFigure({ model, el }, TRAITS, build(), () => {
    const told = redraw(parts, now(), run(), time.isPlaying());
    drawAims(parts, run().words, aims());
    time.draw();
    const said = `${parts.verdict.textContent} ${parts.turn.textContent}`;
    if (!time.isPlaying() && parts.live.textContent !== said) say(said);
    return told;
  });
  const { parts, now, get, set, on, say } = figure;
  const weights = derived(get, ["weights"], unpacked);
  const run = derived(get, RUN, () => runOf(now(), weights()));
  const last = () => get("sentence").split(" ").length + 1; // with the end
  const time = transport(figure, { beat: BEAT, last, columns: "rows", anew: true });
  /** Which words a tap replaces and Delete removes, from 0; the end itself cannot be meant. */
  const aims = () => {
    const final = last() - 2;
    const replaced = Math.min(Math.max(get("step"), 1) - 1, final);
    return { replaced, removed: parts.replace.checked ? replaced : final };
  };
  const known = () => get("groups").flatMap(([, words]) => words);
  const complain = (words) => {
    parts.message.textContent = words;
    parts.sentence.setAttribute("aria-invalid", words !== "");
  };
  /** Take these words for the sentence, if they can be read. */
  const take = (words, t = words.length + 1) => {
    const reason = objection(words, known(), get("end"));
    complain(reason);
    if (reason) return false;
    time.pause();
    set({ sentence: words.join(" "), step: t });
    return true;
  };
  const settle = (words, t) => {
    if (take(words, t)) parts.sentence.value = written(words);
  };

  walk(on, parts.rows, (row) => row.click());
  listenToTyping(figure, { known, complain, take });
  listenToTaps(figure, aims, settle);
  on(parts.examples, "change", () => settle(parts.examples.value.split(" ")));
  figure.watch(["groups"], () => offerGroups(parts, get("groups")));
  figure.watch(["examples"], () => offerExamples(parts, get("examples")));
  parts.append.checked = true;
  offerGroups(parts, get("groups"));
  offerExamples(parts, get("examples"));
  figure.drawNow();
  return figure.end;
}

export default { render };
