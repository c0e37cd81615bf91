/* What the figure `WiringChooser` says: pure functions to strings. */

import { GLYPHS, percent } from "../ui/format.js";
import { lightsOf } from "../nn/wirings.js";

/** The kinds, in the order of the choices: [kind, its name, an explanation]. */
export const KINDS_OF_INPUT = [
  ["picture", "one thing", "a picture"],
  ["words", "a sequence", "words"],
  ["frames", "a sequence", "frames of a video"],
];
export const KINDS_OF_OUTPUT = [
  ["decision", "one decision", "at the end"],
  ["sequence", "a sequence", "of its own length"],
  ["every step", "decisions", "one at every step"],
];

const UNIT = { picture: "picture", words: "word", frames: "frame" };

const quoted = (label) => (GLYPHS.get(label)?.length === 1 && label !== " "
  ? `${GLYPHS.get(label)} ${label}` : `‘${label.replace(/[<>]/g, "")}’`);

/** Labels as one text: letters are joined, words have spaces between them. */
export function joined(labels) {
  return labels.every((label) => [...label].length === 1) ? labels.join("") : labels.join(" ");
}

const numbered = (unit, from, to) =>
  (from === to ? `${unit} ${from}` : `${unit}s ${from} to ${to}`);

/** What stands below the graph when nothing is pointed at: the answer, and whether it is right. */
export function verdict({ output }, example, answer) {
  const { right } = example;
  if (output === "every step") {
    const count = answer.filter((label, t) => label === right[t]).length;
    return `${count} of ${right.length} decisions are right.`
      + (count < right.length ? " A wrong one is crossed; what is right stands above it." : "");
  }
  const [given, wanted] = [joined(answer), joined(right)];
  const is = given === wanted ? "That is right." : `Wrong: it should be ‘${wanted}’.`;
  return `The network ${output === "sequence" ? "writes" : "says"} ‘${given}’. ${is}`;
}

/** What a node is, and what it depends on. `run`: what the network did, null where none is trained;
    `labels`: what its outputs stand for. */
export function aboutNode(problem, graph, node, run, written) {
  const unit = UNIT[problem.input];
  const { kind, t } = node;
  if (kind === "x") return `${aboutInput(unit, t, graph)}`;
  if (kind === "y") {
    return t === 1 ? "‘start’ tells the decoder to begin." : `What was written at step ${t - 1} goes`
      + " back in: the decoder must know what it has said.";
  }
  if (kind === "h") return aboutState(problem, unit, t, graph);
  if (kind === "s") {
    return `The decoder's state at its step ${t}. It depends on all that was read, through the`
      + ` context alone${t > 1 ? ", and on what has been written before" : ""}.`;
  }
  return `${aboutOutput(unit, node, graph, written)}${run ? ` ${likeliest(problem, run, t)}` : ""}`;
}

function aboutInput(unit, t, graph) {
  const outputs = [...lightsOf(graph, `x${t}`)].filter((name) => name[0] === "o");
  const all = graph.nodes.filter(({ kind }) => kind === "o").length;
  const which = outputs.length === all ? (all === 1 ? "the output" : "every output")
    : `${outputs.length} of the ${all} outputs: its own and all later ones`;
  return `${unit[0].toUpperCase()}${unit.slice(1)} ${t} can change ${which}.`;
}

function aboutState(problem, unit, t, graph) {
  const T = graph.nodes.filter(({ kind }) => kind === "h").length;
  if (T === 1) {
    return problem.output === "sequence"
      ? "The context: all that the decoder will ever know of the picture."
      : "The hidden layer. There is one step, so there is nothing to remember.";
  }
  const read = `The state after ${numbered(unit, 1, t)}.`;
  if (t < T) return `${read} All that the network keeps of them.`;
  return problem.output === "sequence" ? `${read} It is the context: all that the decoder will know.`
    : read;
}

function aboutOutput(unit, { t, name }, graph, written) {
  const read = [...lightsOf(graph, name)].filter((other) => other[0] === "x").length;
  const sources = unit === "picture" ? "the picture" : numbered(unit, 1, read);
  const all = graph.nodes.filter(({ kind }) => kind === "x").length;
  if (written) {
    return `Step ${t} of writing depends on all that was read, ${sources}`
      + `${t > 1 ? ", and on what was written before" : ""}.`;
  }
  return `This decision depends on ${sources}${read < all ? ", and on nothing that comes later" : ""}.`;
}

function likeliest({ labels }, { outputs }, t) {
  const best = outputs[t - 1].map((p, i) => [p, labels[i]]).sort((a, b) => b[0] - a[0]).slice(0, 3);
  return `Likeliest: ${best.map(([p, label]) => `${quoted(label)} ${percent(p)}`).join(", ")}.`;
}

/** The number of lines, and which of them the other code does not have. */
export function markedLines(code, other) {
  const known = new Set(other.flatMap(({ lines }) => lines.map((line) => line.trim())));
  return code.map(({ heading, lines }) => ({
    heading, lines: lines.map((line) => [line, line.trim() !== "" && !known.has(line.trim())]),
  }));
}
