/* The plot of norms against distance, on a logarithmic scale from 10⁻¹² to 10⁶. The scale never
   changes, so that a line that tilts is a gradient that changed. */

import { element, shape } from "../ui/dom.js";
import { scientific, superscript } from "../ui/format.js";

const LOWEST = -12; // powers of ten
const HIGHEST = 6;

/** A name in the book's notation: parts that begin with _ stand below the line, with ^ above it, and
    with * they are letters that stand for a number or a matrix. */
export function notation(...parts) {
  const tags = { _: "sub", "^": "sup", "*": "i" };
  return parts.map((part) =>
    (tags[part[0]] ? element(tags[part[0]], {}, part.slice(1)) : part));
}

/** In the order of the legend; drawn from the last to the first.
    @type {[string, (given: any) => string[]][]} */
const LINES = [
  ["norms", ({ cell }) => {
    const s = cell === "lstm" ? "*s" : "*h";
    return ["measured ‖∂", s, "_T", "/∂", s, "_T−d", "‖"];
  }],
  ["plain", () => ["a tanh RNN of the same ", "*ρ"]],
  ["bound", () => ["bound ", "*σ", "_max", "^d"]],
  ["powers", () => ["no activation ‖", "*W", "_hh", "^d", "‖"]],
  ["radii", () => ["*ρ", "^d"]],
];

/** Where a norm stands: 0 is the top of the plot, 1 the bottom. */
export function heightOf(value) {
  const power = value > 0 ? Math.log10(value) : -400; // 0 lies below everything
  return (HIGHEST - power) / (HIGHEST - LOWEST);
}

/** The coordinates are the data's own: d from 0 to T, heights from 0 to 1. */
const points = (norms) => norms.map((norm, d) => `${d},${heightOf(norm).toFixed(5)}`);

function curves(found) {
  const drawn = LINES.filter(([name]) => found[name]).reverse().map(([name]) =>
    shape("polyline", { class: `rnn-line rnn-${name}`, points: points(found[name]).join(" ") }));
  if (found.powers) { // between what W alone would do and what was measured: the activation's share
    const around = [...points(found.powers), ...points(found.norms).reverse()].join(" ");
    drawn.unshift(shape("polygon", { class: "rnn-share", points: around }));
  }
  return drawn;
}

function place(node, left, top) {
  if (left !== null) node.style.left = `${(100 * left).toFixed(2)}%`;
  if (top !== null) node.style.top = `${(100 * top).toFixed(2)}%`;
  return node;
}

/** The lines that do not move: powers of ten. */
export function drawScale(parts) {
  const ticks = [];
  for (let power = HIGHEST; power >= LOWEST; power -= 3) {
    const name = power === 0 ? "1" : `10${superscript(power)}`;
    const kind = power === 0 ? "rnn-tick rnn-one" : "rnn-tick";
    ticks.push(place(element("div", { class: kind }, element("span", {}, name)), null,
      heightOf(10 ** power)));
  }
  parts.scale.replaceChildren(...ticks);
}

/** Marks where the measured line leaves the picture. */
function exits(norms) {
  const T = norms.length - 1;
  const outside = norms.findIndex((norm) => heightOf(norm) < 0 || heightOf(norm) > 1);
  if (outside < 0) return [];
  const up = heightOf(norms[outside]) < 0;
  const words = `${up ? "▲ above" : "▼ below"} 10${superscript(up ? HIGHEST : LOWEST)}`;
  const left = outside > T / 2; // of the line, where there is more room
  const name = `rnn-exit ${up ? "rnn-up" : "rnn-down"} ${left ? "rnn-before" : ""}`;
  return [place(element("span", { class: name }, words), (left ? outside - 1 : outside) / T, null)];
}

/** Draw the lines and the distances below them. */
export function drawDecay(parts, found) {
  const T = found.norms.length - 1;
  parts.curves.setAttribute("viewBox", `0 0 ${T} 1`);
  parts.curves.replaceChildren(...curves(found));
  const gap = T > 30 ? 10 : 5;
  const numbers = Array.from({ length: Math.floor(T / gap) + 1 }, (_, i) =>
    place(element("span", {}, String(i * gap)), (i * gap) / T, null));
  parts.distances.replaceChildren(...numbers);
  parts.exits.replaceChildren(...exits(found.norms));
}

/** Move the cursor to distance d, and tell the value of every line there. */
export function drawCursor(parts, given, found, d) {
  const T = found.norms.length - 1;
  const height = heightOf(found.norms[d]);
  place(parts.cursor, d / T, null);
  place(parts.dot, d / T, Math.min(1, Math.max(0, height)));
  parts.dot.classList.toggle("rnn-outside", height < 0 || height > 1);
  const rows = LINES.filter(([name]) => found[name]).map(([name, words]) =>
    element("li", { "data-line": name, "data-value": found[name][d] },
      element("span", { class: `rnn-sample rnn-${name}` }),
      element("span", {}, ...notation(...words(given))),
      element("span", { class: "rnn-number" }, scientific(found[name][d]))));
  parts.legend.replaceChildren(...rows);
}
