/* What the figure `SentimentMeter` knows about sentences, and says: pure functions. */

import { percent, quoted } from "../ui/format.js";

export const LONGEST = 40; // words, as in sentiment_meter.py
const FAR = 3; // letters apart, at which one word is not meant for another
const VERDICTS = ["negative", "positive"];

/** Typed text to words: a comma and a full stop stand alone; large letters become small ones, and wide
    ones plain. */
export const wordsOf = (typed) =>
  typed.normalize("NFKC").toLowerCase().replace(/[.,]/g, " $& ").split(/\s+/).filter(Boolean);

/** Words as they are written: no space before a mark. */
export const written = (words) => words.join(" ").replace(/ ([.,])/g, "$1");

/** How many letters must be put in, left out or replaced to make one word of the other. */
function lettersApart(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  [...a].forEach((letter, i) => {
    const above = row;
    row = [i + 1];
    [...b].forEach((other, j) => {
      row.push(Math.min(above[j + 1] + 1, row[j] + 1, above[j] + Number(letter !== other)));
    });
  });
  return row.at(-1);
}

/** The known words most like one that is not known, three at the most. */
export function similar(word, known) {
  return known.filter((other) => Math.abs(other.length - word.length) < FAR)
    .map((other) => [lettersApart(word, other), other])
    .filter(([d, other]) => d < FAR && d < Math.max(word.length, other.length) - 1)
    .sort(([d, a], [e, b]) => d - e || a.localeCompare(b)).slice(0, 3).map(([, other]) => other);
}

/** Whether the last word may still become a known one as the reader types on. */
export function isBegun(typed, known) {
  const last = wordsOf(typed).at(-1);
  return /\p{L}$/u.test(typed) && !known.includes(last) && known.some((word) => word.startsWith(last));
}

/** Why the network cannot read these words; "" if it can. */
export function objection(words, known, end) {
  if (words.length === 0) return "Nothing to read yet: type a word, or tap one below.";
  if (words.includes(end)) return `‘${end}’ ends a sentence, so nothing can stand behind it.`;
  if (words.length > LONGEST) {
    return `${words.length} words are too many for this figure: ${LONGEST} are the most.`;
  }
  const strange = [...new Set(words.filter((word) => !known.includes(word)))];
  if (strange.length === 0) return "";
  const perWord = strange.length > 1 ? 1 : 3;
  const near = [...new Set(strange.slice(0, 3).flatMap((word) => similar(word, known).slice(0, perWord)))];
  return `${quoted(strange, "and")} ${strange.length > 1 ? "are" : "is"} not among the ${known.length} `
    + "words that this network knows."
    + (near.length ? ` Did you mean ${quoted(near, "or")}?` : "");
}

/** The verdict that a probability of "positive" stands for; null while it is open. */
export const verdictAt = (p) => (p >= 0.4 && p <= 0.6 ? null : VERDICTS[Number(p > 0.5)]);

/** The time steps, from 1, at which the verdict is another than the one before; see turns_of. */
export function turnsOf(probabilities) {
  let standing = null;
  return probabilities.flatMap((p, i) => {
    const now = verdictAt(p) ?? standing;
    const turned = standing !== null && now !== standing;
    standing = now;
    return turned ? [i + 1] : [];
  });
}

const nameOf = (words, t) => (t === words.length ? "the end" : `‘${words[t - 1]}’ (word ${t})`);

/** The verdict after the words heard so far, and where it turned: two sentences. */
export function headline(words, probabilities, heard) {
  const so = probabilities.slice(0, heard);
  const verdict = `${so.length < words.length ? "So far" : "Verdict"}: ${verdictAt(so.at(-1)) ?? "open"}.`;
  const turns = turnsOf(so).map((t) => nameOf(words, t));
  if (turns.length) return [verdict, `It turns at ${turns.join(", then at ")}.`];
  if (so.length < words.length) return [verdict, ""];
  const formed = so.findIndex((p) => verdictAt(p)) + 1;
  return [verdict, formed ? `It forms at ${nameOf(words, formed)} and never turns.`
    : "No word brings one."];
}

/** What the network says after word t, and how far that is from before. */
export function reading(words, probabilities, t) {
  const p = probabilities[t - 1];
  const says = `${t === words.length ? "At the end" : `After ‘${words[t - 1]}’`}: `
    + `${percent(p)} positive${verdictAt(p) ? "" : " (open)"}`;
  if (t === 1) return `${says}.`;
  const points = (100 * (p - probabilities[t - 2])).toFixed(1);
  if (Number(points) === 0) return `${says}, as before.`;
  return `${says}, ${points.replace("-", "")} points ${Number(points) < 0 ? "less" : "more"} than before.`;
}

/** All clauses that begin at a place: where they end, and what they say. */
function* clausesAt(rules, words, at) {
  for (const { items, negated } of rules.clauses) {
    let end = at;
    const fits = items.every((item) => {
      const choices = Object.hasOwn(rules.classes, item) ? rules.classes[item] : [item];
      const stands = choices.includes(words[end]);
      if (stands) end += 1;
      return stands || item === "DEGREE"; // the only one that may be missing
    });
    if (fits) yield [end, Number(rules.positive.includes(words[end - 1]) !== negated)];
  }
}

/** All ways in which items fit the words from a place on: where they end, and the verdict. */
function* waysAt(rules, items, words, at) {
  const [first, ...rest] = items;
  if (first === undefined) yield [at, null];
  else if (first !== "COUNTS" && first !== "ASIDE") {
    if (words[at] === first) yield* waysAt(rules, rest, words, at + 1);
  } else {
    for (const [clauseEnd, said] of clausesAt(rules, words, at)) {
      for (const [end, label] of waysAt(rules, rest, words, clauseEnd)) {
        yield [end, first === "COUNTS" ? said : label];
      }
    }
  }
}

/** What the rules make of some words: "negative", "positive", or null if they do not give them. */
export function judged(rules, words) {
  for (const items of rules.sentences) {
    for (const [end, label] of waysAt(rules, items, words, 0)) {
      if (end === words.length) return VERDICTS[label];
    }
  }
  return null;
}

/** The truth by the rules, beside what the network says. */
export function truthOf(rules, words, probabilities) {
  const right = judged(rules, words);
  if (!right) return "The rules do not give this sentence: judge for yourself.";
  return verdictAt(probabilities.at(-1)) === right ? `Right: by the rules it is ${right}.`
    : `Wrong: by the rules it is ${right}.`;
}
