/* The figure `TimeMachine`: one network at several moments of its training. Going through them moves
   what it writes, its states while it reads, and how far back its gradient reaches.

   What is shown follows from the model's traits alone, so two views of one model always agree;
   only what the mouse points at belongs to a single view. */

import { watchSize } from "../ui/dom.js";
import { newFigure } from "../ui/figure.js";
import { transport } from "../ui/transport.js";
import { drawCourse } from "./curve.js";
import { newMemory, workInFrames } from "./memory.js";
import { build, ruleBox } from "./parts.js";
import { drawReach } from "./reach.js";
import { cellAt, drawReading, watchTheme } from "./strip.js";
import { cellWords, inBox, letterWords, momentWords, story } from "./words.js";

const BEAT = 1200; // milliseconds from checkpoint to checkpoint while playing
const CALM = 600; // milliseconds after which what is seen is said
const GIVEN = ["checkpoints", "cell", "characters"];
const TRAITS = /** @type {const} */ ([...GIVEN, "checkpoint", "text", "prompt", "temperature", "seed", "unit"]);

/** The traits, with a checkpoint and a unit that exist. */
function factsOf(given) {
  const last = given.checkpoints.length - 1;
  const [H] = given.checkpoints[0].weights["recurrent.weight_hh_l0"].shape.slice(1);
  return {
    ...given, last, H, checkpoint: Math.min(Math.max(given.checkpoint, 0), last),
    unit: Math.min(given.unit, H - 1),
  };
}

/** A figure whose time steps are the checkpoints: `transport` counts from 1. */
const inSteps = (figure) => ({
  ...figure,
  parts: { play: figure.parts.play },
  get: () => figure.get("checkpoint") + 1,
  set: ({ step }) => figure.set({ checkpoint: step - 1 }),
});

function drawControls(parts, { checkpoints, checkpoint, last, temperature, unit, H }) {
  const words = momentWords(checkpoints[checkpoint]);
  parts.moment.textContent = words;
  parts.scrub.max = last;
  parts.scrub.value = checkpoint;
  parts.scrub.setAttribute("aria-valuetext", words);
  parts.temperature.value = temperature;
  parts.temperaturevalue.textContent = Number(temperature.toFixed(2));
  parts.unit.max = H;
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
function redraw(parts, given, memory) {
  const { checkpoint, prompt } = given;
  const written = memory.written(checkpoint, given);
  drawControls(parts, given);
  parts.start.textContent = inBox(prompt);
  parts.written.textContent = inBox(written.slice(prompt.length));
  drawReading(parts, given, memory.reading(checkpoint, given));
  return { written, ...drawGradients(parts, given, memory) };
}

/** What the mouse is at, in words; "" between the letters. */
function spotWords(parts, event, { text }, { states, chances }) {
  const at = cellAt(parts.states, event);
  const t = at ? at.t : [...parts.letters.children].indexOf(event.target.closest("li"));
  const letter = [...text][t];
  if (!letter) return "";
  return at ? cellWords(letter, at.unit, states[t][at.unit]) : letterWords(letter, chances[t - 1]);
}

/** What a reader can choose. */
function listen({ parts, on, get, set }, now, time) {
  const go = (checkpoint) => time.look(Number(checkpoint) + 1);
  on(parts.scrub, "input", () => go(parts.scrub.value));
  on(parts.course, "click", ({ target: { dataset: { checkpoint } } }) => {
    if (checkpoint) go(checkpoint);
  });
  on(parts.temperature, "input", () => set({ temperature: Number(parts.temperature.value) }));
  on(parts.again, "click", () => set({ seed: get("seed") + 1 }));
  on(parts.unit, "input", () => set({ unit: Number(parts.unit.value) - 1 }));
  on(parts.states, "click", (event) => {
    const unit = cellAt(parts.states, event)?.unit ?? -1;
    set({ unit: unit === now().unit ? -1 : unit });
  });
}

function render({ model, el }) {
  const figure = newFigure({ model, el }, TRAITS, build(), () => {
    time.draw();
    return drawn(redraw);
  });
  const { parts, on, set, say, show, watch, atEnd } = figure;
  const now = () => factsOf(figure.now());
  const readingNow = () => memory.reading(now().checkpoint, now());
  let memory = newMemory(now());
  let calm = null;
  /** Say what is seen, but not all that one passes by. */
  const tell = () => {
    clearTimeout(calm);
    if (time.isPlaying() || !memory.reach(now().checkpoint, now())) return;
    calm = setTimeout(() => say(parts.words.textContent), CALM);
  };
  const time = transport(inSteps(figure), { beat: BEAT, last: () => now().last + 1, tell });
  const gradients = workInFrames(() => memory, now, () => set(drawn(drawGradients)));
  const drawn = (draw) => {
    const told = draw(parts, now(), memory);
    tell();
    gradients.start();
    return told;
  };

  listen(figure, now, time);
  on(parts.scroller, "pointermove", (event) => {
    const words = spotWords(parts, event, now(), readingNow());
    if (words) parts.spot.textContent = words;
  });
  on(parts.scroller, "pointerleave", show);
  watch(GIVEN, () => { memory = newMemory(now()); });
  for (const role of ["prompt", "text"]) ruleBox(figure, role);
  for (const end of [gradients.end, watchSize(parts.course, show), watchTheme(show)]) atEnd(end);
  atEnd(() => clearTimeout(calm));
  figure.drawNow();
  return figure.end;
}

export default { render };
