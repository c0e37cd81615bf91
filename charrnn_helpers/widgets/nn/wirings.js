/* What the figure `WiringChooser` computes: which nodes and arrows a wiring has, and what a trained
   network of that wiring makes of one example.

   A problem is { input: "picture" | "words" | "frames", output: "decision" | "sequence" | "every step" }
   and, where one is trained, its `net`, with modules by their names in PyTorch:
     embed      what turns the input of one time step into a vector: [["linear", name] | ["embedding",
                name] | ["tanh"] | ["relu"], …]
     recurrent  { cell, name } of the layer that reads; null where there is one input and no loop
     head       name of the layer behind the states; null if a decoder writes
     decoder    { cell, embed, recurrent, head }, all names; null if none writes
     start, stop, longest    of what a decoder writes */

import { add, multiply } from "./matrix.js";
import { ACTIVATIONS, argmax, logits, read, softmax, step } from "./rnn.js";
import { layerOf } from "./packed.js";

const LEVELS_OF_GREY = 240; // as in demonstration.py

/** The frames of a video, or the one picture, as vectors; from bytes in base64. */
export function pixelsOf({ pixels, shape: [frames, rows, columns] }) {
  const bytes = Uint8Array.from(atob(pixels), (character) => character.charCodeAt(0));
  const size = rows * columns;
  return Array.from({ length: frames }, (_, t) =>
    Array.from(bytes.subarray(t * size, (t + 1) * size), (byte) => byte / LEVELS_OF_GREY));
}

/** What the network reads at each time step: integers of words, or vectors of pixels. */
export const inputsOf = (example) => example.integers ?? pixelsOf(example);

/** One input, or one state, through layers that know no time. */
function forwardThrough(weights, layers, x) {
  return layers.reduce((value, [kind, name]) => {
    if (kind === "embedding") return weights[`${name}.weight`][value];
    if (kind !== "linear") return value.map(ACTIVATIONS[kind][0]);
    return add(multiply(weights[`${name}.weight`], value), weights[`${name}.bias`]);
  }, x);
}

/** Write the likeliest token after each other, until stop. */
export function writeFrom(weights, { decoder, start, stop, longest }, context) {
  const layer = layerOf(weights, decoder.cell, decoder.recurrent, decoder.head);
  const steps = [];
  let [state, token] = [{ h: context }, start];
  while (steps.length < longest && token !== stop) {
    state = step(layer, weights[`${decoder.embed}.weight`][token], state);
    const p = softmax(logits(layer, state));
    steps.push({ written: token, h: state.h, p });
    token = argmax(p);
  }
  return steps;
}

/** Run a trained network on the inputs of all time steps.

    Returns `states`, those of the network that reads; `steps`, what a decoder did ({ written, h, p },
    empty if there is none); `outputs`, the probabilities at every output. */
export function runNetwork(weights, { net, output }, inputs) {
  const xs = inputs.map((x) => forwardThrough(weights, net.embed, x));
  const layer = net.recurrent && layerOf(weights, net.recurrent.cell, net.recurrent.name);
  const states = layer ? read(layer, xs).map(({ h }) => h) : xs;
  if (net.decoder) {
    const steps = writeFrom(weights, net, states.at(-1));
    return { states, steps, outputs: steps.map(({ p }) => p) };
  }
  const decided = output === "every step" ? states : states.slice(-1);
  const outputs = decided.map((h) => softmax(forwardThrough(weights, [["linear", net.head]], h)));
  return { states, steps: [], outputs };
}

/** The wiring of a problem, unrolled: T inputs; N tokens are written, where a sequence is.

    Nodes are named by their kind and their time step, from 1: x input, h state, o output; where a
    sequence is written y a token that goes back in, s a state of the decoder.
    Returns `nodes`, [{ name, kind, t, column, tier }], and `edges`, [{ from, to, kind }]. */
export function graphOf({ output }, T, N = 0) {
  const upTo = (n) => Array.from({ length: n }, (_, i) => i + 1);
  const chain = (kind, n) => upTo(n - 1).map((t) => edge(`${kind}${t}`, `${kind}${t + 1}`, "state"));
  const writes = output === "sequence";
  const reading = upTo(T).flatMap((t) =>
    [node("x", t, t - 1, writes && T > 1 ? 1 : 0), node("h", t, t - 1, writes && T > 1 ? 1 : 0)]);
  const edges = [...upTo(T).map((t) => edge(`x${t}`, `h${t}`, "input")), ...chain("h", T)];
  if (!writes) {
    const decided = output === "every step" ? upTo(T) : [T];
    return {
      nodes: [...reading, ...decided.map((t, i) => node("o", i + 1, t - 1, 0))],
      edges: [...edges, ...decided.map((t, i) => edge(`h${t}`, `o${i + 1}`, "output"))],
    };
  }
  const first = T > 1 ? 0 : 1; // beside a picture, above a sequence
  const writing = upTo(N).flatMap((t) => ["y", "s", "o"].map((kind) => node(kind, t, first + t - 1, 0)));
  return {
    nodes: [...reading, ...writing],
    edges: [
      ...edges, edge(`h${T}`, "s1", "context"), ...chain("s", N),
      ...upTo(N).map((t) => edge(`y${t}`, `s${t}`, "input")),
      ...upTo(N).map((t) => edge(`s${t}`, `o${t}`, "output")),
      ...upTo(N - 1).map((t) => edge(`o${t}`, `y${t + 1}`, "written")),
    ],
  };
}

const node = (kind, t, column, tier) => ({ name: `${kind}${t}`, kind, t, column, tier });
const edge = (from, to, kind) => ({ from, to, kind });

/** All nodes that one depends on; for an input, all that depend on it. With the node itself. */
export function lightsOf({ edges }, name) {
  const [here, there] = name.startsWith("x") ? ["from", "to"] : ["to", "from"];
  const lit = new Set([name]);
  for (const one of lit) for (const e of edges) if (e[here] === one) lit.add(e[there]);
  return lit; // a set that grows while it is gone through is gone through to its end
}
