/* What the figure `Translator` makes of a sentence, and what it says: pure functions. */

import { percent, quoted } from "../ui/format.js";
import { argmax } from "../nn/rnn.js";
import { runNetwork, writeFrom } from "../nn/wirings.js";

export const MOST_READ = 12; // words, as in translator.py

/** A text as words: hyphens, commas and full stops count as spaces, wide letters as plain ones. */
export const wordsOf = (text) =>
  text.normalize("NFKC").toLowerCase().replace(/[-,.]/g, " ").split(/\s+/).filter((word) => word !== "");

const isKnown = (word, reads) => reads.indexOf(word) > 2; // the first three are special

/** Why a text cannot be read, and whether it may yet become one that can: { words, isOpen }. */
export function complaintAbout(text, reads) {
  const words = wordsOf(text);
  if (words.length === 0) return { words: "Nothing to read yet: type or choose a word.", isOpen: true };
  if (words.length > MOST_READ) {
    return { words: `That is ${words.length} words; ${MOST_READ} is the most.`, isOpen: false };
  }
  const strange = words.filter((word) => !isKnown(word, reads));
  if (strange.length === 0) return null;
  const last = words.at(-1);
  const endings = reads.filter((word) => word.startsWith(last) && isKnown(word, reads));
  if (strange.length === 1 && last === strange[0] && !/[\s,.-]$/.test(text) && endings.length > 0) {
    return { words: `‘${last}’ may become ${quoted(endings, "or")}.`, isOpen: true };
  }
  return { words: strangeness([...new Set(strange)]), isOpen: false };
}

function strangeness(strange) {
  const numbers = strange.some((word) => /\d/.test(word)) ? " Write numbers in words." : "";
  return `The network does not know ${quoted(strange, "or")}: it has never read `
    + `${strange.length === 1 ? "that word" : "these words"}.${numbers}`;
}

export const plain = (word) => (word === "<stop>" ? "stop" : word);

/** Write from a context, with the words of a beginning in the place of the decoder's own: up to each of
    them it wrote by itself, and from there it goes on.

    Returns [{ h, p, next: the token that comes out, isForced }, …]. */
function writeAfter(weights, net, context, beginning) {
  let steps = writeFrom(weights, net, context).map(withItsOwn);
  beginning.forEach((token, i) => {
    if (steps[i].next === token) return;
    const kept = [...steps.slice(0, i), { ...steps[i], next: token, isForced: true }];
    const { h } = steps[i];
    const left = token === net.stop ? 0 : net.longest - i - 1;
    steps = [...kept, ...writeFrom(weights, { ...net, start: token, longest: left }, h).map(withItsOwn)];
  });
  return steps;
}

const withItsOwn = ({ h, p }) => ({ h, p, next: argmax(p), isForced: false });

/** Run the network: the `words` that are read, T of them, with the encoder's `states`; and the N `steps`
    of writing, with the word that comes `out` of each. Also the `weights` that did it. */
export function translationOf({ net, reads, writes, text, beginning }, weights) {
  const words = wordsOf(text);
  const inputs = words.map((word) => reads.indexOf(word));
  const { states } = runNetwork(weights, { net, output: "sequence" }, inputs);
  const forced = beginning.map((word) => writes.indexOf(word));
  const steps = writeAfter(weights, net, states.at(-1), forced)
    .map((one) => ({ ...one, out: writes[one.next] }));
  return { weights, words, states, steps, T: words.length, N: steps.length };
}

/** What would be written if the sentence ended after t words. */
function endingAt({ net, writes }, { weights, states }, t) {
  return sentenceOf(writeFrom(weights, net, states[t - 1]).map(({ p }) => ({ out: writes[argmax(p)] })));
}

/** The likeliest words at one step of writing: [[word, p], …]. */
export const alternativesOf = ({ p }, writes, count = 6) =>
  p.map((value, i) => [writes[i], value]).sort((a, b) => b[1] - a[1]).slice(0, count);

/** The words that were written, without the sign to stop. */
export const wordsOut = (steps) => steps.map(({ out }) => out).filter((out) => out !== "<stop>");
export const sentenceOf = (steps) => wordsOut(steps).join(" ");

/** Whether the translation is right, where that is known. */
export function verdictOn({ net: { longest }, examples, text }, { steps, N }) {
  const written = sentenceOf(steps);
  const isCut = N === longest && steps.at(-1).out !== "<stop>";
  const cut = isCut ? "It has not stopped, and was cut off." : "";
  if (steps.some(({ isForced }) => isForced)) return `You have put a word in its mouth. ${cut}`.trim();
  if (isCut) return cut;
  const example = examples.find((one) => one.text === text);
  if (!example) return "Your own sentence: only you can tell whether this is right.";
  return example.right === written ? "Every word is right."
    : `Wrong: it should be ‘${example.right}’.`;
}

/** What is to be seen at one time step. */
export function aboutStep(given, run, t) {
  const { words, states, steps, T } = run;
  if (t <= T) {
    const read = `After ‘${words.slice(0, t).join(" ")}’ the encoder is in this state`;
    return t === T
      ? `${read}, the last: these ${states[0].length} numbers are the context, and all that the decoder gets.`
      : `${read}. If the sentence ended here, the French would be ‘${endingAt(given, run, t)}’.`;
  }
  const { p, next, out, isForced } = steps[t - T - 1];
  const before = steps.slice(0, t - T - 1).map((one) => one.out).join(" ");
  const after = before ? `After ‘${before}’` : "From the context alone";
  const chance = percent(p[next]);
  if (isForced) return `${after} you wrote ‘${plain(out)}’, which the decoder gave ${chance}. It goes on from there.`;
  return out === "<stop>" ? `${after} the decoder stops, ${chance}.`
    : `${after} the decoder writes ‘${out}’, ${chance}.`;
}
