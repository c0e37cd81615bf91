/* A trained network's weights in few bytes; packed.py writes them, and tells how.

   packed = { name: { shape, steps (one a row), bytes (base64) } }, names as in PyTorch. */

/** The same weights as arrays: vectors, and matrices as arrays of rows. What has more than two axes
    is a matrix with the first axis as its rows. */
export function unpacked(packed) {
  return Object.fromEntries(
    Object.entries(packed).map(([name, { shape, steps, bytes }]) => {
      const multiples = Int8Array.from(atob(bytes), (character) => character.charCodeAt(0));
      const width = multiples.length / steps.length;
      const rows = steps.map((step_r, r) =>
        Array.from(multiples.subarray(r * width, (r + 1) * width), (m) => m * step_r));
      return [name, shape.length === 1 ? rows[0] : rows];
    }),
  );
}

/** The weights of one recurrent layer, and of the head behind it if there is one, as rnn.js takes
    them. */
export function layerOf(weights, cell, recurrent, head) {
  return {
    cell,
    W_xh: weights[`${recurrent}.weight_ih_l0`],
    W_hh: weights[`${recurrent}.weight_hh_l0`],
    b_xh: weights[`${recurrent}.bias_ih_l0`],
    b_hh: weights[`${recurrent}.bias_hh_l0`],
    ...(head && { W_ho: weights[`${head}.weight`], b_o: weights[`${head}.bias`] }),
  };
}
