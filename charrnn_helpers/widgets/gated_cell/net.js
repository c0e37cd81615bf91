/* The numbers of the figure `GatedCell`: a cell of one unit that reads x_t = (value_t, cue_t).

   A number's name joins its row's and its part's: "f_bias", "o_gate_cue". Pure functions. */

import { stepBackward, trace } from "../nn/bptt.js";
import { sigmoid } from "../nn/rnn.js";

/** Under each other in PyTorch's order. */
export const ROWS = { lstm: ["i", "f", "g", "o_gate"], gru: ["r", "z", "n"] };
/** The gate on the path from one step to the next. */
export const KEEPS = { lstm: "f", gru: "z" };
export const CONTENT = { lstm: "g", gru: "n" };
/** The bias, and the weights on cue_t, value_t and h_{t−1}. */
export const PARTS = ["bias", "cue", "value", "state"];
export const LARGEST = { bias: 10, cue: 20, value: 5, state: 5 };

/** What each setting makes of the numbers; all others are 0, but the content's weight on the value. */
export const SETTINGS = {
  keep: {
    lstm: { f_bias: 8, i_bias: -6, i_cue: 12, o_gate_bias: 6 },
    gru: { z_bias: 8, z_cue: -14 },
  },
  forget: {
    lstm: { f_bias: -8, i_bias: 6, o_gate_bias: 6 },
    gru: { z_bias: -8 },
  },
  recall: {
    lstm: { f_bias: 8, i_bias: -6, i_cue: 12, o_gate_bias: -6, o_gate_cue: -12 },
    gru: { z_bias: 8, z_cue: -14 },
  },
  pytorch: { lstm: {}, gru: {} },
};

/** The names of all numbers of a cell. */
export const namesOf = (cell) =>
  ROWS[cell].flatMap((row) => PARTS.map((part) => `${row}_${part}`));

/** The setting's name, without what differs from it. */
export const startOf = (setting) => (typeof setting === "string" ? setting : setting.from);

/** All numbers of a cell by their names, from a setting and what differs from it. */
export function numbersOf(cell, setting) {
  const changed = typeof setting === "string" ? {} : setting;
  const start = { [`${CONTENT[cell]}_value`]: 1, ...SETTINGS[startOf(setting)][cell] };
  return Object.fromEntries(
    namesOf(cell).map((name) => [name, changed[name] ?? start[name] ?? 0]));
}

/** Whether a cell has exactly the numbers of the setting's name. */
export const isAsNamed = (cell, setting) =>
  typeof setting === "string" || namesOf(cell).every((name) => !(name in setting));

/** The setting with another number; what is the setting's own again is not listed. */
export function withNumber(cell, setting, name, value) {
  const from = startOf(setting);
  const others = { ...(typeof setting === "string" ? { from } : setting) };
  delete others[name];
  if (value !== numbersOf(cell, from)[name]) return { ...others, [name]: value };
  return Object.keys(others).length > 1 ? others : from;
}

/** The weights of a layer, as in rnn.js. */
export function weightsOf(cell, numbers) {
  const rows = (...parts) =>
    ROWS[cell].map((row) => parts.map((part) => numbers[`${row}_${part}`]));
  const bias = rows("bias").flat();
  return {
    cell, W_xh: rows("value", "cue"), W_hh: rows("state"), b_xh: bias, b_hh: bias.map(() => 0),
  };
}

/** Every gate's opening, and the content, at one step. */
function openingsOf(cell, { fromInput, fromState }) {
  const found = {};
  ROWS[cell].forEach((row, i) => {
    const seen = row === "n" ? found.r * fromState[i] : fromState[i]; // the last one: r is known
    const a = fromInput[i] + seen;
    found[row] = row === CONTENT[cell] ? Math.tanh(a) : sigmoid(a);
  });
  return found;
}

/** ∂s_T/∂s_t for t = 1 … T, s being c or h: the total derivative, along every path. */
function gradientsOf(weights, steps, openings) {
  const isLSTM = weights.cell === "lstm";
  let d = isLSTM ? { h: [0], c: [1] } : { h: [1] };
  const found = [1];
  for (let t = steps.length - 1; t > 0; t--) {
    d = stepBackward(weights, steps[t], d).before;
    if (!isLSTM) {
      found.unshift(d.h[0]);
      continue;
    }
    const shown = openings[t - 1].o_gate * (1 - Math.tanh(steps[t - 1].after.c[0]) ** 2);
    found.unshift(d.c[0] + d.h[0] * shown); // h_t, too, is made of c_t
  }
  return found;
}

/** Read the sequence and go back through it: { numbers, steps: [{ h, c, before, …openings }],
    gradients, products }.

    gradients: ∂c_T/∂c_t, of a GRU ∂h_T/∂h_t; products: of the keeping gate's openings behind step t. */
export function run({ cell, setting, values, cues }) {
  const numbers = numbersOf(cell, setting);
  const weights = weightsOf(cell, numbers);
  const steps = trace(weights, values.map((value, i) => [value, cues[i]]));
  const openings = steps.map((one) => openingsOf(cell, one));
  const products = openings.map((_, t) =>
    openings.slice(t + 1).reduce((product, one) => product * one[KEEPS[cell]], 1));
  const part = cell === "lstm" ? "c" : "h"; // what goes from step to step
  return {
    numbers,
    steps: steps.map(({ before, after }, t) => ({
      ...openings[t], h: after.h[0], c: after.c?.[0], kept: after[part][0],
      before: { h: before.h[0], kept: before[part][0] },
    })),
    gradients: gradientsOf(weights, steps, openings),
    products,
  };
}

/** Whether a gate or the content depends on the state before. */
export const looksBack = (cell, numbers) =>
  ROWS[cell].some((row) => numbers[`${row}_state`] !== 0);
