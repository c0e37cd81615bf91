/* Where everything of a wiring's drawing lies, in pixels: columns as wide as what stands in them. */

import { inNode } from "../ui/format.js";

const MARGIN = 76; // for the names of the rows
const EDGE = 6; // on the right
const WIDE = 3.5; // what a column may grow by, as a multiple of what it needs
const ROOMY = 74; // no column grows beyond this
export const LOW = 28; // a node of words
export const STATE = 46;
export const PICTURE = 48;

/** The width that a node needs for what stands in it. */
function widthOf({ kind }, content) {
  if (content.picture) return (PICTURE * content.picture.columns) / content.picture.rows + 12;
  if (content.frame) return 27;
  if (kind === "h" || kind === "s") return 27;
  return Math.max(24, 7.3 * [...inNode(content.words)].length + 8) + 6;
}

/** Places for all nodes.

    graph: of nn/wirings.js; contents: what stands in each node, by its name; width: the room there is.
    Returns { width, height, at: { name: { x, y, half, tall } }, rows: [[name, y]], lane }. */
export function layoutOf(graph, contents, width, { input, output }) {
  const needs = [];
  for (const node of graph.nodes) {
    needs[node.column] = Math.max(needs[node.column] ?? 0, widthOf(node, contents[node.name]));
  }
  const needed = needs.reduce((a, b) => a + b, 0);
  const room = width - MARGIN - EDGE;
  const stretch = Math.max(1, Math.min(WIDE, room / needed));
  const wide = needs.map((need) => Math.max(need, Math.min(ROOMY, need * stretch)));
  const fit = stretch > 1 ? Math.min(1, room / wide.reduce((a, b) => a + b, 0)) : 1;
  const widths = wide.map((w) => Math.max(27, w * fit));
  const left = widths.reduce((sum, w) => [...sum, sum.at(-1) + w], [MARGIN]);
  const tops = rowsOf(graph, input);
  const at = Object.fromEntries(graph.nodes.map(({ name, kind, column, tier }) => {
    const tall = tallOf(kind, contents[name]);
    const half = Math.min(widths[column] - 6, kind === "h" || kind === "s" ? 48 : Infinity) / 2;
    return [name, { x: left[column] + widths[column] / 2, y: tops[tier][kind], half, tall,
      edge: left[column] + widths[column] }];
  }));
  return {
    width: Math.max(width, left.at(-1) + EDGE), height: tops.height, at,
    rows: namesOfRows(tops, output), lane: tops.lane,
  };
}

function tallOf(kind, { picture, frame }) {
  if (kind === "h" || kind === "s") return STATE;
  return picture || frame ? PICTURE : LOW;
}

/** The middles of the rows of each tier. */
function rowsOf({ nodes }, input) {
  const tiers = Math.max(...nodes.map(({ tier }) => tier)) + 1;
  const below = input === "words" ? 72 : 84; // from a state to the input below it
  const upper = { o: 26, s: 98, h: 98 };
  if (tiers === 1) {
    const x = upper.h + below;
    return { 0: { ...upper, x, y: upper.h + 72 }, height: x + (input === "words" ? 24 : 34) };
  }
  const [y, h] = [upper.s + 72, upper.s + 72 + 92];
  const x = h + below;
  return { 0: { ...upper, y }, 1: { h, x }, lane: y + 36, height: x + (input === "words" ? 24 : 34) };
}

function namesOfRows(tops, output) {
  if (!tops[1]) {
    const { o, h, x } = tops[0];
    return [["output", o], [output === "sequence" ? "" : "state", h], ["input", x]];
  }
  return [["output", tops[0].o], ["decoder", tops[0].s], ["goes back", tops[0].y],
    ["encoder", tops[1].h], ["input", tops[1].x]];
}

/** The path of an arrow. */
export function pathOfEdge({ from, to, kind }, { at, lane }) {
  const [a, b] = [at[from], at[to]];
  const [top, bottom] = [(node) => node.y - node.tall / 2, (node) => node.y + node.tall / 2];
  if (kind === "state") return `M${a.x + a.half} ${a.y}H${b.x - b.half}`;
  if (kind === "written") {
    const side = a.edge;
    return `M${a.x + a.half} ${a.y}Q${side} ${a.y} ${side} ${a.y + 12}V${b.y - 12}`
      + `Q${side} ${b.y} ${Math.max(side, b.x - b.half)} ${b.y}`;
  }
  if (kind === "context" && a.y === b.y) return `M${a.x + a.half} ${a.y}H${b.x - b.half}`;
  if (kind === "context") {
    const side = b.x - b.half - 16;
    return `M${a.x} ${top(a)}V${lane + 8}q0 -8 -8 -8H${side + 8}q-8 0 -8 -8V${b.y + 8}q0 -8 8 -8`
      + `H${b.x - b.half}`;
  }
  return `M${a.x} ${top(a)}V${bottom(b)}`;
}
