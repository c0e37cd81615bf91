/* What the figure `SpectralLab` says, and the experiments that it offers. */

import { scientific } from "../ui/format.js";

/** What is left of the gradient after d steps back. */
export function leftOver(d, norm) {
  const steps = `${d} step${d === 1 ? "" : "s"} back`;
  if (norm === 0) return `${steps}, nothing of the gradient is left.`;
  if (norm > 1.005) return `${steps}, the gradient is at most ${scientific(norm)} times as large.`;
  if (norm > 0.995) return `${steps}, the whole gradient is still there.`;
  return `${steps}, at most ${scientific(norm)} of the gradient is left.`;
}

/** The experiments: what tells each from the others, and what there is to see. */
export const EXPERIMENTS = [
  {
    name: "Vanish",
    settings: { cell: "rnn", kind: "default", activation: "tanh", radius: 0.9 },
    words: "The bound grows without end, and yet the gradient vanishes: a bound above 1 promises"
      + " nothing. The shaded part is what tanh takes.",
  },
  {
    name: "Explode",
    settings: { cell: "rnn", kind: "default", activation: "identity", radius: 1.3 },
    words: "With ρ above 1 and nothing to hold it, the gradient grows by about ρ with every step."
      + " Choose tanh: saturation hides the explosion.",
  },
  {
    name: "Orthogonal",
    settings: { cell: "rnn", kind: "orthogonal", activation: "identity", radius: 1 },
    words: "A rotation keeps every length: all lines lie on 1. Choose tanh, and what falls below"
      + " them is its share alone.",
  },
  {
    name: "Non-normal",
    settings: { cell: "rnn", kind: "non-normal", activation: "identity", radius: 0.4 },
    words: "ρ is far below 1, and still the gradient grows before it fades: the radius tells only"
      + " how it ends.",
  },
  {
    name: "Identity + ReLU",
    settings: { cell: "rnn", kind: "identity", activation: "relu", radius: 1 },
    words: "Each unit copies itself. While one stays above 0, the gradient comes back whole; when"
      + " none does, nothing comes back. Draw again to meet both.",
  },
];

/** What an experiment sets besides. */
export const COMMON = { length: 50, input_scale: 1, distance: 50 };

/** The experiment whose settings these are, if there is one. */
export const experimentOf = (given) => EXPERIMENTS.find(({ settings }) =>
  Object.entries(settings).every(([name, value]) => given[name] === value));

/** What there is to see. */
export function hint(given) {
  if (given.cell === "rnn") {
    return experimentOf(given)?.words
      ?? "Settings of your own. Which of the lines will the measured one follow?";
  }
  const gate = given.cell === "gru" ? "z" : "f";
  return `The gate ${gate} lets the old state pass by the weights. The larger its bias, the further it is`
    + " open, and the more of the gradient comes back.";
}

/** What the activation has done at distance d; for a GRU or an LSTM, what an RNN would have left. */
export function comparison({ activation }, { norms, powers, plain }, d) {
  if (plain) return `A tanh RNN with the same ρ keeps ${plain[d] === 0 ? "nothing" : scientific(plain[d])}.`;
  if (activation === "identity") return "There is no activation at work: all of this is the matrix's.";
  const name = activation === "relu" ? "ReLU" : "tanh";
  if (norms[d] === 0) return `${name} has let nothing through.`;
  const factor = powers[d] / norms[d];
  if (factor < 1.005) return `${name} has taken nothing of it.`;
  return `Without ${name} it would be ${scientific(factor)} times as much.`;
}
