/* A trained network's weights in few bytes; packed.py writes them, and tells how.

   packed = { name: { shape, steps (float32, one a row), bytes } }, both in base64; names as in
   PyTorch. */

function bytesOf(base64) {
  const characters = atob(base64);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

function floatsOf(base64) {
  const view = new DataView(bytesOf(base64).buffer);
  return Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

/** The same weights as arrays: vectors, and matrices as arrays of rows. What has more than two axes
    is a matrix with the first axis as its rows. */
export function unpacked(packed) {
  return Object.fromEntries(
    Object.entries(packed).map(([name, { shape, steps, bytes }]) => {
      const multiples = new Int8Array(bytesOf(bytes).buffer);
      const stepOf = floatsOf(steps);
      const width = multiples.length / stepOf.length;
      const rows = stepOf.map((step_r, r) => {
        const row = new Array(width);
        for (let i = 0; i < width; i++) row[i] = multiples[r * width + i] * step_r;
        return row;
      });
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
