/* What the figure `GradientLedger` shows, as numbers: pure functions of a network and a text. */

import { backward, crossEntropyGradients, trace } from "../nn/bptt.js";
import { gradientInChunks, gradientLedger, gradientsByDistance } from "../nn/gradient_flows.js";
import { add, largestOf, norm } from "../nn/matrix.js";

/** The weights whose ledgers differ: in an RNN and an LSTM those of the two biases are the same. */
export function ledgerNames(cell) {
  const biases = cell === "gru" ? ["b_xh", "b_hh"] : ["b_hh"];
  return ["W_xh", "W_hh", ...biases, "W_ho", "b_o"];
}

/** The one of these names that has this weight's ledger. */
export const ledgerName = (cell, weight) =>
  (weight === "b_xh" && cell !== "gru" ? "b_hh" : weight);

/** Read a text and trace its T losses back.

    Returns { T, letters, ledger: { name: { norms, shares } }, parts: a gradient for each distance,
    inChunks(k): the gradient cut after every k steps, whole: the gradient, sumError: the largest
    difference between `whole` and the sum of `parts` }. */
export function examine(weights, characters, text) {
  const [alphabet, letters] = [[...characters], [...text]];
  const ids = letters.map((c) => alphabet.indexOf(c));
  const steps = trace(weights, ids.slice(0, -1));
  const dos = crossEntropyGradients(weights, steps, ids.slice(1));
  const [whole, parts] = [backward, gradientsByDistance].map((f) => f(weights, steps, dos));
  const ledger = gradientLedger(weights, steps, dos);
  const sumError = largestOf(Object.keys(whole).map((name) => {
    const sum = sumOfParts(parts, name);
    return largestOf(whole[name].flat().map((g, n) => Math.abs(g - sum[n])));
  }));
  const inChunks = (k) => gradientInChunks(weights, steps, dos, k);
  return { T: steps.length, letters, ledger, parts, inChunks, whole, sumError };
}

/** The gradient of one weight, as one long vector, from some distances. */
function sumOfParts(parts, name) {
  return parts.map((part) => part[name].flat()).reduce(add);
}

/** A ledger's table added up by distance i − j, 0 … T − 1. */
export function byDistance(table) {
  return table.map((_, d) => table.slice(d).reduce((sum, row, j) => sum + row[j], 0));
}

/** Which entries (i, j) are kept, as `kept_by` in bptt.py: those that lie less than k apart, or, if
    the way back is cut into chunks of k steps, those whose loss and use lie in the same chunk. */
export const keptBy = (cutBy, k) => (cutBy === "chunks"
  ? (i, j) => Math.floor(i / k) === Math.floor(j / k)
  : (i, j) => i - j < k);

/** A ledger's table with zeros in place of what is not kept. */
export const keptOf = (table, kept) =>
  table.map((row, i) => row.map((value, j) => (j <= i && kept(i, j) ? value : 0)));

/** What is left of a weight's gradient after a cut.

    Returns { share: of the whole, by projection; error: ‖g_kept − g‖ / ‖g‖ }. */
export function afterCut({ T, ledger, parts, inChunks, whole }, name, cutBy, k) {
  const all = whole[name].flat();
  const size = norm(all);
  if (k >= T || size === 0) return { share: 1, error: 0 };
  const shares = byDistance(keptOf(ledger[name].shares, keptBy(cutBy, k)));
  const share = shares.reduce((a, b) => a + b, 0);
  const missing = cutBy === "chunks"
    ? inChunks(k)[name].flat().map((g, n) => all[n] - g)
    : sumOfParts(parts.slice(k), name);
  return { share, error: norm(missing) / size };
}

/** How one loss's gradient is divided among its uses, by the sizes of the entries: together 1. */
export function sharesOfLoss(norms, i) {
  const sum = norms[i].reduce((a, b) => a + b, 0);
  return norms[i].map((size) => (sum > 0 ? size / sum : 0));
}

/** A size from 0 to 1: of the largest, or on a logarithmic scale over six powers of ten. */
export function grade(size, largest, logarithmic) {
  if (!(size > 0)) return 0;
  return logarithmic ? Math.max(0, 1 + Math.log10(size / largest) / DECADES) : size / largest;
}

export const DECADES = 6;
