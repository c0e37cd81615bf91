/* What the figure `TimeMachine` says: pure functions from numbers to sentences. */

import { readable } from "../ui/complaint.js";
import { percent, signed, visible } from "../ui/format.js";
import { LENGTH } from "./net.js";

/** A character as it is shown: neither a space nor a new line would be seen. */
export const shown = (character) => (character === "\n" ? "¶" : visible(character));

/** A text as it stands in a box of one line, and back: a new line is written as ¶. */
export const inBox = (text) => text.replaceAll("\n", "¶");
export const fromBox = (typed, characters) =>
  readable(characters.includes("¶") ? typed : typed.replaceAll("¶", "\n"), characters);

const counted = (n, what) => `${n.toLocaleString("en-US")} ${what}${n === 1 ? "" : "s"}`;

export const moment = (updates) =>
  (updates === 0 ? "before training" : `after ${counted(updates, "update")}`);

export const momentWords = ({ updates, held_out }) =>
  `${moment(updates)} · ${held_out.toFixed(2)} bits a character held out`;

/** How much each box holds, from … to …, as in figure.py. */
const HOLDS = { text: [2, 80], prompt: [1, LENGTH - 1] };

/** Why the network cannot read what is in a box, "text" or "prompt"; "" if it can. */
export function objectionTo(role, text, characters) {
  const [[least, most], letters] = [HOLDS[role], [...text]];
  const at = letters.findIndex((c) => !characters.includes(c));
  if (at >= 0) {
    const other = [letters[at].toLowerCase(), letters[at].toUpperCase()]
      .find((c) => characters.includes(c));
    return `‘${shown(letters[at])}’ (character ${at + 1}) is not among the ${[...characters].length}`
      + ` that this network has seen${other ? `: try ‘${other}’` : ""}.`;
  }
  if (letters.length < least) return `Too short: type at least ${counted(least, "character")}.`;
  return letters.length > most ? `${letters.length} characters are too many: keep to ${most}.` : "";
}

/** How far back the gradient of T losses reaches; found: { horizon }, or null while it is computed. */
export function horizonWords(found, T) {
  if (!found) return "Tracing every loss back to every use of the weights …";
  const { horizon } = found;
  if (horizon === 0) return "On this passage W_hh has no gradient.";
  return horizon === T ? `Only the whole gradient, back over ${counted(T, "character")}, is right to 10\u00a0%.`
    : `A gradient that reaches back over ${counted(horizon, "character")} is right to 10\u00a0%.`;
}

/** What has been learnt up to a checkpoint; first: the one to compare it with. */
export function story({ updates, held_out }, first, V, found, T) {
  const when = moment(updates);
  const saved = first.held_out - held_out;
  const change = updates > first.updates
    ? `${signed(Math.abs(saved), 2)} ${saved < 0 ? "more" : "fewer"} than ${moment(first.updates)}`
    : `where a blind guess among ${V} takes ${Math.log2(V).toFixed(2)}`;
  return `${when[0].toUpperCase()}${when.slice(1)}, a character of a text that it has not seen takes`
    + ` ${held_out.toFixed(2)} bits, ${change}. ${horizonWords(found, T)}`;
}

/** One character of the passage: how likely it was. p is undefined for the first. */
export const letterWords = (letter, p) => `‘${shown(letter)}’: `
  + (p === undefined ? "given" : `${percent(p)} likely, ${(-Math.log2(p)).toFixed(1)} bits`);

/** One cell of the heat map. */
export const cellWords = (letter, unit, h) =>
  `Unit ${unit} after ‘${shown(letter)}’: ${signed(h, 2)}`;

/** Between what the unit that is looked at moves; values: one a character, or null. */
export function unitWords(unit, letters, values) {
  if (!values) {
    return "Each row is a unit, each column a character. Choose a unit, and the characters take its"
      + " colour.";
  }
  const at = (best) => {
    const value = best(...values);
    return `${signed(value, 2)} (after ‘${shown(letters[values.indexOf(value)])}’)`;
  };
  return `Unit ${unit} moves between ${at(Math.min)} and ${at(Math.max)}.`;
}
