/* A training run in the page, told by the traits of the figure `TrainHere` alone: from the same
   sentences, first weights and learning rate it takes the same course in every view. */

import { adamStep, freshWeights, lossAndGradient, newAdam } from "../nn/learning.js";
import { watch } from "../ui/dom.js";
import { argmax, logits, read, softmax, step } from "../nn/rnn.js";

export const LONGEST = 40; // characters of a sentence
export const MOST = 6; // sentences
const EARLIER = 3; // runs that stay in sight
const OF_THE_RUN = ["texts", "characters", "weights", "lr"]; // what a run follows from
const SEED = 1; // of the first weights, where the sentences bring characters of their own

/** What is wrong with what the reader has typed; "" if it can be learned. */
export function fault(texts) {
  if (texts.length === 0) return "Nothing to learn yet: write at least one sentence.";
  if (texts.length > MOST) {
    return `${texts.length} sentences are more than fit in here: keep to ${MOST}.`;
  }
  const short = texts.findIndex((text) => [...text].length < 2);
  if (short >= 0) {
    return `Sentence ${short + 1} has one character: there is nothing to predict in it. Give it two`
      + " or more.";
  }
  const long = texts.findIndex((text) => [...text].length > LONGEST);
  if (long >= 0) {
    return `Sentence ${long + 1} has ${[...texts[long]].length} characters: shorten it to ${LONGEST}.`;
  }
  return "";
}

/** The sentences in a text box: its lines, but for the empty ones. */
export const sentencesIn = (text) =>
  text.split("\n").map((line) => line.trim()).filter((line) => line !== "");

/** What the sentences say at best: how uncertain the next character is to whoever knows them all by
    heart, in nats, the mean over all characters. No network can do better. */
export function floorOf(padded) {
  const sentences = padded.map((text) => [...text]); // a character may be two units of a string
  const before = (letters, t) => letters.slice(0, t).join("");
  let total = 0;
  for (const letters of sentences) {
    for (let t = 1; t < letters.length; t++) {
      const same = sentences.filter((other) => before(other, t) === before(letters, t));
      const agree = same.filter((other) => other[t] === letters[t]);
      total -= Math.log(agree.length / same.length);
    }
  }
  return total / sentences.reduce((count, letters) => count + letters.length - 1, 0);
}

/** Begin a run: sentences filled up with blanks to one length, and the first weights. */
export function begin({ texts, characters, weights, lr }) {
  const T = Math.max(...texts.map((text) => [...text].length));
  const padded = texts.map((text) => [...text, ...Array(T - [...text].length).fill(" ")].join(""));
  const own = [...new Set(padded.join(""))].sort();
  const known = own.every((c) => characters.includes(c));
  const alphabet = known ? [...characters] : own;
  const H = weights.W_hh[0].length;
  const first = known ? weights : freshWeights(weights.cell, alphabet.length, H, SEED);
  const sentences = padded.map((text) => {
    const integers = [...text].map((c) => alphabet.indexOf(c));
    return { xs: integers.slice(0, -1), targets: integers.slice(1) };
  });
  return {
    padded, alphabet, known, sentences, lr, floor: floorOf(padded), losses: [],
    weights: [first], // before each epoch, and after the last
    adam: newAdam(first), // what it remembers of the last update, which the next one needs
  };
}

/** The runs before the next one, on the same sentences with other learning rates: of each only what is
    drawn, { lr, losses }, as a whole run is large. */
export function runsBefore(earlier, run, next) {
  if (JSON.stringify(next.padded) !== JSON.stringify(run.padded)) return [];
  const others = earlier.filter(({ lr }) => lr !== next.lr && lr !== run.lr);
  const isNew = run.losses.length > 0 && next.lr !== run.lr;
  return [...others, ...(isNew ? [{ lr: run.lr, losses: run.losses }] : [])].slice(-EARLIER);
}

/** The run that a model's traits ask for, and those before it: { run, earlier }. */
export function runsOf(model) {
  const get = (name) => model.get(name);
  const begun = () => begin({
    texts: get("texts"), characters: get("characters"), weights: get("weights"), lr: get("lr"),
  });
  const runs = { run: begun(), earlier: [] };
  watch(model, OF_THE_RUN, () => {
    const next = begun();
    runs.earlier = runsBefore(runs.earlier, runs.run, next);
    runs.run = next;
  });
  return runs;
}

/** Train for one epoch more. Its loss is that of the weights before the update, as in PyTorch. */
export function oneEpoch(run) {
  const { loss, gradient } = lossAndGradient(run.weights.at(-1), run.sentences);
  const { weights, adam } = adamStep(run.weights.at(-1), gradient, run.adam, run.lr);
  run.losses.push(loss);
  run.weights.push(weights);
  run.adam = adam;
}

/** How likely each character of each sentence was, given those before it: T − 1 numbers each. */
export function chances(run, epoch) {
  const weights = run.weights[epoch];
  return run.sentences.map(({ xs, targets }) =>
    read(weights, xs).map((state, t) => softmax(logits(weights, state))[targets[t]]));
}

/** What the network writes after the first word of each sentence, the likeliest each time. */
export function writings(run, epoch) {
  const weights = run.weights[epoch];
  return run.padded.map((text) => {
    const letters = [...text];
    const start = letters.slice(0, Math.max(1, letters.indexOf(" "))); // a first word, or a letter
    let state = read(weights, start.map((c) => run.alphabet.indexOf(c))).at(-1);
    const written = [...start];
    while (written.length < letters.length) {
      const x = argmax(logits(weights, state));
      written.push(run.alphabet[x]);
      state = step(weights, x, state);
    }
    return { start: start.join(""), written: written.join("") };
  });
}
