/* Why a text cannot be read by a network. */

import { visible } from "./format.js";

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

/** What was typed, in the characters that a network has seen: an accent and its letter as one, and
    plain letters for wide ones. What is still unknown stays as it is. */
export function readable(typed, characters) {
  const isKnown = (text) => [...text].every((c) => characters.includes(c));
  if (isKnown(typed)) return typed;
  const plain = (c) => (!isKnown(c) && isKnown(c.normalize("NFKC")) ? c.normalize("NFKC") : c);
  return [...typed.normalize("NFC")].map(plain).join("");
}
