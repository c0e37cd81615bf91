/* The small network of the figure `Unroll`: one input, two hidden units, one output.

   Nodes are named "x_2", "h_2", "o_2". A weight is named "W_hh", one of its numbers "W_hh[1,2]",
   counted from 1 as in the formulas. b_h stands for the sum of b_xh and b_hh. */

import { add, multiplyTransposed } from "../nn/matrix.js";
import { logits } from "../nn/rnn.js";
import { backward, trace } from "../nn/bptt.js";
import { gradientFlows } from "../nn/gradient_flows.js";

export const UNITS = [0, 1];

/** All numbers of all weights: [weight, row, column]; a bias has no column.
    @typedef {[string, number, number?]} Entry
    @type {Entry[]} */
export const ENTRIES = [
  ["W_xh", 0, 0], ["W_xh", 1, 0],
  ["W_hh", 0, 0], ["W_hh", 0, 1], ["W_hh", 1, 0], ["W_hh", 1, 1],
  ["b_h", 0], ["b_h", 1], ["W_ho", 0, 0], ["W_ho", 0, 1], ["b_o", 0],
];

export const WEIGHT_NAMES = ["W_xh", "W_hh", "b_h", "W_ho", "b_o"];

/** The name of one number of a weight; the index along a side of length 1 is left out.
    @param {Entry} entry */
export function entryName([weight, row, column]) {
  if (weight === "b_o") return weight;
  if (weight === "W_ho") return `${weight}[${column + 1}]`;
  return weight === "W_hh" ? `${weight}[${row + 1},${column + 1}]` : `${weight}[${row + 1}]`;
}

/** The weights as the formulas have them: with b_h. */
export function formulaWeights(weights) {
  return { ...weights, b_h: add(weights.b_xh, weights.b_hh) };
}

/** @param {any} weights
    @param {Entry} entry */
export function entryValue(weights, [weight, row, column]) {
  const values = formulaWeights(weights)[weight][row];
  return column === undefined ? values : values[column];
}

/** The weights with another number in one place. */
export function withEntry(weights, [weight, row, column], value) {
  const changed = (list, i, v) => list.map((old, j) => (i === j ? v : old));
  if (weight === "b_h") {
    const { b_h } = formulaWeights(weights);
    return { ...weights, b_xh: changed(b_h, row, value), b_hh: b_h.map(() => 0) };
  }
  const line = column === undefined ? value : changed(weights[weight][row], column, value);
  return { ...weights, [weight]: changed(weights[weight], row, line) };
}

/** Every number of k time steps: h (from h_0), o, and the gradients of o_k.

    { h: [h_0, …, h_k], o: [–, o_1, …], dx: [–, ∂o_k/∂x_1, …], dh: [∂o_k/∂h_0, …], dW: by every
    weight }; the place in a list is the t of the formulas. */
export function run(weights, inputs, k) {
  const steps = trace(weights, inputs.slice(0, k).map((x) => [x]));
  const dos = steps.map((_, t) => [t === k - 1 ? 1 : 0]); // the last output alone
  const flows = gradientFlows(weights, steps, dos)[k - 1];
  return {
    h: [steps[0].before.h, ...steps.map(({ after }) => after.h)],
    o: [null, ...steps.map(({ after }) => logits(weights, after)[0])],
    dx: [null, ...flows.map((flow) => multiplyTransposed(weights.W_xh, flow.fromInput)[0])],
    dh: [...flows.map((flow) => flow.before.h), multiplyTransposed(weights.W_ho, dos[k - 1])],
    dW: backward(weights, steps, dos),
  };
}

/** ∂o_k by one number of a weight. Both biases whose sum is b_h have the same.
    @param {{ dW: any }} numbers
    @param {Entry} entry */
export function entryGradient({ dW }, [weight, row, column]) {
  const values = dW[weight === "b_h" ? "b_xh" : weight][row];
  return column === undefined ? values : values[column];
}

/** "h_2" as ["h", 2].
    @returns {[string, number]} */
export function parseNode(name) {
  const [, kind, t] = /^([xho])_(\d)$/.exec(name) ?? [];
  return [kind, Number(t)];
}

/** Whether there is such a node, or weight, in k time steps. */
export function exists(name, k) {
  const [kind, t] = parseNode(name);
  if (kind) return t <= k && (t > 0 || kind === "h");
  return WEIGHT_NAMES.includes(name) || ENTRIES.some((entry) => entryName(entry) === name);
}

/** What lights up for a name: a function from a node to true or false, and one from the use of a
    weight, (weight, its entry's name, t).

    For h_t and o_t it is all that they depend on. For x_t and h_0, which depend on nothing, it is
    all that depends on them. */
export function lights(name) {
  const [kind, s] = parseNode(name);
  if (!kind) {
    const uses = (weight, entry) => name === weight || name === entry;
    return { node: () => true, use: uses };
  }
  const forHidden = ["W_xh", "W_hh", "b_h"];
  if (kind === "o" || (kind === "h" && s > 0)) {
    return {
      node: (other, t) => (other === "o" ? kind === "o" && t === s : t <= s),
      use: (weight, _, t) => (forHidden.includes(weight) ? t <= s : kind === "o" && t === s),
    };
  }
  return {
    node: (other, t) => (other === "x" ? kind === "x" && t === s : t >= s),
    use: (weight, _, t) => {
      if (weight === "W_xh") return kind === "x" && t === s;
      return weight === "W_hh" ? t > s : weight === "W_ho" && t >= s;
    },
  };
}
