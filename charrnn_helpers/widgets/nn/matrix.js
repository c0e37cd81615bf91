/* Vectors are arrays of numbers, matrices arrays of rows. */

export const add = (a, b) => a.map((a_i, i) => a_i + b[i]);

/* What all others rest on, `dot` and `multiplyTransposed`, are plain loops: they run much faster. */

export function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

export const norm = (a) => Math.sqrt(dot(a, a));

export const scale = (W, factor) => W.map((row) => row.map((w) => factor * w));

/** W x. */
export const multiply = (W, x) => W.map((row) => dot(row, x));

/** Wᵀ y: what a gradient meets on its way back through W. */
export function multiplyTransposed(W, y) {
  const result = W[0].map(() => 0);
  for (let i = 0; i < W.length; i++) {
    const [row, y_i] = [W[i], y[i]];
    for (let j = 0; j < row.length; j++) result[j] += row[j] * y_i;
  }
  return result;
}

export const transpose = (W) => W[0].map((_, j) => W.map((row) => row[j]));

/** A B. */
export function product(A, B) {
  return A.map((row) => multiplyTransposed(B, row));
}

/** The largest of any number of values: Math.max takes about 100,000, and no more. */
export const largestOf = (values) => values.reduce((a, b) => Math.max(a, b), -Infinity);

export const identity = (n) =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));

/** The largest absolute value of an eigenvalue.

    The eigenvalues of a matrix are those of its groups, taken alone. A chain, whose powers grow
    and underflow before they settle, falls into groups of one, and is exact. */
export const spectralRadius = (A) =>
  Math.max(...linkedPlaces(A).map((group) => gelfand(group.map((i) => group.map((j) => A[i][j])))));

/** Places that lead to each other, over any number of entries that are not zero. */
function linkedPlaces(A) {
  const leads = A.map((row, i) => row.map((a, j) => a !== 0 || i === j));
  A.forEach((_, k) => leads.forEach((from) => {
    if (from[k]) leads[k].forEach((on, j) => (from[j] ||= on));
  }));
  const together = leads.map((from, i) => from.flatMap((to, j) => (to && leads[j][i] ? [j] : [])));
  return together.filter((group, i) => group[0] === i); // each group once, by its first place
}

/** Gelfand's formula: ρ(A) = lim ‖A^k‖^(1/k).

    Squaring A again and again reaches k = 2⁵⁰, where the limit has been reached in all digits;
    dividing by the norm each time keeps the numbers in range. */
function gelfand(A) {
  let logarithm = 0; // of ‖A^k‖^(1/k)
  let [power, k] = [A, 1]; // A^k, divided by what `logarithm` holds
  for (let i = 0; i <= 50; i++) {
    const size = Math.max(...power.map((row) => Math.max(...row.map(Math.abs))));
    if (size === 0) return 0; // some power of A is zero, and so are all its eigenvalues
    logarithm += Math.log(size) / k;
    power = power.map((row) => row.map((a) => a / size));
    power = product(power, power);
    k *= 2;
  }
  return Math.exp(logarithm);
}

/** The largest singular value: how much A can lengthen a vector.

    It is the root of the largest eigenvalue of A Aᵀ. Gelfand's formula would give that too, but ten
    times slower, and a figure that measures products of Jacobians asks for many of these. */
export function spectralNorm(A) {
  const size = Math.max(...A.map((row) => Math.max(...row.map(Math.abs))));
  if (!(size > 0 && size < Infinity)) return size;
  const rows = A.map((row) => row.map((w) => w / size)); // squares stay in range
  const square = rows.map((u) => rows.map((v) => dot(u, v)));
  return size * Math.sqrt(largestEigenvalue(...tridiagonal(square)));
}

/** Mirror a symmetric matrix until only its diagonal and the numbers beside it are left (Householder);
    no eigenvalue changes. Returns both. */
function tridiagonal(symmetric) {
  const A = symmetric.map((row) => [...row]);
  for (let k = 0; k < A.length - 2; k++) {
    const v = A[k].map((a, i) => (i > k ? a : 0)); // to be mirrored onto its first number
    const length = norm(v);
    if (length === 0) continue;
    v[k + 1] += v[k + 1] < 0 ? -length : length;
    const twice = 2 / dot(v, v);
    const p = v.map((_, i) => twice * dot(A[i], v));
    const share = (twice / 2) * dot(p, v);
    const q = p.map((p_i, i) => p_i - share * v[i]);
    A.forEach((row, i) => {
      for (let j = 0; j < row.length; j++) row[j] -= v[i] * q[j] + q[i] * v[j];
    });
  }
  return [A.map((row, i) => row[i]), A.slice(1).map((row, i) => row[i])];
}

/** The largest eigenvalue of a tridiagonal matrix that has none below 0, by halving an interval: a
    number is above all eigenvalues if, subtracted from the diagonal, it leaves no positive pivot. */
function largestEigenvalue(diagonal, beside) {
  let [low, high] = [Math.max(...diagonal), diagonal.reduce((a, b) => a + b)];
  const isAbove = (value) => {
    let pivot = 1;
    return diagonal.every((a, i) => {
      pivot = a - value - (i > 0 ? beside[i - 1] ** 2 / pivot : 0);
      return pivot < 0;
    });
  };
  for (let i = 0; i < 60 && low < high; i++) {
    const middle = (low + high) / 2;
    if (isAbove(middle)) high = middle;
    else low = middle;
  }
  return high;
}
