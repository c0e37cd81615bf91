/* Training in the page: the loss of some sentences, its gradient by backpropagation through time,
   and Adam. One epoch is one update on all sentences, as `train` in training.py makes it.

   weights as in rnn.js; sentences are { xs, targets }, integers, all of the same length T. */

import { backward, crossEntropyGradients, trace } from "./bptt.js";
import { logits, softmax, uniform } from "./rnn.js";

const LEARNED = ["W_xh", "W_hh", "b_xh", "b_hh", "W_ho", "b_o"];
const BETA_1 = 0.9; // how long Adam remembers gradients,
const BETA_2 = 0.999; // and how long their squares
const EPSILON = 1e-8;

/** Apply a function to each number of a vector or matrix, and to those at its place in others. */
const each = (f, W, ...others) => (Array.isArray(W)
  ? W.map((part, i) => each(f, part, ...others.map((other) => other[i])))
  : f(W, ...others));

/** For every weight, the sum of what several gradients say. */
function summed(gradients) {
  return gradients.reduce((sum, grad) => Object.fromEntries(
    LEARNED.map((name) => [name, each((a, b) => a + b, sum[name], grad[name])])));
}

/** Forward, loss, and backward through time: the mean loss over all characters of all sentences, in
    nats, and its gradient by every weight. */
export function lossAndGradient(weights, sentences) {
  let loss = 0;
  const gradients = sentences.map(({ xs, targets }) => {
    const steps = trace(weights, xs);
    steps.forEach(({ after }, t) => {
      loss -= Math.log(softmax(logits(weights, after))[targets[t]]) / targets.length;
    });
    const share = 1 / sentences.length;
    const dos = crossEntropyGradients(weights, steps, targets);
    return backward(weights, steps, dos.map((do_) => do_.map((d) => d * share)));
  });
  return { loss: loss / sentences.length, gradient: summed(gradients) };
}

/** Adam before its first step (Kingma & Ba 2015): the mean of the gradients, m, and of their
    squares, v, are zero. */
export function newAdam(weights) {
  const zero = () =>
    Object.fromEntries(LEARNED.map((name) => [name, each(() => 0, weights[name])]));
  return { step: 0, m: zero(), v: zero() };
}

/** One step of Adam: the new weights, and Adam after it. */
export function adamStep(weights, gradient, { step, m, v }, lr) {
  const after = { step: step + 1, m: {}, v: {} };
  const moved = { ...weights };
  const grown_m = 1 - BETA_1 ** after.step; // what a mean that began at zero has reached by now
  const grown_v = 1 - BETA_2 ** after.step;
  for (const name of LEARNED) {
    const g = gradient[name];
    after.m[name] = each((m_i, g_i) => BETA_1 * m_i + (1 - BETA_1) * g_i, m[name], g);
    after.v[name] = each((v_i, g_i) => BETA_2 * v_i + (1 - BETA_2) * g_i * g_i, v[name], g);
    moved[name] = each(
      (w, m_i, v_i) => w - (lr * m_i) / grown_m / (Math.sqrt(v_i / grown_v) + EPSILON),
      weights[name], after.m[name], after.v[name]);
  }
  return { weights: moved, adam: after };
}

/** Fresh weights of a seed, as PyTorch draws its own: uniform from −1/√H to 1/√H. */
export function freshWeights(cell, V, H, seed) {
  const rows = { rnn: 1, gru: 3, lstm: 4 }[cell] * H;
  let k = 0;
  const one = () => (2 * uniform(seed, k++) - 1) / Math.sqrt(H);
  const vector = (n) => Array.from({ length: n }, one);
  const matrix = (n, columns) => Array.from({ length: n }, () => vector(columns));
  return {
    cell, W_xh: matrix(rows, V), W_hh: matrix(rows, H), b_xh: vector(rows), b_hh: vector(rows),
    W_ho: matrix(V, H), b_o: vector(V),
  };
}
