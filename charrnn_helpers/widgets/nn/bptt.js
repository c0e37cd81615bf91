/* Backpropagation through time, as in bptt.py, for one sequence. What flows from which loss to which
   use of a weight is in gradient_flows.js.

   The total loss is L = L_1 + … + L_T; `dos` holds ∂L_t/∂o_t for every time step. A gradient by a
   state has that state's parts: { h }, for an LSTM { h, c }. */

import { add, multiplyTransposed } from "./matrix.js";
import {
  ACTIVATIONS, gatesOf, initialState, logits, preActivations, sigmoid, softmax, step,
} from "./rnn.js";

/** The forward pass with what the way back needs: one { x, before, after, … } per time step. */
export function trace(weights, xs, state = initialState(weights)) {
  return xs.map((x) => {
    const before = state;
    state = step(weights, x, before);
    return { x, before, after: state, ...preActivations(weights, x, before) };
  });
}

/** One step back: from ∂L/∂(state after) to ∂L/∂ of what the input and what the state gave to the
    gates, (G·H) each, and to ∂L/∂(state before). */
export function stepBackward(weights, one, d) {
  const { fromInput, fromState, past } = UNDO[weights.cell](one, d, weights.activation);
  const before = { ...past, h: add(past.h, multiplyTransposed(weights.W_hh, fromState)) };
  return { fromInput, fromState, before };
}

const UNDO = { rnn: undoRNN, gru: undoGRU, lstm: undoLSTM };

function undoRNN({ after }, d, activation = "tanh") {
  const derivative = ACTIVATIONS[activation][1];
  const da = d.h.map((d_i, i) => d_i * derivative(after.h[i]));
  return { fromInput: da, fromState: da, past: { h: d.h.map(() => 0) } };
}

function undoGRU({ fromInput, fromState, before: { h } }, d) {
  const [r_x, z_x, n_x] = gatesOf(fromInput, h.length);
  const [r_h, z_h, n_h] = gatesOf(fromState, h.length);
  const r = add(r_x, r_h).map(sigmoid);
  const z = add(z_x, z_h).map(sigmoid);
  const n = n_x.map((n_i, i) => Math.tanh(n_i + r[i] * n_h[i]));
  const dn = d.h.map((d_i, i) => d_i * (1 - z[i]) * (1 - n[i] ** 2));
  const dz = d.h.map((d_i, i) => d_i * (h[i] - n[i]) * z[i] * (1 - z[i]));
  const dr = dn.map((d_i, i) => d_i * n_h[i] * r[i] * (1 - r[i]));
  return {
    fromInput: [...dr, ...dz, ...dn],
    fromState: [...dr, ...dz, ...dn.map((d_i, i) => d_i * r[i])],
    past: { h: d.h.map((d_i, i) => d_i * z[i]) }, // the path past the weights
  };
}

function undoLSTM({ fromInput, fromState, before, after }, d) {
  const H = before.h.length;
  const [i_a, f_a, g_a, o_a] = gatesOf(add(fromInput, fromState), H);
  const [i, f, oGate] = [i_a, f_a, o_a].map((a) => a.map(sigmoid));
  const [g, shown] = [g_a.map(Math.tanh), after.c.map(Math.tanh)];
  const dc = d.c.map((d_k, k) => d_k + d.h[k] * oGate[k] * (1 - shown[k] ** 2));
  const da = [
    ...dc.map((d_k, k) => d_k * g[k] * i[k] * (1 - i[k])),
    ...dc.map((d_k, k) => d_k * before.c[k] * f[k] * (1 - f[k])),
    ...dc.map((d_k, k) => d_k * i[k] * (1 - g[k] ** 2)),
    ...d.h.map((d_k, k) => d_k * shown[k] * oGate[k] * (1 - oGate[k])),
  ];
  const past = { h: d.h.map(() => 0), c: dc.map((d_k, k) => d_k * f[k]) }; // past the weights
  return { fromInput: da, fromState: da, past };
}

/** ∂L/∂o for the mean cross-entropy of a sequence: (softmax(o) − one-hot target) / T. */
export function crossEntropyGradients(weights, steps, targets) {
  return steps.map(({ after }, t) =>
    softmax(logits(weights, after)).map((p, i) => (p - (i === targets[t] ? 1 : 0)) / steps.length));
}

export const zeros = initialState; // a gradient by a state has that state's parts

/** Add to a gradient by a state what comes from the output at that step. */
export const enter = (weights, d, do_) => ({ ...d, h: add(d.h, multiplyTransposed(weights.W_ho, do_)) });

/** Add the outer product of da and the input x (a vector, or an integer for a one-hot one) to W. */
export function addOuter(W, da, x) {
  da.forEach((d_i, i) => {
    if (Array.isArray(x)) x.forEach((x_j, j) => (W[i][j] += d_i * x_j));
    else W[i][x] += d_i;
  });
}

/** A gradient of zero by every weight, under its name and in its shape. */
export function zeroGradients(weights) {
  const like = (W) => (Array.isArray(W[0]) ? W.map((row) => row.map(() => 0)) : W.map(() => 0));
  const names = ["W_xh", "W_hh", "b_xh", "b_hh", "W_ho", "b_o"];
  return Object.fromEntries(names.map((name) => [name, like(weights[name])]));
}

/** The gradient of L by every weight, under its name and in its shape. */
export function backward(weights, steps, dos) {
  const grads = zeroGradients(weights);
  let d = zeros(weights);
  for (let t = steps.length - 1; t >= 0; t--) {
    const { fromInput, fromState, before } =
      stepBackward(weights, steps[t], enter(weights, d, dos[t]));
    addOuter(grads.W_ho, dos[t], steps[t].after.h);
    grads.b_o = add(grads.b_o, dos[t]);
    addOuter(grads.W_xh, fromInput, steps[t].x);
    grads.b_xh = add(grads.b_xh, fromInput);
    addOuter(grads.W_hh, fromState, steps[t].before.h);
    grads.b_hh = add(grads.b_hh, fromState);
    d = before;
  }
  return grads;
}
