/* The drawing of the figure `WiringChooser`: a wiring, unrolled, with what every node holds. */

import { shape, uniqueId } from "../ui/dom.js";
import { diverging, inNode } from "../ui/format.js";
import { PICTURE, layoutOf, pathOfEdge } from "./layout.js";
import { pixelsOf } from "../nn/wirings.js";

const KINDS_OF_EDGE = ["input", "state", "output", "context", "written"];

/** What stands in each node: { words } or { picture } or { frame } or { state: h_t }, and for an
    output whether it is `wrong`, and then what is `right`. */
export function contentsOf(problem, graph, example, run, answer) {
  const pictures = example?.pixels ? pixelsOf(example) : [];
  const [, rows, columns] = example?.shape ?? [0, 16, 16];
  return Object.fromEntries(graph.nodes.map(({ name, kind, t }) => {
    const content = { words: run ? "" : "?" };
    if (kind === "x" && problem.input === "words") content.words = example?.words[t - 1] ?? "word";
    else if (kind === "x") {
      const key = problem.input === "picture" ? "picture" : "frame";
      content[key] = { rows, columns, pixels: pictures[t - 1] ?? null };
    } else if (kind === "h") content.state = run?.states[t - 1] ?? null;
    else if (kind === "s") content.state = run?.steps[t - 1].h ?? null;
    else if (kind === "y") content.words = t === 1 ? "start" : answer[t - 2] ?? "?";
    else if (run) Object.assign(content, outputIn(problem, example, answer, t));
    else if (problem.output === "sequence") content.words = "?";
    return [name, content];
  }));
}

function outputIn({ output }, { right }, answer, t) {
  const words = answer[t - 1] ?? "<stop>";
  const wrong = output !== "sequence" && words !== right[t - 1];
  return { words, wrong, right: right[t - 1] };
}

/** Grey values as a picture, dark on light for a picture and light on dark for a frame. */
function imageOf({ rows, columns, pixels }, isFrame) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [columns, rows];
  const context = canvas.getContext("2d");
  const data = context.createImageData(columns, rows);
  (pixels ?? new Array(rows * columns).fill(isFrame ? 0.25 : 0.1)).forEach((p, i) => {
    const grey = Math.round(255 * (isFrame ? p : 1 - p));
    data.data.set([grey, grey, grey, 255], 4 * i);
  });
  context.putImageData(data, 0, 0);
  return canvas.toDataURL();
}

function picturePart({ picture, frame }, { half }) {
  const { rows, columns } = picture ?? frame;
  const tall = picture ? PICTURE : Math.min(PICTURE, 2 * half);
  const wide = (tall * columns) / rows;
  return shape("image", { href: imageOf(picture ?? frame, !picture), x: -wide / 2, y: -tall / 2,
    width: wide, height: tall, preserveAspectRatio: "none" });
}

/** All units of a state, each a cell with the colour of its value. */
function statePart(h, { half, tall }) {
  const columns = h.length > 48 ? 8 : h.length > 12 ? 6 : 4;
  const rows = Math.ceil(h.length / columns);
  const [wide, high] = [(2 * half - 4) / columns, (tall - 4) / rows];
  return h.map((value, i) => {
    const cell = shape("rect", {
      class: "rnn-cell", x: (2 - half + wide * (i % columns)).toFixed(2),
      y: (2 - tall / 2 + high * Math.floor(i / columns)).toFixed(2),
      width: wide.toFixed(2), height: high.toFixed(2),
    });
    cell.style.fill = diverging(value);
    return cell;
  });
}

function wordsPart(content, { half }) {
  const words = inNode(content.words);
  const size = Math.min(words.length === 1 ? 16 : 12.5, (2 * half - 2) / (0.56 * words.length));
  const text = shape("text", { y: size * 0.35, "text-anchor": "middle", "font-size": size }, words);
  if (!content.wrong) return [text];
  const cross = shape("path", { class: "rnn-cross", d: `M${-half + 3} 10L${half - 3} -10` });
  const right = shape("text", { class: "rnn-right", y: -18, "text-anchor": "middle" },
    inNode(content.right));
  return [text, cross, right];
}

function nodePart(node, content, place, order) {
  const { x, y, half } = place;
  const tall = content.frame ? Math.min(PICTURE, 2 * half) : place.tall;
  const inside = content.picture || content.frame ? [picturePart(content, place)]
    : content.state ? statePart(content.state, place) : content.words && node.kind !== "h"
      && node.kind !== "s" ? wordsPart(content, place) : [];
  const { rows, columns } = content.picture ?? content.frame ?? { rows: tall, columns: 2 * half };
  const around = (tall * columns) / rows / 2; // an image is framed where it ends
  const made = shape("g", {
    class: `rnn-node rnn-node-${node.kind}`, "data-node": node.name, role: "button", tabindex: -1,
    transform: `translate(${x.toFixed(1)} ${y})`,
  }, shape("rect", { class: "rnn-box", x: -around, y: -tall / 2, width: 2 * around, height: tall, rx: 5 }),
  ...inside);
  made.style.setProperty("--i", order);
  if (content.wrong) made.classList.add("rnn-wrong");
  return Object.assign(made, { node });
}

/** In which order things come about: reading, then writing; within a step from below to above. */
function orderOf(graph) {
  const reads = Math.max(...graph.nodes.filter(({ kind }) => kind === "h").map(({ t }) => t));
  const rank = { x: 0, h: 1, y: 0, s: 1, o: 2 };
  const writes = graph.nodes.some(({ kind }) => kind === "s");
  return ({ kind, t }) => {
    const after = "ys".includes(kind) || (kind === "o" && writes) ? reads : 0;
    const last = kind === "o" && graph.nodes.filter((n) => n.kind === "o").length === 1 ? reads : t;
    return 3 * (after + (kind === "o" && !writes ? last : t) - 1) + rank[kind];
  };
}

/** Draw a wiring into an SVG element, anew; returns its nodes and its arrows. */
export function drawWiring(svg, problem, graph, contents, width) {
  const layout = layoutOf(graph, contents, width, problem);
  const arrows = uniqueId("wire");
  const marker = (kind) => shape("marker", {
    id: `${arrows}-${kind}`, class: `rnn-tip rnn-wire-${kind}`, viewBox: "0 0 8 8", refX: 7.5, refY: 4,
    markerWidth: 8, markerHeight: 8, orient: "auto", markerUnits: "userSpaceOnUse",
  }, shape("path", { d: "M0 0.5 8 4 0 7.5z" }));
  const order = orderOf(graph);
  const byName = Object.fromEntries(graph.nodes.map((node) => [node.name, node]));
  const edges = graph.edges.map((edge) => {
    const line = shape("path", { class: `rnn-wire rnn-wire-${edge.kind}`, "data-from": edge.from,
      "data-to": edge.to, d: pathOfEdge(edge, layout), "marker-end": `url(#${arrows}-${edge.kind})` });
    line.style.setProperty("--i", order(byName[edge.to]));
    return Object.assign(line, { edge });
  });
  const nodes = graph.nodes.map((node) =>
    nodePart(node, contents[node.name], layout.at[node.name], order(node)));
  const names = layout.rows.map(([words, y]) =>
    shape("text", { class: "rnn-rowname", x: 2, y: y + 4 }, words));
  svg.replaceChildren(shape("defs", {}, ...KINDS_OF_EDGE.map(marker)), ...names,
    ...startPart(problem, layout), ...contextName(graph, layout), ...edges, ...nodes);
  svg.setAttribute("width", layout.width);
  svg.setAttribute("height", layout.height);
  return { nodes, edges };
}

/** Where a reader that has a loop starts: h_0 = 0. */
function startPart({ input }, { at }) {
  if (input === "picture") return [];
  const { x, y, half } = at.h1;
  return [shape("path", { class: "rnn-wire rnn-wire-start", d: `M${x - half - 13} ${y}H${x - half}` }),
    shape("text", { class: "rnn-start", x: x - half - 15, y: y + 4, "text-anchor": "end" }, "0")];
}

function contextName({ edges }, { at, lane }) {
  const found = edges.find(({ kind }) => kind === "context");
  if (!found) return [];
  const spot = lane ? [at.s1.x - at.s1.half - 4, lane + 17] : [at.h1.x, at.h1.y - 30];
  return [shape("text", { class: "rnn-contextname", x: spot[0], y: spot[1],
    "text-anchor": lane ? "start" : "middle" }, "context")];
}
