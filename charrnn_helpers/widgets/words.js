/* What the figures say: pure functions from what is to be told to a sentence. */

import { argmax } from "./rnn.js";
import { percent, visible } from "./dom.js";

/** Why the network cannot begin with this prompt; "" if it can. */
export function complaint(prompt, { characters, length }) {
  const letters = [...prompt];
  const at = letters.findIndex((c) => !characters.includes(c));
  if (letters.length === 0) return "Nothing to read yet: type at least one character.";
  if (at >= 0) {
    const other = [letters[at].toLowerCase(), letters[at].toUpperCase()]
      .find((c) => characters.includes(c));
    return `‘${visible(letters[at])}’ (character ${at + 1}) is not among the ${[...characters].length}`
      + ` that this network has seen: ${[...characters].map(visible).join(" ")}`
      + (other ? ` – try ‘${other}’.` : "");
  }
  if (letters.length >= length) {
    return `${letters.length} characters leave nothing to write, as the text ends after ${length}:`
      + ` shorten the start to ${length - 1} or fewer.`;
  }
  return "";
}

/** What the network expects after time step t, and what came.

    probabilities: [[character, p], …]. */
export function explanation({ prompt, text, length, temperature }, t, probabilities) {
  const letters = [...text];
  const next = letters[t];
  const [best, highest] = probabilities[argmax(probabilities.map(([, p]) => p))];
  const before = `After ‘${letters.slice(0, t).map(visible).join("")}’`
    + ` the network gives ‘${visible(best)}’ ${percent(highest)}`;
  const other = () =>
    `‘${visible(next)}’, given ${percent(probabilities.find(([c]) => c === next)[1])}`;
  if (t < [...prompt].length) {
    return next === best ? `${before}, and your text goes on with it.`
      : `${before}; your text goes on with ${other()}.`;
  }
  if (next && temperature === null) return `${before} and writes it.`;
  if (next) return `${before}; chance drew ${next === best ? "it" : other()}.`;
  if (t >= length) return `${before}, but the text ends here, after ${length} characters.`;
  return temperature === null ? `${before}, so that comes next.` : `${before}; chance will decide.`;
}
