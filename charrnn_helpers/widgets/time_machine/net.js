/* What the figure `TimeMachine` finds out about a network, the same numbers as facts.py.
   Pure functions of a network as `flatten` makes it. */

import { dot, norm } from "../nn/matrix.js";
import { draw, softmax, uniform } from "../nn/rnn.js";
import { advance, enterAt, goBack, scores, start } from "../nn/flat.js";

export const LENGTH = 200; // characters of what it writes, with the prompt
export const TOLERANCE = 0.1; // how far off a truncated gradient may be, of the whole one's length

function integersOf(characters, text) {
  const alphabet = [...characters];
  return [...text].map((c) => alphabet.indexOf(c));
}

function readAll(net, ids) {
  let state = start(net);
  return ids.map((x) => (state = advance(net, x, state)));
}

/** Let a network go on from a prompt. The k-th character takes the k-th random number of the seed, at
    every checkpoint: what differs between two checkpoints is the network alone. */
export function written(net, { characters, prompt, temperature, seed }) {
  const [alphabet, letters] = [[...characters], [...prompt]];
  let state = readAll(net, integersOf(characters, prompt)).at(-1);
  for (let k = 0; letters.length < LENGTH; k++) {
    const x = draw(softmax(scores(net, state), temperature), uniform(seed, k));
    letters.push(alphabet[x]);
    state = advance(net, x, state);
  }
  return letters.join("");
}

/** Read a text: the states after each character, (T, H), and how likely the network thought each
    character but the first, given those before it: `chances`, and in the mean `bits` a character. */
export function reading(net, characters, text) {
  const ids = integersOf(characters, text);
  const steps = readAll(net, ids);
  const chances = ids.slice(1).map((x, t) => softmax(scores(net, steps[t]))[x]);
  const bits = chances.reduce((sum, p) => sum - Math.log2(p), 0) / chances.length;
  return { states: steps.map(({ h }) => h), chances, bits };
}

/** ∂L/∂h_t for the mean cross-entropy, through o_t alone. */
function lossesAt(net, steps, targets) {
  return steps.map((step, t) => {
    const p = softmax(scores(net, step));
    p[targets[t]] -= 1;
    return enterAt(net, p.map((p_i) => p_i / steps.length));
  });
}

/** Split the gradient of W_hh by the distance d between a loss and a use, as the gradient ledger does.

    A generator, so that a page can do a little of it in every frame: it yields after every step back,
    and returns { shares, errors, horizon }. shares[d]: the sum of the entries at distance d, projected
    on the whole gradient g; together 1. errors[k]: ‖g_k − g‖ / ‖g‖ of the gradient g_k truncated
    after k uses, k = 0 … T. horizon: the smallest k whose error is at most TOLERANCE. */
export function* reaching(net, characters, text) {
  const ids = integersOf(characters, text);
  const steps = readAll(net, ids.slice(0, -1));
  const flows = lossesAt(net, steps, ids.slice(1)); // of each loss
  const T = steps.length;
  yield;
  const whole = new Float64Array(net.W_hh.length);
  let d = start(net);
  for (let t = T - 1; t >= 0; t--) {
    const h = flows[t].h.map((d_k, k) => d_k + d.h[k]);
    d = goBack(net, steps[t], { h, c: d.c }, whole);
    yield;
  }
  const size = norm(whole);
  if (size === 0) return { shares: steps.map(() => 0), errors: [0, ...steps.map(() => 0)], horizon: 0 };
  const [shares, errors, left] = [[], [1], whole.slice()]; // left: what truncation takes away
  for (let k = 0; k < T; k++) {
    const part = new Float64Array(whole.length);
    for (let i = k; i < T; i++) { // from the loss at step i to the use k steps before it
      flows[i] = goBack(net, steps[i - k], flows[i], part);
      yield;
    }
    for (let n = 0; n < part.length; n++) left[n] -= part[n];
    shares.push(dot(part, whole) / size ** 2);
    errors.push(norm(left) / size);
  }
  return { shares, errors, horizon: errors.findIndex((error) => error <= TOLERANCE) };
}
