/* The figure `TimeMachine`: one network at several moments of its training. Going through them moves
   what it writes, its states while it reads, and how far back its gradient reaches.

   What is shown follows from the model's traits alone, so two views of one model always agree;
   only what the mouse points at belongs to a single view. */

import { update, watch } from "../ui/dom.js";
import { drawCourse } from "./curve.js";
import { newMemory } from "./memory.js";
import { buildMachine, ruleBox } from "./parts.js";
import { drawReach } from "./reach.js";
import { cellAt, drawReading, watchTheme } from "./strip.js";
import { cellWords, inBox, letterWords, momentWords, story } from "./words.js";

const BUDGET = 8; // milliseconds of arithmetic in one frame
const BEAT = 1200; // milliseconds from checkpoint to checkpoint while playing
const CALM = 600; // milliseconds after which what is seen is said
const CHOICES = ["checkpoint", "text", "prompt", "temperature", "seed", "unit"];
const GIVEN = ["checkpoints", "cell", "characters"];

/** The traits, with a checkpoint and a unit that exist. */
function factsOf(model) {
  const given = Object.fromEntries([...GIVEN, ...CHOICES].map((name) => [name, model.get(name)]));
  const last = given.checkpoints.length - 1;
  const [H] = given.checkpoints[0].weights["recurrent.weight_hh_l0"].shape.slice(1);
  return {
    ...given, last, H, checkpoint: Math.min(Math.max(given.checkpoint, 0), last),
    unit: Math.min(given.unit, H - 1),
  };
}

function drawControls(parts, { checkpoints, checkpoint, temperature, unit }) {
  const words = momentWords(checkpoints[checkpoint]);
  parts.moment.textContent = words;
  parts.checkpoint.value = checkpoint;
  parts.checkpoint.setAttribute("aria-valuetext", words);
  parts.temperature.value = temperature;
  parts.temperaturevalue.textContent = Number(temperature.toFixed(2));
  parts.unit.value = unit + 1;
  parts.unitvalue.textContent = unit < 0 ? "none" : unit; // counted from 0, as in Python
  parts.unit.setAttribute("aria-valuetext", parts.unitvalue.textContent);
}

/** Draw what follows from the gradients that are known so far; returns what Python is told. */
function drawGradients(parts, given, memory) {
  const { checkpoints, checkpoint, text, characters } = given;
  const found = memory.reach(checkpoint, given);
  const horizons = checkpoints.map((_, i) => memory.reach(i, given)?.horizon ?? null);
  drawCourse(parts.course, { checkpoints, checkpoint, horizons });
  if (found) drawReach(parts.reach, found);
  parts.reach.classList.toggle("rnn-waiting", !found);
  const words = story(checkpoints[checkpoint], checkpoints[0], [...characters].length, found,
    [...text].length - 1);
  parts.words.textContent = words;
  parts.reach.setAttribute("aria-label", `Bars by distance, and the horizon. ${words}`);
  return found ? { horizon: found.horizon } : {};
}

/** Draw everything that depends on the traits; returns what Python is told. */
function drawMachine(parts, given, memory) {
  const { checkpoint, prompt } = given;
  const written = memory.written(checkpoint, given);
  drawControls(parts, given);
  parts.start.textContent = inBox(prompt);
  parts.written.textContent = inBox(written.slice(prompt.length));
  drawReading(parts, given, memory.reading(checkpoint, given));
  return { written, ...drawGradients(parts, given, memory) };
}

function render({ model, el }) {
  const now = () => factsOf(model);
  let memory = newMemory(now());
  const parts = buildMachine(el, now());
  const listening = new AbortController();
  let [timer, calm, slice] = [null, null, null]; // of playing, of saying, of arithmetic
  let waiting = false; // to be drawn

  const drawNow = (draw) => {
    update(model, draw(parts, now(), memory));
    clearTimeout(calm);
    if (timer === null && memory.reach(now().checkpoint, now())) calm = setTimeout(() => {
      parts.live.textContent = parts.words.textContent;
    }, CALM);
    if (slice === null && !memory.isDone(now())) slice = requestAnimationFrame(work);
  };
  /** Draw once, after all that happens now has happened. */
  const show = () => {
    if (!waiting) queueMicrotask(() => {
      waiting = false;
      if (listening.signal.aborted) return;
      parts.play.textContent = timer === null ? "Play" : "Pause";
      drawNow(drawMachine);
    });
    waiting = true;
  };
  /** A little arithmetic in every frame: the gradient that is shown first, then the others. */
  function work() {
    const begin = performance.now();
    const news = memory.work(now().checkpoint, now(), () => performance.now() - begin > BUDGET);
    slice = null;
    if (news) drawNow(drawGradients);
    else if (!memory.isDone(now())) slice = requestAnimationFrame(work);
  }
  const pause = () => {
    clearInterval(timer);
    timer = null;
    show();
  };
  const beat = () => {
    const next = Math.min(now().checkpoint + 1, now().last);
    if (next === now().last) pause();
    update(model, { checkpoint: next });
  };
  const go = (checkpoint) => {
    pause();
    update(model, { checkpoint });
  };
  const play = () => {
    timer = setInterval(beat, BEAT);
    if (now().checkpoint === now().last) update(model, { checkpoint: 0 });
    else beat();
    show();
  };
  /** Say what the mouse is at. */
  const point = (event) => {
    const at = cellAt(parts.states, event);
    const t = at ? at.t : [...parts.letters.children].indexOf(event.target.closest("li"));
    const { states, chances } = memory.reading(now().checkpoint, now());
    const letter = [...now().text][t];
    if (letter) parts.spot.textContent = at ? cellWords(letter, at.unit, states[t][at.unit])
      : letterWords(letter, chances[t - 1]);
  };

  const on = (node, event, callback) =>
    node.addEventListener(event, callback, { signal: listening.signal });
  const take = (traits) => update(model, traits);
  on(parts.play, "click", () => (timer === null ? play() : pause()));
  on(parts.checkpoint, "input", () => go(Number(parts.checkpoint.value)));
  on(parts.course, "click", ({ target }) => {
    if (target.dataset.checkpoint) go(Number(target.dataset.checkpoint));
  });
  on(parts.temperature, "input", () => take({ temperature: Number(parts.temperature.value) }));
  on(parts.again, "click", () => take({ seed: now().seed + 1 }));
  on(parts.unit, "input", () => take({ unit: Number(parts.unit.value) - 1 }));
  on(parts.states, "click", (event) => {
    const unit = cellAt(parts.states, event)?.unit ?? -1;
    take({ unit: unit === now().unit ? -1 : unit });
  });
  on(parts.scroller, "pointermove", point);
  on(parts.scroller, "pointerleave", show);
  on(window, "resize", show);
  const settle = ["prompt", "text"].map((role) => ruleBox(parts, role, on, now, take));
  const unwatch = [
    ...["prompt", "text"].map((role, n) => watch(model, [role], settle[n])),
    watch(model, CHOICES, show),
    watch(model, GIVEN, () => {
      memory = newMemory(now());
      show();
    }),
    watchTheme(show),
  ];
  settle.forEach((fill) => fill());
  drawNow(drawMachine);
  return () => {
    clearInterval(timer);
    clearTimeout(calm);
    cancelAnimationFrame(slice);
    listening.abort();
    unwatch.forEach((end) => end());
    parts.root.remove();
  };
}

export default { render };
