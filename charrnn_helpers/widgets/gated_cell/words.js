/* What the figure `GatedCell` says: sentences and equations, and names set as in the formulas. */

import { element } from "../ui/dom.js";
import { scientific, signed } from "../ui/format.js";
import { CONTENT, isAsNamed, looksBack, startOf } from "./net.js";

/** A number with two decimals; no minus sign before a zero. */
export const two = (v) => signed(Math.abs(v) < 0.005 ? 0 : v, 2);

/** A gate's opening: what is almost shut or almost open is not called quite so. */
export function opening(v) {
  if (v < 0.005) return v === 0 ? "0" : scientific(v);
  return v > 0.995 && v < 1 ? v.toFixed(4).replace("1.0000", "> 0.9999") : v.toFixed(2);
}

/** A gradient or a product, with three digits where those say enough. */
export const amount = (v) => (Math.abs(v) >= 0.01 && Math.abs(v) < 100 ? signed(v, 3) : small(v));

const small = (v) => (v < 0 ? `−${scientific(-v)}` : scientific(v));

export const NAMES = {
  f: "forget gate", i: "input gate", o_gate: "output gate", g: "new content",
  z: "update gate", r: "reset gate", n: "new content",
};

/** @type {Record<string, string>} */
export const CUES = { "-1": "−1", 0: "0", 1: "+1" };

/** Text with its names as in the formulas: c_2 with a lowered 2, in italics. */
export function typeset(words) {
  return words.split(/((?:o_gate|value|cue|[cfghinrz])_(?:\d+|t-1|t))/).map((part, i) => {
    if (i % 2 === 0) return part;
    const [name, index] = part.split(/_(?!gate)/);
    const letter = name === "o_gate"
      ? [element("i", {}, "o"), element("sup", {}, "gate")]
      : [name.length > 1 ? name : element("i", {}, name)];
    const lowered = element("sub", {}, index.replace("-", "−"));
    return element("span", { class: "rnn-name" }, ...letter, lowered);
  });
}

/** The buttons: what is pressed, and what it is called. */
export const BUTTONS = [
  ["keep", "Keep for ever"],
  ["forget", "Forget at once"],
  ["recall", "Write once, keep, read at the end"],
  ["pytorch", "As PyTorch starts"],
];

const HINTS = {
  keep: {
    lstm: "f_t is open, so c_t stays what it was. i_t is shut except where the cue is +1: there the value"
      + " is written. o_gate_t is open, so h_t shows what is kept all the time.",
    gru: "z_t is open, so h_t stays what it was. The cue +1 shuts it for one step, and the new content"
      + " takes the place of the old state: a GRU that writes forgets.",
  },
  forget: {
    lstm: "f_t is shut and i_t is open: at every step the new content takes the place of the old. Next to"
      + " nothing comes through from before, and next to no gradient goes back.",
    gru: "z_t is shut: at every step the new content takes the place of the old state. Next to nothing"
      + " comes through from before, and next to no gradient goes back.",
  },
  recall: {
    lstm: "The cue +1 opens i_t for one step, and the value of that step is written. f_t is open, so c_t"
      + " keeps it. o_gate_t is shut, so h_t shows nothing until the cue −1 opens it.",
    gru: "The cue +1 shuts z_t for one step, and the value of that step is written; then z_t keeps it. A"
      + " GRU has no output gate, so h_t shows it all the time, and the cue −1 does nothing.",
  },
  pytorch: {
    lstm: "Biases and gate weights start near 0, drawn as exactly 0 here. Every gate is then half open,"
      + " and half of what is in c_t is lost at each step.",
    gru: "Biases and gate weights start near 0, drawn as exactly 0 here. Every gate is then half open,"
      + " and half of what is in h_t is lost at each step.",
  },
};

/** What there is to see. */
export function hint({ cell, setting }) {
  const from = startOf(setting);
  if (isAsNamed(cell, setting)) return HINTS[from][cell];
  const [, name] = BUTTONS.find(([one]) => one === from);
  return `Numbers of your own, changed from ‘${name}’; its button brings those back.`;
}

/** The letter of what goes from step to step. */
export const path = (cell) => (cell === "lstm" ? "c" : "h");

/** All factors, or the first two and the last of many. */
function gatesBetween(gate, T) {
  const all = Array.from({ length: T - 1 }, (_, i) => `${gate}_${i + 2}`);
  return all.length < 4 ? all.join(" · ") : `${all[0]} · ${all[1]} ⋯ ${all.at(-1)}`;
}

/** The measured gradient, and the product beside it: what it is, its formula, its value.
    @returns {[string, string, string][]} */
export function measured({ cell, values }, { gradients, products }) {
  const [s, T, gate] = [path(cell), values.length, cell === "lstm" ? "f" : "z"];
  return [
    ["Measured: ", `∂${s}_${T}/∂${s}_1 = `, amount(gradients[0])],
    ["Product of the gates: ", `${gatesBetween(gate, T)} = `, amount(products[0])],
  ];
}

/** Why the two agree, or differ. */
export function comparison({ cell, values }, { gradients, products, numbers }) {
  const [s, T] = [path(cell), values.length];
  const gap = Math.abs(gradients[0] - products[0]);
  const agree = gap <= 1e-9 * Math.max(Math.abs(gradients[0]), Math.abs(products[0]));
  if (agree && !looksBack(cell, numbers)) {
    return `The two agree: no gate and no new content looks at h_t-1, so the road in colour is the only`
      + ` way from ${s}_1 to ${s}_${T}.`;
  }
  if (agree) {
    return `The two agree here, although something looks at h_t-1: nothing of that reaches ${s}_${T}.`;
  }
  return `They differ: something looks at h_t-1, so ${s}_1 reaches ${s}_${T} by a second way as well,`
    + " through the gates and the new content. The product counts the road in colour alone.";
}

/** For those who hear it: where one is, and what goes back from the end. */
export function spoken(given, found) {
  const { cell, step: t, values } = given;
  const { h, c } = found.steps[t - 1];
  const state = cell === "lstm" ? `cell state ${two(c)}, hidden state ${two(h)}` : `state ${two(h)}`;
  const s = path(cell);
  return `Step ${t} of ${values.length}: ${state}. Gradient of ${s} at the end by ${s} at step 1: `
    + `${amount(found.gradients[0])}.`;
}

const inPlace = (v) => (v < 0 ? `(${two(v)})` : two(v));

/** What goes into a gate or the content, with its numbers: terms whose weight is 0 are left out. */
function sum(row, { numbers }, x) {
  const terms = ["cue", "value", "state"].flatMap((part) => {
    const weight = numbers[`${row}_${part}`];
    const passed = row === "n" && part === "state" ? `${opening(x.r)} · ` : ""; // by the reset gate
    return weight === 0 ? [] : [`${passed}${inPlace(weight)} · ${inPlace(x[part])}`];
  });
  const bias = numbers[`${row}_bias`];
  return [...(bias !== 0 || terms.length === 0 ? [two(bias)] : []), ...terms].join(" + ");
}

/** The equations of one step, with their numbers: [name, formula, result] each. */
export function equations({ cell, values, cues, step: t }, found) {
  const now = found.steps[t - 1];
  const x = { value: values[t - 1], cue: cues[t - 1], state: now.before.h, r: now.r };
  const row = (name) => {
    const squash = name === CONTENT[cell] ? "tanh" : "σ";
    const result = name === CONTENT[cell] ? two(now[name]) : opening(now[name]);
    return [`${name}_${t}`, `${squash}(${sum(name, found, x)})`, result];
  };
  const { kept } = now.before;
  if (cell === "gru") {
    return [row("r"), row("z"), row("n"),
      [`h_${t}`, `(1 − z_${t}) · n_${t} + z_${t} · h_${t - 1}`,
        `${opening(1 - now.z)} · ${inPlace(now.n)} + ${opening(now.z)} · ${inPlace(kept)} = ${two(now.h)}`],
    ];
  }
  return [row("i"), row("f"), row("g"), row("o_gate"),
    [`c_${t}`, `f_${t} · c_${t - 1} + i_${t} · g_${t}`,
      `${opening(now.f)} · ${inPlace(kept)} + ${opening(now.i)} · ${inPlace(now.g)} = ${two(now.c)}`],
    [`h_${t}`, `o_gate_${t} · tanh(c_${t})`,
      `${opening(now.o_gate)} · ${inPlace(Math.tanh(now.c))} = ${two(now.h)}`],
  ];
}
