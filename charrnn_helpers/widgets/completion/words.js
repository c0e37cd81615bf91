/* What the figure `Completion` says: pure functions from what is to be told to a sentence. */

import { argmax } from "../nn/rnn.js";
import { percent, visible } from "../ui/format.js";

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
