/* The arithmetic of a recurrent network, as the book writes it:

     h_t = tanh(W_xh x_t + W_hh h_{t-1} + b_h)        the state after x_t
     o_t = W_ho h_t + b_o                             the outputs; logits, where characters are read

   D inputs (V for characters), H hidden units, O outputs, and G gates: 1 for an RNN, 3 for a GRU,
   4 for an LSTM.
   weights = { cell: "rnn" | "gru" | "lstm", activation: "tanh" | "relu" | "identity" (of an RNN),
               W_xh: (G·H, D), W_hh: (G·H, H), b_xh: (G·H), b_hh: (G·H), W_ho: (O, H), b_o: (O) }
   Matrices are arrays of rows. The gates lie below each other in PyTorch's order: r, z, n for a
   GRU; i, f, g, o for an LSTM. PyTorch keeps two biases: in an RNN, b_h is their sum.
   A state is { h }, for an LSTM { h, c }. Every function is pure: it changes none of its inputs.
   The way back, by the same names, is in bptt.js. */

import { add, multiply } from "./matrix.js";

export const sigmoid = (a) => 1 / (1 + Math.exp(-a));

/** An activation φ, and its derivative told from its own value. */
export const ACTIVATIONS = {
  tanh: [Math.tanh, (h) => 1 - h * h],
  relu: [(a) => Math.max(0, a), (h) => (h > 0 ? 1 : 0)],
  identity: [(a) => a, () => 1],
};

/** W x. A character's integer stands for a one-hot vector: W x is then one column, a look-up. */
const project = (W, x) => (Array.isArray(x) ? multiply(W, x) : W.map((row) => row[x]));

/** Cut (G·H) numbers into G gates of H. */
export function gatesOf(values, H) {
  return Array.from({ length: values.length / H }, (_, g) => values.slice(g * H, (g + 1) * H));
}

/** The state before the first character: h_0 = 0. */
export function initialState(weights) {
  const zeros = () => weights.W_hh[0].map(() => 0);
  return weights.cell === "lstm" ? { h: zeros(), c: zeros() } : { h: zeros() };
}

/** One time step: the state after x_t, from x_t (an integer, or a vector) and the state before. */
export function step(weights, x, state) {
  const { fromInput, fromState } = preActivations(weights, x, state);
  return CELLS[weights.cell](fromInput, fromState, state, weights.activation);
}

/** What the input and what the state give to the gates, (G·H) each. */
export function preActivations(weights, x, state) {
  return {
    fromInput: add(project(weights.W_xh, x), weights.b_xh),
    fromState: add(multiply(weights.W_hh, state.h), weights.b_hh),
  };
}

const CELLS = { rnn: stepRNN, gru: stepGRU, lstm: stepLSTM };

function stepRNN(fromInput, fromState, _, activation = "tanh") {
  return { h: add(fromInput, fromState).map(ACTIVATIONS[activation][0]) };
}

function stepGRU(fromInput, fromState, { h }) {
  const [r_x, z_x, n_x] = gatesOf(fromInput, h.length);
  const [r_h, z_h, n_h] = gatesOf(fromState, h.length);
  const r = add(r_x, r_h).map(sigmoid); // how much of the old state the new content sees
  const z = add(z_x, z_h).map(sigmoid); // how much of the old state stays
  const n = n_x.map((n_i, i) => Math.tanh(n_i + r[i] * n_h[i]));
  return { h: h.map((h_i, i) => (1 - z[i]) * n[i] + z[i] * h_i) };
}

function stepLSTM(fromInput, fromState, { h, c }) {
  const [i, f, g, oGate] = gatesOf(add(fromInput, fromState), h.length);
  const kept = c.map((c_k, k) => sigmoid(f[k]) * c_k + sigmoid(i[k]) * Math.tanh(g[k]));
  return { h: kept.map((c_k, k) => sigmoid(oGate[k]) * Math.tanh(c_k)), c: kept };
}

/** Read x_1 … x_T, carrying the state along: the states h_1 … h_T. */
export function read(weights, xs, state = initialState(weights)) {
  return xs.map((x) => (state = step(weights, x, state)));
}

/** o_t: one number per output; for characters, one score each. */
export function logits(weights, state) {
  return add(multiply(weights.W_ho, state.h), weights.b_o);
}

/** Logits to probabilities. A low temperature sharpens them, a high one evens them out. */
export function softmax(o, temperature = 1) {
  const highest = Math.max(...o); // subtracted from all: the same result, and exp cannot overflow
  const exps = o.map((o_i) => Math.exp((o_i - highest) / temperature));
  const sum = exps.reduce((a, b) => a + b, 0);
  return exps.map((e) => e / sum);
}

/** The place of the largest value; the first of several. */
export function argmax(values) {
  return values.reduce((best, value, i) => (value > values[best] ? i : best), 0);
}

/** Draw a place by its probability: the first where the cumulative sum exceeds u, 0 ≤ u < 1. */
export function draw(probabilities, u) {
  const total = probabilities.reduce((a, b) => a + b, 0); // 1, but for rounding
  let cumulative = 0;
  const i = probabilities.findIndex((p) => (cumulative += p) > u * total);
  return i < 0 ? argmax(probabilities) : i;
}

/** The k-th number (k = 0, 1, …) of the random sequence of this seed, uniform in [0, 1).
    Any of them can be had without the ones before it (mulberry32 by T. Ettinger, public domain). */
export function uniform(seed, k) {
  let a = (Math.imul(seed, 0x9e3779b1) + Math.imul(k + 1, 0x6d2b79f5)) | 0;
  a = Math.imul(a ^ (a >>> 15), a | 1);
  a ^= a + Math.imul(a ^ (a >>> 7), a | 61);
  return ((a ^ (a >>> 14)) >>> 0) / 2 ** 32;
}
