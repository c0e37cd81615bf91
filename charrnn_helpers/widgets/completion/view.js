/* The figure `Completion`: a trained network finishes the text that the reader starts.

   What is shown follows from the model's traits alone, so two views of one model always agree: `prompt` (a valid one), `text` (what has been read and written so far), `step` (the time
   step that is looked at, from 1), and how the next letter is chosen: `temperature` (null: the
   likeliest) and `seed`. */

import { argmax, draw, logits, read, softmax, step, uniform } from "../nn/rnn.js";
import { element, prefersStill, uniqueId, update, watch } from "../ui/dom.js";
import { drawBars, drawFilm, drawNumbers } from "../ui/film.js";
import { complaint } from "../ui/complaint.js";
import { explanation } from "./words.js";

const BEAT = 320; // milliseconds from letter to letter while playing
const TRAITS = ["weights", "characters", "prompt", "length", "temperature", "seed", "text", "step"];

const facts = (model) => Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));

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

/** The parts of the figure that stay; what changes is drawn into them. */
function build(el) {
  const [rule, prompt, message, note, heat] =
    ["rule", "prompt", "message", "note", "heat"].map(uniqueId);
  const part = (role, tag, attributes, ...children) =>
    element(tag, { "data-role": role, ...attributes }, ...children);
  const button = (role, label, name = "") =>
    part(role, "button", { type: "button", class: `rnn-button ${name}` }, label);
  const radio = (role, label) => element("label", { class: "rnn-choice" },
    part(role, "input", { type: "radio", name: rule }), label);
  const box = (name, ...children) => element("div", { class: name }, ...children);
  const root = box("rnn-figure rnn-completion",
    box("rnn-row",
      element("label", { for: prompt, class: "rnn-strong" }, "Start a sentence"),
      part("prompt", "input", {
        id: prompt, type: "text", class: "rnn-input", autocomplete: "off", autocapitalize: "off",
        autocorrect: "off", spellcheck: "false", enterkeyhint: "go", "aria-describedby": message,
      }),
      box("rnn-buttons", button("play", "Play", "rnn-primary"), button("step", "Step"),
        button("restart", "Start over")),
      part("message", "p", { id: message, class: "rnn-message", role: "alert" })),
    element("fieldset", { class: "rnn-row rnn-rule" },
      element("legend", {}, "Next letter"),
      radio("greedy", "the likeliest"), radio("chance", "by chance"),
      box("rnn-heat", element("label", { for: heat }, "temperature"),
        part("temperature", "input", {
          id: heat, type: "range", min: "0.1", max: "2", step: "0.1", value: "1",
        }),
        part("heat", "span", { class: "rnn-number" }, "1.0"), button("again", "Draw again"))),
    part("text", "output", { class: "rnn-text", "aria-live": "off", "aria-label": "Text so far" }),
    part("live", "p", { class: "rnn-hidden", "aria-live": "polite" }),
    part("words", "p", { class: "rnn-words" }),
    box("rnn-panels",
      box("rnn-panel rnn-film",
        part("filmtitle", "p", { class: "rnn-title" }),
        box("rnn-scroll",
          part("strip", "div", { class: "rnn-strip", role: "img" }),
          part("scrub", "input",
            { type: "range", class: "rnn-scrub", min: "1", step: "1", "aria-label": "Time step" })),
        box("rnn-legend", part("moment", "span", {}),
          element("span", { class: "rnn-scale" }, "−1", box("rnn-ramp"), "1"))),
      box("rnn-panel rnn-next",
        element("p", { class: "rnn-title", id: note }, "Probability of the next letter"),
        part("bars", "ul", { class: "rnn-bars", "aria-labelledby": note }),
        part("key", "p", { class: "rnn-key" }))),
    element("details", { class: "rnn-numbers" },
      part("numberstitle", "summary", {}), part("numbers", "ol", {})));
  el.append(root);
  const roles = [...root.querySelectorAll("[data-role]")];
  return { root, ...Object.fromEntries(roles.map((node) => [node.dataset.role, node])) };
}

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

function render({ model, el }) {
  const parts = build(el);
  const listening = new AbortController();
  let timer = null; // of the letters, while playing
  let waiting = false; // to be drawn

  const now = () => facts(model);
  const go = (text) => update(model, { text, step: [...text].length });
  const left = () => now().length - [...now().text].length;
  const restart = () => go(now().prompt);
  const advance = (size) => go(write(now(), now().text, size));
  const tell = () => {
    parts.live.textContent = `The text so far: ${now().text}`;
  };
  const say = (words) => {
    if (parts.message.textContent !== words) parts.message.textContent = words;
    parts.prompt.setAttribute("aria-invalid", words ? "true" : "false");
  };
  const pause = () => {
    if (timer !== null) tell();
    clearInterval(timer);
    timer = null;
    show();
  };
  const beat = () => {
    if (left() > 0) advance([...now().text].length + 1);
    if (left() <= 0) pause();
  };
  const play = () => {
    if (left() <= 0) restart();
    if (prefersStill()) {
      advance(now().length);
      tell();
    } else {
      timer = setInterval(beat, BEAT);
      beat();
    }
  };
  const drawNow = () => {
    parts.play.textContent = timer === null ? "Play" : "Pause";
    parts.play.classList.toggle("rnn-playing", timer !== null);
    parts.step.setAttribute("aria-disabled", left() <= 0);
    update(model, redraw(parts, now()));
  };
  /** Draw once, after all that happens now has happened. */
  const show = () => {
    if (!waiting) queueMicrotask(() => {
      waiting = false;
      if (!listening.signal.aborted) drawNow();
    });
    waiting = true;
  };
  /** Another way to choose: the same number of letters, chosen in the new way. */
  const rewrite = () => {
    update(model, { text: write(now(), now().prompt, [...now().text].length) });
    show();
  };
  const readPrompt = () => {
    pause();
    if (parts.prompt.value !== now().prompt) parts.prompt.value = now().prompt;
    say("");
    restart();
    show();
  };

  const on = (part, event, callback) =>
    part.addEventListener(event, callback, { signal: listening.signal });
  on(parts.prompt, "input", () => {
    const words = complaint(parts.prompt.value, now());
    if (!words) update(model, { prompt: parts.prompt.value });
    say(words);
  });
  on(parts.prompt, "keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || parts.message.textContent) return;
    event.preventDefault();
    if (timer === null) play();
  });
  on(parts.play, "click", () => (timer === null ? play() : pause()));
  on(parts.step, "click", () => {
    pause();
    if (left() > 0) advance([...now().text].length + 1);
    tell();
  });
  on(parts.restart, "click", () => {
    readPrompt();
    tell();
  });
  const setHeat = () => update(model, { temperature: Number(parts.temperature.value) });
  on(parts.greedy, "change", () => update(model, { temperature: null }));
  on(parts.chance, "change", setHeat);
  on(parts.temperature, "input", setHeat);
  on(parts.again, "click", () => {
    pause();
    if (now().temperature === null) setHeat();
    update(model, { seed: now().seed + 1 });
    advance(now().length);
    tell();
  });
  const look = (t) => {
    pause();
    update(model, { step: Math.min(t, [...now().text].length) });
  };
  on(parts.scrub, "input", () => look(Number(parts.scrub.value)));
  on(parts.strip, "click", (event) => {
    const frame = event.target.closest("[data-step]");
    if (frame) look(Number(frame.dataset.step));
  });

  const unwatch = [
    watch(model, ["prompt", "weights", "characters"], readPrompt),
    watch(model, ["temperature", "seed"], rewrite),
    watch(model, ["text", "step"], show),
    watch(model, ["length"], () => (left() < 0 ? restart() : show())),
  ];
  parts.prompt.value = now().prompt;
  if (!now().text.startsWith(now().prompt)) restart();
  drawNow();
  return () => {
    clearInterval(timer);
    listening.abort();
    unwatch.forEach((end) => end());
    parts.root.remove();
  };
}

export default { render };
