/* What the two charts of the figure `TimeMachine` have in common. */

import { shape } from "../ui/dom.js";

export const LEFT = 50;
export const RIGHT = 14;

/** Give a chart its size in units of its own, fewer of them on a phone, and return its width. */
export function frame(svg, height) {
  const width = svg.getBoundingClientRect().width < 480 ? 380 : 660;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  return width;
}

export const words = (x, y, text, attributes = {}) =>
  shape("text", { x: x.toFixed(1), y: y.toFixed(1), ...attributes }, text);

/** A line from (x1, y1) to (x2, y2). */
export const line = (name, x1, y1, x2, y2) => shape("line", { class: name, x1, y1, x2, y2 });

/** A number at the left, and its line to the right. */
export const level = (y, text, right) => [
  line("rnn-grid", LEFT, y, right, y), words(LEFT - 8, y + 4, text, { "text-anchor": "end" })];

/** A line through [x, y], … */
export const course = (name, points) => shape("polyline", {
  class: name, points: points.map((pair) => pair.map((n) => n.toFixed(1)).join(",")).join(" "),
});
