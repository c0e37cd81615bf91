/* What `Captioning` computes and says: pure functions from pixels to a caption, and to sentences. */

import { add, multiply } from "../nn/matrix.js";
import { argmax } from "../nn/rnn.js";
import { percent } from "../ui/format.js";
import { LEVELS_OF_INK } from "./board.js";
import { runNetwork } from "../nn/wirings.js";

export const SQUARE = "■"; // how <stop> is shown

/** What the layer in front finds in each square of the picture: all numbers of its first detector, one
    per square, then those of the second, … as PyTorch's convolution has them. */
function lookedAt(weights, window, x) {
  if (!window) return x;
  const { name, size } = window;
  const columns = x.length / size;
  const found = Array.from({ length: columns / size }, (_, place) => {
    const square = Array.from({ length: size * size }, (_, i) =>
      x[Math.floor(i / size) * columns + place * size + (i % size)]);
    return add(multiply(weights[`${name}.weight`], square), weights[`${name}.bias`]);
  });
  return weights[`${name}.bias`].flatMap((_, detector) => found.map((values) => values[detector]));
}

/** Let the network look at a picture and write.

    Returns `context`, h_0; and for each time step { read, written, h, p }: the token that went in, the
    one that came out, the state, and the probabilities of all tokens. */
export function captionOf(weights, net, pixels) {
  const x = lookedAt(weights, net.window, pixels.map((level) => level / LEVELS_OF_INK));
  const { states, steps } = runNetwork(weights, { net, output: "sequence" }, [x]);
  return {
    context: states[0],
    steps: steps.map(({ written, h, p }) => ({ read: written, written: argmax(p), h, p })),
  };
}

/** A token as it is shown. */
export const letterOf = ({ tokens, net }, token) =>
  (token === net.stop ? SQUARE : token === net.start ? "▸" : tokens[token]);

/** All letters up to time step t, without <stop>. */
export const textOf = ({ tokens, net }, steps, t = steps.length) =>
  steps.slice(0, t).map(({ written }) => (written === net.stop ? "" : tokens[written])).join("");

/** What happens at time step t. */
export function sentenceOf(given, steps, t) {
  const { p, written } = steps[t - 1];
  const before = textOf(given, steps, t - 1);
  const start = before ? `After ‘${before}’` : "With nothing but the picture";
  const letter = written === given.net.stop ? "<stop>" : `‘${letterOf(given, written)}’`;
  const rest = p.map((share, i) => (i === written ? 0 : share));
  const second = argmax(rest);
  const other = second === given.net.stop ? "<stop>" : `‘${letterOf(given, second)}’`;
  const rival = rest[second] >= 0.01 ? `, ${other} ${percent(rest[second])}` : "";
  const ends = written === given.net.stop ? " The caption ends." : "";
  return `${start} the network gives ${letter} ${percent(p[written])}${rival}.${ends}`;
}

/** Whether the whole caption is right, as far as that is known; null while it is being written. */
export function verdictOf(given, steps, t) {
  if (t < steps.length) return null;
  if (steps.at(-1).written !== given.net.stop) {
    return { right: false, words: `No <stop> in ${steps.length} letters: cut off here.` };
  }
  if (given.example === null) return { right: null, words: "Your drawing." };
  const wanted = given.examples[given.example].right;
  const right = textOf(given, steps) === wanted;
  return { right, words: right ? "✓ Right." : `✗ Wrong: it is “${wanted}”.` };
}
