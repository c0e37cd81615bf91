/* What the drawing of the figure `Unroll` is made of: eight copies of a cell, and the one cell with
   its loop that they fold into. Made once; `unroll_graph.js` puts everything into its place. */

import { ENTRIES, WEIGHT_NAMES, entryName } from "./net.js";
import { shape, uniqueId } from "../ui/dom.js";

const LONGEST = 8; // time steps
const MATRICES = WEIGHT_NAMES.filter((weight) => weight.startsWith("W"));
const CENTRED = { "text-anchor": "middle" };

/** A name as in the formulas: the letter in italics, its index lowered. */
function inscription(name, attributes, after = "") {
  const [letter, index] = name.split("_");
  return shape("text", { class: "rnn-inscription", ...attributes },
    shape("tspan", { "font-style": "italic" }, letter),
    shape("tspan", { dy: 3, "font-size": "0.72em" }, index),
    ...(after ? [shape("tspan", { dy: -3, dx: 3, class: "rnn-handle" }, after)] : []));
}

/** A box with its number and, below, room for a gradient. */
function box(round) {
  return shape("g", {}, shape("rect", { rx: round }),
    shape("text", { class: "rnn-value", ...CENTRED }),
    shape("text", { class: "rnn-slope", ...CENTRED }));
}

/** A node: its boxes, and its name. The two units of a state stand in one frame. */
function node(kind, name, attributes) {
  const boxes = kind === "h" ? [box(6), box(6)] : [box(14)];
  const title = inscription(name, CENTRED, kind === "x" && attributes["data-node"] ? "↕" : "");
  const made = shape("g", { class: `rnn-node rnn-node-${kind}`, ...attributes }, ...boxes, title);
  const frame = shape("rect", { class: "rnn-frame", rx: 10 });
  if (attributes["data-node"]) frame.dataset.node = attributes["data-node"];
  return Object.assign(made, { boxes, title, kind, frame: kind === "h" ? frame : null });
}

function nodeOf(kind, t) {
  const name = `${kind}_${t}`;
  return Object.assign(node(kind, name, { "data-node": name, role: "button", tabindex: -1 }), { t });
}

/** One use of one number of a weight: a line, with a wider one to point at; for a bias a dot. */
function use(entry, t, arrows) {
  const [weight] = entry;
  const name = entryName(entry);
  const parts = weight.startsWith("W")
    ? [shape("path", { class: "rnn-hit" }),
      shape("path", { class: "rnn-line", "marker-end": `url(#${arrows}-${weight})` })]
    : [shape("circle", { class: "rnn-dot", r: 4 })];
  const made = shape("g",
    { class: `rnn-use rnn-use-${weight}`, "data-weight": weight, "data-entry": name }, ...parts);
  return Object.assign(made, { entry, name, t });
}

const nameOf = (weight) => inscription(weight, {
  class: `rnn-inscription rnn-use rnn-use-${weight}`, "data-weight": weight,
  "text-anchor": { W_xh: "start", W_hh: "middle", W_ho: "end" }[weight],
});

/** One copy of the cell, for time step t; of time step 0 there is only the state. */
function copy(t, arrows) {
  const nodes = (t > 0 ? ["x", "h", "o"] : ["h"]).map((kind) => nodeOf(kind, t));
  const uses = t > 0 ? ENTRIES.map((entry) => use(entry, t, arrows)) : [];
  const names = t > 0 ? MATRICES.map(nameOf) : [];
  const of = (...weights) => [...uses, ...names].filter((u) => weights.includes(u.dataset.weight));
  const note = shape("text", { class: "rnn-note", y: 13, ...CENTRED });
  const made = shape("g", { class: "rnn-copy", "data-step": t },
    nodes.find((one) => one.frame).frame,
    shape("g", { class: "rnn-recurrent" }, ...of("W_hh")), ...of("W_xh", "W_ho"),
    ...nodes, ...of("b_h", "b_o"), note);
  return Object.assign(made, { t, nodes, uses, names, note });
}

/** The cell with its loop; the symbols of the formulas stand where the numbers would. */
function folded(arrows) {
  const nodes = ["x_t", "h_t", "o_t"].map((name) => node(name[0], name, {}));
  const words = ["input", "unit 1", "unit 2", "output"];
  nodes.flatMap(({ boxes }) => boxes).forEach((one, i) => one.children[1].append(words[i]));
  const uses = ENTRIES.filter(([weight]) => weight !== "W_hh").map((entry) => use(entry, 1, arrows));
  const loop = shape("path", { class: "rnn-line", "marker-end": `url(#${arrows}-W_hh)` });
  const delay = shape("g", { class: "rnn-delay" },
    shape("rect", { x: -40, y: -14, width: 80, height: 28, rx: 3 }),
    shape("text", { y: 4, ...CENTRED }, "1 step later"));
  const names = MATRICES.map(nameOf);
  const dots = uses.filter(({ entry }) => entry[0].startsWith("b"));
  const made = shape("g", { class: "rnn-folded", "aria-hidden": "true" }, nodes[1].frame,
    shape("g", { class: "rnn-use-W_hh" }, loop), ...uses, ...nodes, ...dots, delay, ...names);
  return Object.assign(made, { nodes, uses, names, loop, delay });
}

/** Make the whole drawing: { svg, copies (of h_0, and of time steps 1 to 8), cell }. */
export function buildGraph() {
  const arrows = uniqueId("arrow");
  const marker = (weight) => shape("marker", {
    id: `${arrows}-${weight}`, class: `rnn-arrow rnn-use-${weight}`, viewBox: "0 0 8 8", refX: 7.5,
    refY: 4, markerWidth: 9, markerHeight: 9, orient: "auto", markerUnits: "userSpaceOnUse",
  }, shape("path", { d: "M0 0.5 8 4 0 7.5z" }));
  const copies = Array.from({ length: LONGEST + 1 }, (_, t) => copy(t, arrows));
  const cell = folded(arrows);
  const svg = shape("svg", { class: "rnn-graph rnn-still", role: "group", "data-role": "graph" },
    shape("defs", {}, ...MATRICES.map(marker)), cell, ...copies);
  return { svg, copies, cell };
}
