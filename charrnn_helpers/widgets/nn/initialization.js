/* The weights and inputs of the figure `SpectralLab`, drawn from a seed: the same numbers as in
   spectral_draws.py. The kinds of matrices are those of diagnostics.py. */

import { identity, scale, dot, norm, spectralRadius } from "./matrix.js";
import { uniform } from "./rnn.js";

export const GATES = { rnn: [""], gru: ["r", "z", "n"], lstm: ["i", "f", "g", "o"] };

// Where in the random sequence of a seed each part begins
const FROM = { W_hh: 0, W_xh: 1 << 16, inputs: 1 << 17 };

/** The k-th normal number of this seed: mean 0, standard deviation 1 (Box and Muller). */
export function normal(seed, k) {
  const radius = Math.sqrt(-2 * Math.log(1 - uniform(seed, 2 * k))); // 1 − u is never 0
  return radius * Math.cos(2 * Math.PI * uniform(seed, 2 * k + 1));
}

const table = (rows, columns, value) =>
  Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) => value(i * columns + j)));

/** Make the columns orthonormal, one after the other (Gram and Schmidt, twice over for accuracy). */
export function orthonormalColumns(M) {
  const done = [];
  for (let j = 0; j < M[0].length; j++) {
    let column = M.map((row) => row[j]);
    for (const other of [...done, ...done]) {
      const share = dot(other, column);
      column = column.map((c, i) => c - share * other[i]);
    }
    const length = norm(column);
    done.push(column.map((c) => c / length));
  }
  return M.map((_, i) => done.map((column) => column[i]));
}

/** A recurrent matrix of some kind with spectral radius 1, drawn from place k on. */
export function unitMatrix(kind, H, seed, k) {
  if (kind === "identity") return identity(H);
  if (kind === "non-normal") return table(H, H, (at) => [1, 2][(at % H) - Math.floor(at / H)] ?? 0);
  if (kind === "orthogonal") return orthonormalColumns(table(H, H, (at) => normal(seed, k + at)));
  const drawn = table(H, H, (at) => 2 * uniform(seed, k + at) - 1);
  return scale(drawn, 1 / spectralRadius(drawn));
}

/** One matrix of spectral radius 1 for every gate of a cell. */
export function unitBlocks(kind, cell, H, seed) {
  return GATES[cell].map((_, g) => unitMatrix(kind, H, seed, FROM.W_hh + g * H * H));
}

/** Weights whose recurrent blocks have this radius. W_xh is drawn as PyTorch does; biases are 0 but
    for the gate that keeps the old state: z of a GRU, f of an LSTM. */
export function labWeights({ cell, activation, radius, seed, gate_bias }, blocks) {
  const [H, G] = [blocks[0].length, blocks.length];
  const bound = 1 / Math.sqrt(H);
  const keeps = cell === "rnn" ? -1 : 1; // the gate's place, in both cells
  return {
    cell,
    activation,
    W_hh: blocks.flatMap((block) => scale(block, radius)),
    W_xh: table(G * H, H, (at) => bound * (2 * uniform(seed, FROM.W_xh + at) - 1)),
    b_xh: Array(G * H).fill(0),
    b_hh: Array.from({ length: G * H }, (_, i) => (Math.floor(i / H) === keeps ? gate_bias : 0)),
  };
}

/** x_1 … x_T, normal numbers times a scale. They are counted from the last one, so that a longer
    sequence begins earlier and ends in the same way. */
export function labInputs({ length, input_scale, seed }, D) {
  return table(length, D, (at) => {
    const [t, i] = [Math.floor(at / D), at % D];
    return input_scale * normal(seed, FROM.inputs + (length - 1 - t) * D + i);
  });
}
