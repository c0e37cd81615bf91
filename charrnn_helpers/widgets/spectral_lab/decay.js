/* What is left of a gradient after d steps back, measured on one run of a network, and the lines
   that it is compared with. Pure functions. */

import { identity, product, spectralNorm } from "../nn/matrix.js";
import { trace } from "../nn/bptt.js";
import { stepJacobians } from "../nn/gradient_flows.js";
import { labInputs, labWeights, unitBlocks } from "../nn/initialization.js";

/** Norms of products of matrices, from the last one back: for d = 0 … T. */
export function productNorms(matrices) {
  let whole = identity(matrices[0].length);
  const norms = [1];
  for (let t = matrices.length - 1; t >= 0; t--) {
    whole = product(whole, matrices[t]);
    norms.push(spectralNorm(whole));
  }
  return norms;
}

/** ‖∂s_T/∂s_{T−d}‖ for d = 0 … T along the run of a network over xs. */
export const gradientNorms = (weights, xs) => productNorms(stepJacobians(weights, trace(weights, xs)));

/** Remember the last result; the arguments are told apart by their text. */
function remembered(compute) {
  let [last, result] = [null, null];
  return (...given) => {
    const key = JSON.stringify(given);
    if (key !== last) [last, result] = [key, compute(...given)];
    return result;
  };
}

/** A measurement that does again only what a change asks for: drawing at another radius needs no new
    matrices, as all that it does is to scale them. */
export function laboratory() {
  const blocksOf = remembered(unitBlocks);
  const plainBlocksOf = remembered(unitBlocks);
  const normsOf = remembered((blocks) => blocks.map(spectralNorm));
  const powersOf = remembered((W, T) => productNorms(Array(T).fill(W)));

  return (given) => {
    const { kind, cell, hidden_size: H, seed, radius, length: T } = given;
    const blocks = blocksOf(kind, cell, H, seed);
    const weights = labWeights(given, blocks);
    const inputs = labInputs(given, H);
    const found = {
      weights, inputs, norms: gradientNorms(weights, inputs),
      largest: normsOf(blocks).map((norm) => radius * norm), // σ_max of each gate's block
    };
    const ds = Array.from({ length: T + 1 }, (_, d) => d);
    if (cell === "rnn") { // the slope of every activation is at most 1
      found.bound = ds.map((d) => found.largest[0] ** d);
      found.radii = ds.map((d) => radius ** d);
      found.powers = powersOf(blocks[0], T).map((norm, d) => norm * radius ** d);
    } else {
      const plain = { ...given, cell: "rnn", activation: "tanh" };
      found.plain = gradientNorms(labWeights(plain, plainBlocksOf(kind, "rnn", H, seed)), inputs);
    }
    return found;
  };
}
