/* Vectors are arrays of numbers, matrices arrays of rows. */

export const add = (a, b) => a.map((a_i, i) => a_i + b[i]);

export const dot = (a, b) => a.reduce((sum, a_i, i) => sum + a_i * b[i], 0);

export const norm = (a) => Math.sqrt(dot(a, a));

export const scale = (W, factor) => W.map((row) => row.map((w) => factor * w));

/** W x. */
export const multiply = (W, x) => W.map((row) => dot(row, x));

/** Wᵀ y: what a gradient meets on its way back through W. */
export function multiplyTransposed(W, y) {
  const result = W[0].map(() => 0);
  W.forEach((row, i) => row.forEach((w, j) => (result[j] += w * y[i])));
  return result;
}

export const transpose = (W) => W[0].map((_, j) => W.map((row) => row[j]));

/** A B. */
export function product(A, B) {
  return A.map((row) => multiplyTransposed(B, row));
}

export const identity = (n) =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));

/** The largest absolute value of an eigenvalue, by Gelfand's formula: ρ(A) = lim ‖A^k‖^(1/k).

    Squaring A again and again reaches k = 2⁵⁰, where the limit has been reached in all digits;
    dividing by the norm each time keeps the numbers in range. */
export function spectralRadius(A) {
  let logarithm = 0; // of ‖A^k‖^(1/k)
  let [power, k] = [A, 1]; // A^k, divided by what `logarithm` holds
  for (let i = 0; i <= 50; i++) {
    const size = Math.max(...power.map((row) => Math.max(...row.map(Math.abs))));
    if (size < 1e-250) return 0; // nilpotent: some power of it is zero
    logarithm += Math.log(size) / k;
    power = scale(power, 1 / size);
    power = product(power, power);
    k *= 2;
  }
  return Math.exp(logarithm);
}

/** The largest singular value: how much A can lengthen a vector. */
export const spectralNorm = (A) => Math.sqrt(spectralRadius(product(A, transpose(A))));
