/* What the figure `GradientLedger` says: pure functions from numbers to sentences. */

import { element } from "../ui/dom.js";
import { percent, scientific, signed, visible } from "../ui/format.js";
import { byDistance, ledgerName, sharesOfLoss } from "./facts.js";
import { complaint } from "../ui/complaint.js";

export const CELL_NAMES = { rnn: "RNN", gru: "GRU", lstm: "LSTM" };

/** A weight's name as the book writes it. */
export const symbolOf = (cell, weight) =>
  (ledgerName(cell, weight) === "b_hh" && cell !== "gru" ? "b_h" : weight);

/** Turn W_hh in a sentence into W with an index: text and elements. */
export function typeset(words) {
  return words.replaceAll(" %", "\u00a0%").split(/\b([A-Za-z]_\w+)/).map((word, n) => {
    if (n % 2 === 0) return word;
    const [letter, index] = word.split("_");
    return element("span", { class: "rnn-symbol" }, element("i", {}, letter), element("sub", {}, index));
  });
}

/** Why a text has no ledger; "" if it has one. */
export function textComplaint(text, characters, longest) {
  const count = [...text].length;
  if (count < 3) return "Too short: type at least three characters.";
  return complaint(text, { characters, length: Infinity })
    || (count > longest ? `${count} characters are too many: shorten the text to ${longest}.` : "");
}

const whole = (share) => `${(100 * share).toFixed(0)} %`;

/** Where the gradient of the chosen loss goes, or that of all of them. */
export function flowWords({ T, letters, norms, shares, loss, symbol }) {
  if (symbol.endsWith("o")) {
    return `${symbol} comes after the state: a loss meets it at its own step only, so nothing flows back.`;
  }
  if (loss === null) {
    const near = byDistance(shares).slice(0, 2).reduce((a, b) => a + b, 0);
    const rest = near > 1 ? ", as those farther back partly point the other way" : "";
    return `All ${T} losses together: uses at most one step back have a share of`
      + ` ${percent(near).replace("-", "−")} of the ${symbol} gradient${rest}.`
      + " Choose a loss to see where its own goes.";
  }
  const among = sharesOfLoss(norms, loss).slice(0, loss + 1).reverse(); // by distance
  const last = (n) => among.slice(0, n).reduce((a, b) => a + b, 0);
  const who = `The loss at step ${loss + 1} (next letter ‘${visible(letters[loss + 1])}’)`;
  if (last(T) === 0) {
    const why = loss === 0 && symbol === "W_hh" ? "the state before it is 0" : "all its entries are 0";
    return `${who} gives ${symbol} nothing: ${why}.`;
  }
  if (loss === 0) return `${who} has one use of ${symbol} to go to: its own.`;
  const half = among.findIndex((_, d) => last(d + 1) >= 0.95) + 1;
  const most = half > 2 ? `; for 95 % it takes the last ${half}` : "";
  return `${who} sends ${whole(last(2))} of its blame (by norm) to the last two uses of ${symbol}${most}.`;
}

/** One entry of the ledger. */
export function entryWords({ letters, norms, symbol }, { i, j }) {
  return `Loss ${i + 1}, through the use of ${symbol} at step ${j + 1} (reading`
    + ` ‘${visible(letters[j])}’): norm ${scientific(norms[i][j])}, ${percent(sharesOfLoss(norms, i)[j])}`
    + " of the norms in its row.";
}

/** What a cut takes away: { share, error } of what is left. */
export function cutWords({ T, symbol, cutBy, k }, { share, error }) {
  if (k >= T) return `The whole way back: nothing of the ${symbol} gradient is lost.`;
  const lost = signed(100 * (1 - share), 1).replace("−0.0", "0.0");
  const note = 1 - share < -0.0005 ? " (below 0: what is cut off points the other way)" : "";
  const within = k === 1 ? "Each loss reaches its own use only" : "Blame ends at each cut";
  const reach = cutBy === "chunks" ? within : k === 1 ? "Each loss reaches its own use only" : `Each loss reaches back over ${k} uses`;
  return `${reach}. ${lost} % of the ${symbol} gradient is lost${note};`
    + ` what is left is off by ${percent(error)} of the whole one’s norm.`;
}

/** That the ledger is right, measured. */
export function sumWords({ T, sumError }) {
  return `The ${(T * (T + 1)) / 2} entries add up to the gradient, for every weight. Largest difference:`
    + ` ${scientific(sumError)}.`;
}
