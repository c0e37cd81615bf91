/* The drawing of the figure `Translator`: a card for each word, with a state; bars for what else might
   have been written. */

import { element, shape } from "../ui/dom.js";
import { diverging, percent } from "../ui/format.js";
import { alternativesOf, plain } from "./words.js";

const IN_A_ROW = 16; // units of a state

/** Cells for so many units, without their colours. */
function emptyField(units) {
  const rows = Math.ceil(units / IN_A_ROW);
  return shape("svg", {
    class: "rnn-field", viewBox: `0 0 ${IN_A_ROW} ${rows}`, "aria-hidden": "true",
    preserveAspectRatio: "none", "shape-rendering": "crispEdges",
  }, ...Array.from({ length: units }, (_, i) =>
    shape("rect", { x: i % IN_A_ROW, y: Math.floor(i / IN_A_ROW), width: 1, height: 1 })));
}

/** All units of a state, each a cell with the colour of its value. To copy cells takes a fraction of
    the time that making them does, and all cards together have thousands. */
function fieldOf(empty, h) {
  const field = empty.cloneNode(true);
  h.forEach((value, i) => {
    field.children[i].style.fill = diverging(value);
  });
  return field;
}

/** A card of one time step t, counted over reading and writing. */
function cardOf(t, name, word, field, ...below) {
  return element("button", {
    type: "button", class: `rnn-card rnn-${name}`, "data-step": t, tabindex: "-1",
  }, element("b", {}, word), field, ...below);
}

/** Draw all cards of a run, in the order of their time steps. */
export function drawCards(parts, { words, states, steps, T }) {
  const empty = emptyField(states[0].length);
  const read = words.map((word, i) =>
    cardOf(i + 1, i === T - 1 ? "read rnn-last" : "read", word, fieldOf(empty, states[i])));
  const written = steps.map(({ out, p, next, isForced, h }, i) => {
    const name = `written${isForced ? " rnn-forced" : ""}${out === "<stop>" ? " rnn-stop" : ""}`;
    return cardOf(T + 1 + i, name, plain(out), fieldOf(empty, h),
      element("span", { class: "rnn-number" }, percent(p[next]), isForced ? " (you)" : ""));
  });
  parts.read.replaceChildren(...read);
  parts.written.replaceChildren(...written);
}

/** Mark the card that is looked at; hide what comes later while it plays. */
export function markCards(parts, step, isPlaying) {
  [...parts.read.children, ...parts.written.children].forEach((card, i) => {
    card.setAttribute("aria-pressed", i + 1 === step);
    card.setAttribute("tabindex", i + 1 === step ? 0 : -1);
    card.classList.toggle("rnn-later", isPlaying && i + 1 > step);
  });
}

/** Bars for the likeliest words at one step of writing; each can be pressed to be written. */
export function drawAlternatives(parts, writes, step) {
  parts.alternatives.replaceChildren(...alternativesOf(step, writes).map(([word, p]) => {
    const bar = element("i", {});
    bar.style.width = `${(100 * p).toFixed(2)}%`;
    return element("li", {}, element("button", {
      type: "button", class: "rnn-alternative", "data-word": word, "aria-pressed": word === step.out,
    }, element("b", {}, plain(word)), element("span", { class: "rnn-track" }, bar),
    element("span", { class: "rnn-number" }, percent(p))));
  }));
}
