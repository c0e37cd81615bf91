/* What has been computed at each checkpoint, so that going back and forth costs nothing. Everything
   here follows from the traits of the figure `TimeMachine`: views may forget it at any time. */

import { layerOf, unpacked } from "../nn/packed.js";
import { flatten } from "../nn/flat.js";
import { reaching, reading, written } from "./net.js";

const MOST = 60; // results that are kept of each kind
const BUDGET = 8; // milliseconds of arithmetic in one frame

/** Remember what a function returned, by a key. */
function remembering(make) {
  const known = new Map();
  return (key, ...given) => {
    if (!known.has(key)) {
      if (known.size >= MOST) known.delete(known.keys().next().value); // the oldest
      known.set(key, make(...given));
    }
    return known.get(key);
  };
}

/** The memory for these checkpoints; `i` is always the place of one, `given` are the traits. */
export function newMemory({ checkpoints, cell, characters }) {
  const networks = remembering((i) =>
    flatten(layerOf(unpacked(checkpoints[i].weights), cell, "recurrent", "head")));
  const network = (i) => networks(i, i);
  function* tracing(i, text) {
    return yield* reaching(network(i), characters, text); // a network is unpacked when its turn comes
  }
  const samples = remembering((i, given) => written(network(i), given));
  const readings = remembering((i, text) => reading(network(i), characters, text));
  const jobs = remembering((i, text) => ({ steps: tracing(i, text), found: null }));
  const job = (i, { text }) => jobs(`${i} ${text}`, i, text);
  return {
    written: (i, given) =>
      samples(JSON.stringify([i, given.prompt, given.temperature, given.seed]), i, given),
    reading: (i, { text }) => readings(`${i} ${text}`, i, text),
    /** { shares, errors, horizon }, or null if that is still to be computed. */
    reach: (i, given) => job(i, given).found,
    /** Go on with what is missing, first of all at checkpoint i, until it is found or time is up;
        returns whether it is found. */
    work(i, given, isTimeUp) {
      const one = [i, ...checkpoints.keys()].map((at) => job(at, given)).find(({ found }) => !found);
      while (one && !one.found && !isTimeUp()) one.found = one.steps.next().value ?? null;
      return Boolean(one?.found);
    },
    isDone: (given) => checkpoints.every((_, i) => job(i, given).found),
  };
}

/** Do a little arithmetic in every frame until all gradients are known: the one that is shown first,
    then the others. news() is called after each; returns start(), which may be called at any time. */
export function workInFrames(memory, now, news) {
  let frame = null;
  const start = () => {
    if (frame === null && !memory().isDone(now())) frame = requestAnimationFrame(work);
  };
  function work() {
    const end = performance.now() + BUDGET;
    const isFound = memory().work(now().checkpoint, now(), () => performance.now() > end);
    frame = null;
    if (isFound) news();
    start();
  }
  return { start, end: () => cancelAnimationFrame(frame) };
}
