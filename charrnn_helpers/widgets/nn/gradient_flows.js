/* The gradient ledger, as in bptt.py: what flows from each loss to each use of a weight, for one
   sequence. The whole gradient is in bptt.js; here it is split up. */

import { add, dot, identity, norm } from "./matrix.js";
import { addOuter, backward, enter, stepBackward, zeroGradients, zeros } from "./bptt.js";

/** For each loss L_i and each use at step j ≤ i: what flows there, { fromInput, fromState }.

    flows[i][j]; steps and losses are counted from 0. */
export function gradientFlows(weights, steps, dos) {
  return steps.map((_, i) => {
    const row = Array(i + 1);
    let d = enter(weights, zeros(weights), dos[i]);
    for (let j = i; j >= 0; j--) {
      row[j] = stepBackward(weights, steps[j], d);
      d = row[j].before;
    }
    return row;
  });
}

/** The ledger's entries added up over all pairs of the same distance d = i − j: a gradient by every
    weight for each d from 0 to T − 1. Truncated after k uses, the gradient is the sum of the first k. */
export function gradientsByDistance(weights, steps, dos) {
  const sums = steps.map(() => zeroGradients(weights));
  gradientFlows(weights, steps, dos).forEach((row, i) => row.forEach((flow, j) => {
    const sum = sums[i - j];
    addOuter(sum.W_xh, flow.fromInput, steps[j].x);
    addOuter(sum.W_hh, flow.fromState, steps[j].before.h);
    sum.b_xh = add(sum.b_xh, flow.fromInput);
    sum.b_hh = add(sum.b_hh, flow.fromState);
  }));
  steps.forEach(({ after }, i) => {
    addOuter(sums[0].W_ho, dos[i], after.h);
    sums[0].b_o = add(sums[0].b_o, dos[i]);
  });
  return sums;
}

/** The gradient of a run that is cut into chunks of k steps: the state goes on, the way back ends. */
export function gradientInChunks(weights, steps, dos, k) {
  const starts = steps.map((_, t) => t).filter((t) => t % k === 0);
  const each = starts.map((t) => backward(weights, steps.slice(t, t + k), dos.slice(t, t + k)));
  const names = Object.keys(each[0]);
  const sum = (name) => each.map((grads) => grads[name].flat()).reduce(add);
  return Object.fromEntries(names.map((name) => [name, sum(name)]));
}

/** The gradient ledger: for every weight, two (T, T) tables over losses i and uses j.

    norms: the size of each entry; shares: its projection on the whole gradient, together 1. */
export function gradientLedger(weights, steps, dos) {
  const grads = backward(weights, steps, dos);
  const flows = gradientFlows(weights, steps, dos);
  const entry = { // an entry is the outer product of `left` and `right`
    W_xh: (i, j) => [flows[i][j].fromInput, steps[j].x],
    W_hh: (i, j) => [flows[i][j].fromState, steps[j].before.h],
    b_xh: (i, j) => [flows[i][j].fromInput, null],
    b_hh: (i, j) => [flows[i][j].fromState, null],
    W_ho: (i, j) => (i === j ? [dos[i], steps[i].after.h] : null),
    b_o: (i, j) => (i === j ? [dos[i], null] : null),
  };
  return Object.fromEntries(Object.entries(entry).map(([name, of]) => {
    const square = dot(grads[name].flat(), grads[name].flat());
    const table = (value) => steps.map((_, i) => steps.map((_, j) => {
      const found = j <= i ? of(i, j) : null;
      return found ? value(...found) : 0;
    }));
    const size = (x) => (Array.isArray(x) ? norm(x) : 1);
    const along = (left, right) => // leftᵀ G right
      left.reduce((sum, l, k) => sum + l * rowTimes(grads[name][k], right), 0);
    return [name, {
      norms: table((left, right) => norm(left) * size(right)),
      shares: table((left, right) => (square > 0 ? along(left, right) / square : 0)),
    }];
  }));
}

/** A row of a gradient times a vector, a one-hot vector's integer, or, for a bias, nothing. */
function rowTimes(row, x) {
  if (Array.isArray(x)) return dot(row, x);
  return x === null ? row : row[x];
}

/** ∂s_t/∂s_{t−1} for every time step, where s is h, for an LSTM h and c: (S, S) each. */
export function stepJacobians(weights, steps) {
  const H = steps[0].before.h.length;
  const units = identity(weights.cell === "lstm" ? 2 * H : H);
  const split = (unit) =>
    (weights.cell === "lstm" ? { h: unit.slice(0, H), c: unit.slice(H) } : { h: unit });
  return steps.map((one) => units.map((unit) => {
    const { h, c = [] } = stepBackward(weights, one, split(unit)).before;
    return [...h, ...c];
  }));
}
