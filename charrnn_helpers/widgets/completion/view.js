/* The figure `Completion`: a trained network finishes the text that the reader starts.

   What is shown follows from the model's traits alone, so two views of one model always agree: `prompt` (a valid one), `text` (what has been read and written so far), `step` (the time
   step that is looked at, from 1), and how the next letter is chosen: `temperature` (null: the
   likeliest) and `seed`. */

import { argmax, draw, logits, read, softmax, step, uniform } from "../nn/rnn.js";
import { element, prefersStill, uniqueId } from "../ui/dom.js";
import { complaint, readable } from "../ui/complaint.js";
import { box, button, part, slider, speech } from "../ui/controls.js";
import { newFigure } from "../ui/figure.js";
import { drawBars, drawFilm, drawNumbers } from "../ui/film.js";
import { explanation } from "./words.js";

const BEAT = 320; // milliseconds from letter to letter while playing
const TRAITS = /** @type {const} */ (
  ["weights", "characters", "prompt", "length", "temperature", "seed", "text", "step"]);

/** The states h_1 … h_T of the network while it reads a text. */
function states({ weights, characters }, text) {
  const alphabet = [...characters];
  return read(weights, [...text].map((c) => alphabet.indexOf(c)));
}

/** Let the network write until the text has `size` characters; the state is carried along. */
function write(given, text, size) {
  const { weights, characters, prompt, temperature, seed } = given;
  const [alphabet, letters, start] = [[...characters], [...text], [...prompt].length];
  let state = states(given, text).at(-1);
  while (letters.length < size) {
    const o = logits(weights, state);
    const u = uniform(seed, letters.length - start);
    const x = temperature === null ? argmax(o) : draw(softmax(o, temperature), u);
    letters.push(alphabet[x]);
    state = step(weights, x, state);
  }
  return letters.join("");
}

/** Where a sentence is started. */
function buildPrompt() {
  const [prompt, message] = ["prompt", "message"].map(uniqueId);
  return box("rnn-row",
    element("label", { for: prompt, class: "rnn-strong" }, "Start a sentence"),
    part("prompt", "input", {
      id: prompt, type: "text", class: "rnn-input", autocomplete: "off", autocapitalize: "off",
      autocorrect: "off", spellcheck: "false", enterkeyhint: "go", "aria-describedby": message,
    }),
    box("rnn-buttons", button("play", "Play", "rnn-primary"), button("next", "Step"),
      button("restart", "Start over")),
    part("message", "p", { id: message, class: "rnn-message", role: "alert" }));
}

/** How the next letter is chosen. */
function buildRule() {
  const [rule, heat] = ["rule", "heat"].map(uniqueId);
  const radio = (role, label) => element("label", { class: "rnn-choice" },
    part(role, "input", { type: "radio", name: rule }), label);
  return element("fieldset", { class: "rnn-row rnn-rule" },
    element("legend", {}, "Next letter"),
    radio("greedy", "the likeliest"), radio("chance", "by chance"),
    box("rnn-heat", element("label", { for: heat }, "temperature"),
      slider("temperature", { id: heat, min: "0.1", max: "2", step: "0.1", value: "1" }),
      part("heat", "span", { class: "rnn-number" }, "1.0"), button("again", "Draw again")));
}

/** The states as a film strip, and the probabilities of the next letter. */
function buildPanels() {
  const note = uniqueId("note");
  return box("rnn-panels",
    box("rnn-panel rnn-film",
      part("filmtitle", "p", { class: "rnn-title" }),
      box("rnn-scroll",
        part("strip", "div", { class: "rnn-strip", role: "img" }),
        slider("scrub", { class: "rnn-scrub", "aria-label": "Time step" })),
      box("rnn-legend", part("moment", "span"),
        element("span", { class: "rnn-scale" }, "−1", box("rnn-ramp"), "1"))),
    box("rnn-panel rnn-next",
      element("p", { class: "rnn-title", id: note }, "Probability of the next letter"),
      part("bars", "ul", { class: "rnn-bars", "aria-labelledby": note }),
      part("key", "p", { class: "rnn-key" })));
}

/** The parts of the figure that stay; what changes is drawn into them. */
const build = () => box("rnn-figure rnn-completion",
  buildPrompt(),
  buildRule(),
  part("text", "output", { class: "rnn-text", "aria-live": "off", "aria-label": "Text so far" }),
  speech(),
  part("words", "p", { class: "rnn-words" }),
  buildPanels(),
  element("details", { class: "rnn-numbers" },
    part("numberstitle", "summary"), part("numbers", "ol")));

/** Draw everything that depends on the traits; returns what Python is told. */
function redraw(parts, given) {
  const all = states(given, given.text);
  const letters = [...given.text];
  const t = Math.min(Math.max(given.step, 1), letters.length);
  const start = [...given.prompt].length;
  const p = softmax(logits(given.weights, all[t - 1]), given.temperature ?? 1);
  const pairs = [...given.characters].map((c, i) => [c, p[i]]);
  drawFilm(parts, given, all, t);
  const chance = given.temperature !== null;
  const open = t === letters.length; // nothing has come after t yet
  const next = open && !chance ? pairs[argmax(p)][0] : letters[t];
  const came = t < start ? "typed next" : "written next";
  drawBars(parts, pairs, next, !open ? came : t < given.length ? "comes next" : "likeliest");
  drawNumbers(parts, all[t - 1].h, t);
  parts.words.textContent = explanation(given, t, pairs);
  parts.text.replaceChildren(element("span", { class: "rnn-read" }, given.prompt),
    element("span", { class: "rnn-written" }, letters.slice(start).join("")));
  parts.greedy.checked = !chance;
  parts.chance.checked = chance;
  if (chance) parts.temperature.value = given.temperature;
  const heat = given.temperature ?? Number(parts.temperature.value);
  parts.heat.textContent = heat.toFixed(2).replace(/0$/, "");
  return { hidden: all[t - 1].h, probabilities: p };
}

/** What lets the network write: letter by letter, or to the end. */
function newWriter({ now, set, show, say, atEnd }) {
  let timer = null; // of the letters, while playing
  const go = (text) => set({ text, step: [...text].length });
  const size = () => [...now().text].length;
  const left = () => now().length - size();
  const writer = {
    left,
    isPlaying: () => timer !== null,
    restart: () => go(now().prompt),
    advance: (to) => go(write(now(), now().text, to)),
    advanceByOne: () => left() > 0 && writer.advance(size() + 1),
    tell: () => say(`The text so far: ${now().text}`),
    /** Another way to choose: the same number of letters, chosen in the new way. */
    rewrite: () => set({ text: write(now(), now().prompt, size()) }),
    pause() {
      if (timer !== null) writer.tell();
      clearInterval(timer);
      timer = null;
      show();
    },
    play() {
      if (left() <= 0) writer.restart();
      if (prefersStill()) {
        writer.advance(now().length);
        writer.tell();
      } else {
        timer = setInterval(beat, BEAT);
        beat();
      }
    },
  };
  const beat = () => {
    writer.advanceByOne();
    if (left() <= 0) writer.pause();
  };
  atEnd(() => clearInterval(timer));
  return writer;
}

/** Listen to the box in which a sentence is started; returns what brings it up to date. */
function listenToPrompt({ parts, now, set, on }, writer) {
  const say = (words) => {
    if (parts.message.textContent !== words) parts.message.textContent = words;
    parts.prompt.setAttribute("aria-invalid", words ? "true" : "false");
  };
  on(parts.prompt, "input", () => {
    const typed = readable(parts.prompt.value, now().characters);
    const words = complaint(typed, now());
    if (!words) set({ prompt: typed });
    say(words);
  });
  on(parts.prompt, "keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || parts.message.textContent) return;
    event.preventDefault();
    if (!writer.isPlaying()) writer.play();
  });
  return () => {
    writer.pause();
    if (readable(parts.prompt.value, now().characters) !== now().prompt) parts.prompt.value = now().prompt;
    say("");
    writer.restart();
  };
}

/** Listen to the way in which the next letter is chosen. */
function listenToRule({ parts, now, set, on }, writer) {
  const setHeat = () => set({ temperature: Number(parts.temperature.value) });
  on(parts.greedy, "change", () => set({ temperature: null }));
  on(parts.chance, "change", setHeat);
  on(parts.temperature, "input", setHeat);
  on(parts.again, "click", () => {
    writer.pause();
    if (now().temperature === null) setHeat();
    set({ seed: now().seed + 1 });
    writer.advance(now().length);
    writer.tell();
  });
}

function render({ model, el }) {
  const figure = newFigure({ model, el }, TRAITS, build(), ({ parts, now }) => {
    parts.play.textContent = writer.isPlaying() ? "Pause" : "Play";
    parts.play.classList.toggle("rnn-playing", writer.isPlaying());
    parts.next.setAttribute("aria-disabled", writer.left() <= 0);
    return redraw(parts, now());
  });
  const { parts, now, set, on, watch } = figure;
  const writer = newWriter(figure);
  const readPrompt = listenToPrompt(figure, writer);
  listenToRule(figure, writer);

  on(parts.play, "click", () => (writer.isPlaying() ? writer.pause() : writer.play()));
  on(parts.next, "click", () => {
    writer.pause();
    writer.advanceByOne();
    writer.tell();
  });
  on(parts.restart, "click", () => {
    readPrompt();
    writer.tell();
  });
  const look = (t) => {
    writer.pause();
    set({ step: Math.min(t, [...now().text].length) });
  };
  on(parts.scrub, "input", () => look(Number(parts.scrub.value)));
  on(parts.strip, "click", (event) => {
    const frame = event.target.closest("[data-step]");
    if (frame) look(Number(frame.dataset.step));
  });

  watch(["prompt", "weights", "characters"], readPrompt);
  watch(["temperature", "seed"], writer.rewrite);
  watch(["length"], () => writer.left() < 0 && writer.restart());
  parts.prompt.value = now().prompt;
  if (!now().text.startsWith(now().prompt)) writer.restart();
  figure.drawNow();
  return figure.end;
}

export default { render };
