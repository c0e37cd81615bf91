/* The arithmetic of rnn.js and bptt.js once more, on weights in flat arrays: ten times faster, which is
   what it takes to trace eighty losses back in passing. The tests hold it to PyTorch.

   What one step back does is linear in what comes in; its factors are known when the step is made. */

import { sigmoid } from "./rnn.js";

/** A network from its weights as in rnn.js: matrices row by row, and for each character what it gives
    to the gates, (G·H) numbers. */
export function flatten({ cell, W_xh, W_hh, b_xh, b_hh, W_ho, b_o }) {
  const flat = (values) => Float64Array.from(values.flat());
  return {
    cell, H: W_hh[0].length, W_hh: flat(W_hh), b_hh: flat(b_hh), W_ho: flat(W_ho), b_o: flat(b_o),
    inputs: W_ho.map((_, x) => Float64Array.from(W_xh, (row, i) => row[x] + b_xh[i])),
  };
}

/** W h + b. */
function applied(W, h, b) {
  const result = b.slice();
  for (let i = 0, at = 0; i < b.length; i++) {
    let sum = b[i];
    for (let j = 0; j < h.length; j++) sum += W[at++] * h[j];
    result[i] = sum;
  }
  return result;
}

export const scores = ({ W_ho, b_o }, { h }) => applied(W_ho, h, b_o);

/** The state before the first character, as a step: { h }, for an LSTM { h, c }. */
export const start = ({ H }) => ({ h: new Float64Array(H), c: new Float64Array(H) });

/** Read a character x: the state after it, what it was before, and the factors of the way back:
    `gates` (G·H), `past` (H) for what goes past the weights, in an LSTM `shown` (H) from h to c. */
export function advance(net, x, before) {
  const { H, cell, inputs, W_hh, b_hh } = net;
  const after = {
    ...start(net), before, gates: new Float64Array(b_hh.length), past: new Float64Array(H),
    shown: cell === "lstm" ? new Float64Array(H) : null,
  };
  const [a, s] = [inputs[x], applied(W_hh, before.h, b_hh)];
  for (let k = 0; k < H; k++) ADVANCE[cell](after, a, s, before, k, H);
  return after;
}

const ADVANCE = { rnn: advanceRNN, gru: advanceGRU, lstm: advanceLSTM };

function advanceRNN({ h, gates }, a, s, _, k) {
  h[k] = Math.tanh(a[k] + s[k]);
  gates[k] = 1 - h[k] * h[k];
}

function advanceGRU({ h, gates, past }, a, s, before, k, H) {
  const r = sigmoid(a[k] + s[k]);
  const z = sigmoid(a[H + k] + s[H + k]);
  const n = Math.tanh(a[2 * H + k] + r * s[2 * H + k]);
  const dn = (1 - z) * (1 - n * n);
  h[k] = (1 - z) * n + z * before.h[k];
  gates[k] = dn * s[2 * H + k] * r * (1 - r);
  gates[H + k] = (before.h[k] - n) * z * (1 - z);
  gates[2 * H + k] = dn * r;
  past[k] = z;
}

function advanceLSTM({ h, c, gates, past, shown }, a, s, before, k, H) {
  const i = sigmoid(a[k] + s[k]);
  const f = sigmoid(a[H + k] + s[H + k]);
  const g = Math.tanh(a[2 * H + k] + s[2 * H + k]);
  const o = sigmoid(a[3 * H + k] + s[3 * H + k]);
  c[k] = f * before.c[k] + i * g;
  const out = Math.tanh(c[k]);
  h[k] = o * out;
  gates[k] = g * i * (1 - i);
  gates[H + k] = before.c[k] * f * (1 - f);
  gates[2 * H + k] = i * (1 - g * g);
  gates[3 * H + k] = out * o * (1 - o);
  past[k] = f;
  shown[k] = o * (1 - out * out);
}

/** ∂L/∂h from ∂L/∂o: W_hoᵀ do. */
export function enterAt({ W_ho, H }, do_) {
  const h = new Float64Array(H);
  for (let i = 0, at = 0; i < do_.length; i++) {
    for (let j = 0; j < H; j++) h[j] += W_ho[at++] * do_[i];
  }
  return { h, c: new Float64Array(H) };
}

/** Go back over a step: from the derivative by the state after it to that by the state before it. What
    this use of W_hh gives to the gradient is added to `sum`. */
export function goBack({ W_hh, H }, { before, gates, past, shown }, d, sum) {
  const [h, c] = [new Float64Array(H), new Float64Array(H)];
  const into = shown ? d.c.map((d_k, k) => d_k + d.h[k] * shown[k]) : d.h; // what the gates get,
  for (let i = 0, at = 0; i < gates.length; i++) {
    const da = (i < 3 * H ? into : d.h)[i % H] * gates[i]; // but for the last one of an LSTM
    for (let j = 0; j < H; j++, at++) {
      h[j] += W_hh[at] * da;
      sum[at] += da * before.h[j];
    }
  }
  const on = shown ? c : h; // where the path past the weights leads
  for (let k = 0; k < H; k++) on[k] += into[k] * past[k];
  return { h, c };
}
