/* The figure `SentimentMeter`: how a network's verdict on a sentence moves from word to word.

   What is shown follows from the model's traits alone, so two views of one model always agree:
   `sentence` (a valid one) and `step` (the time step that is looked at, from 1). Which group of words
   is open, and whether a tap adds or replaces, belongs to the view. */

import { element, prefersStill, update, watch } from "../ui/dom.js";
import { unpacked } from "../nn/packed.js";
import { runNetwork } from "../nn/wirings.js";
import { buildMeter, drawChips, drawRows, walk } from "./parts.js";
import {
  headline, isBegun, objection, reading, truthOf, turnsOf, wordsOf, written,
} from "./words.js";

const PAUSE = 480; // milliseconds from word to word while playing
const TRAITS = ["weights", "net", "tokens", "end", "groups", "rules", "examples", "sentence", "step"];
const facts = (model) => Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));

/** The words that can be read, in the order of the groups. */
const knownOf = ({ groups }) => groups.flatMap(([, words]) => words);

/** Draw all that depends on the traits; returns what Python is told. */
function redraw(parts, given, weights, heard) {
  const words = [...given.sentence.split(" "), given.end];
  const t = Math.min(Math.max(given.step, 1), words.length);
  const integers = words.map((word) => given.tokens.indexOf(word));
  const { states, outputs } = runNetwork(weights, { net: given.net, output: "every step" }, integers);
  const probabilities = outputs.map(([, p]) => p);
  drawRows(parts.rows, words, probabilities, states, t, heard);
  [parts.verdict.textContent, parts.turn.textContent] = headline(words, probabilities, heard);
  parts.truth.textContent = heard < words.length ? "…"
    : truthOf(given.rules, words.slice(0, -1), probabilities);
  parts.words.textContent = reading(words, probabilities, t);
  parts.units.textContent = `: ${states[0].length} units`;
  const last = words.length - 1; // the end itself cannot be replaced
  const target = words[Math.min(t, last) - 1];
  parts.target.textContent = `‘${target}’`;
  parts.remove.textContent = `Delete ‘${parts.replace.checked ? target : words[last - 1]}’`;
  parts.remove.setAttribute("aria-disabled", last === 1);
  parts.examples.value = given.examples.includes(given.sentence) ? given.sentence : "";
  return { probabilities, turns: turnsOf(probabilities), hidden: states[t - 1] };
}

function render({ model, el }) {
  const now = () => facts(model);
  const parts = buildMeter(el, now());
  const listening = new AbortController();
  let weights = unpacked(now().weights);
  let timer = null; // of the words, while playing
  let waiting = false; // to be drawn
  const count = () => now().sentence.split(" ").length + 1; // with the end
  const on = (node, event, callback) =>
    node.addEventListener(event, callback, { signal: listening.signal });

  const say = (words) => {
    parts.message.textContent = words;
    parts.sentence.setAttribute("aria-invalid", words !== "");
  };
  const drawNow = () => {
    const given = now();
    parts.play.textContent = timer === null ? "Read" : "Pause";
    parts.play.classList.toggle("rnn-playing", timer !== null);
    update(model, redraw(parts, given, weights, timer === null ? Infinity : given.step));
    if (parts.sentence !== document.activeElement && !parts.message.textContent) {
      parts.sentence.value = written(given.sentence.split(" "));
    }
    const said = `${parts.verdict.textContent} ${parts.turn.textContent}`;
    if (timer === null && parts.live.textContent !== said) parts.live.textContent = said;
  };
  /** Draw once, after all that happens now has happened. */
  const show = () => {
    if (!waiting) queueMicrotask(() => {
      waiting = false;
      if (!listening.signal.aborted) drawNow();
    });
    waiting = true;
  };
  const pause = () => {
    clearInterval(timer);
    timer = null;
    show();
  };
  const look = (t) => {
    pause();
    update(model, { step: t });
  };
  /** Take these words for the sentence, if they can be read. */
  const take = (words, t = words.length + 1) => {
    const reason = objection(words, knownOf(now()), now().end);
    say(reason);
    if (reason) return false;
    update(model, { sentence: words.join(" "), step: t });
    pause();
    return true;
  };
  /** What is typed, without the full stop that the figure adds. */
  const typedWords = () => {
    const words = wordsOf(parts.sentence.value);
    return words.at(-1) === now().end ? words.slice(0, -1) : words;
  };
  const settle = (words, t) => {
    if (take(words, t)) parts.sentence.value = written(words);
  };
  /** The place of a word that a tap replaces, from 0. */
  const target = () => Math.min(now().step, count() - 1) - 1;
  const play = () => {
    if (prefersStill()) return look(count());
    update(model, { step: 1 });
    timer = setInterval(() => {
      if (now().step + 1 >= count()) pause();
      update(model, { step: Math.min(now().step + 1, count()) });
    }, PAUSE);
    show();
  };

  on(parts.sentence, "input", () => {
    const begun = isBegun(parts.sentence.value, knownOf(now()));
    const words = begun ? typedWords().slice(0, -1) : typedWords();
    if (begun && words.length === 0) say("");
    else take(words);
  });
  on(parts.sentence, "change", () => take(typedWords()));
  on(parts.play, "click", () => (timer === null ? play() : pause()));
  on(parts.examples, "change", () => settle(parts.examples.value.split(" ")));
  on(parts.rows, "click", (event) => {
    const row = event.target.closest("[data-step]");
    if (row) look(Number(row.dataset.step));
  });
  walk(parts.rows, on, () => [...parts.rows.querySelectorAll("button")],
    (row) => look(Number(row.dataset.step)));
  for (const [name, words] of now().groups) {
    on(parts[`group-${name}`], "change", () => drawChips(parts.chips, words));
  }
  walk(parts.chips, on, () => [...parts.chips.children], () => {});
  on(parts.chips, "click", (event) => {
    const chip = event.target.closest("[data-word]");
    if (!chip) return;
    const words = now().sentence.split(" ");
    const { word } = chip.dataset;
    const at = target();
    if (parts.replace.checked) settle(words.map((old, i) => (i === at ? word : old)), at + 1);
    else settle([...words, word]);
  });
  on(parts.append, "change", show);
  on(parts.replace, "change", show);
  on(parts.remove, "click", () => {
    const words = now().sentence.split(" ");
    const at = parts.replace.checked ? target() : words.length - 1;
    const t = parts.replace.checked ? Math.max(at, 1) : undefined;
    if (words.length > 1) settle(words.filter((_, i) => i !== at), t);
  });

  const [[first, firstWords]] = now().groups;
  parts[`group-${first}`].checked = parts.append.checked = true;
  drawChips(parts.chips, firstWords);
  parts.examples.append(element("option", { value: "", disabled: "" }, "an example …"),
    ...now().examples.map((text) => element("option", { value: text }, written(text.split(" ")))));
  const unwatch = [
    watch(model, ["sentence", "step"], show),
    watch(model, ["weights"], () => {
      weights = unpacked(now().weights);
      show();
    }),
  ];
  drawNow();
  return () => {
    clearInterval(timer);
    listening.abort();
    unwatch.forEach((end) => end());
    parts.root.remove();
  };
}

export default { render };
