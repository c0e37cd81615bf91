/* The bars of the figure `GradientLedger`: each loss's entries end to end, and shares by distance. */

import { element } from "../ui/dom.js";
import { signed, visible } from "../ui/format.js";
import { byDistance } from "./facts.js";
import { MAP_ROWS, band } from "./map.js";

const piece = (size, colour, attributes) => {
  const made = element("i", attributes);
  made.style.width = `${(100 * size).toFixed(3)}%`;
  made.style.background = colour;
  return made;
};

const colourOf = (d, T, k) => (d < k ? band(d, T) : "var(--rnn-line)");

/** One bar per loss: the sizes of its entries, from the nearest use to the farthest. */
export function drawLosses(parts, { T, letters, norms, k }) {
  const longest = Math.max(...norms.map((row) => row.reduce((a, b) => a + b, 0))) || 1;
  parts.losses.style.gridTemplateRows = `${MAP_ROWS.above}fr repeat(${T}, ${MAP_ROWS.all / T}fr) ${MAP_ROWS.below}fr`;
  const caption = element("p", {}, "Each loss: its entries end to end, by distance");
  parts.losses.replaceChildren(caption, ...norms.map((row, i) => {
    const pieces = row.slice(0, i + 1).map((size, j) =>
      piece(size / longest, colourOf(i - j, T, k), { "data-distance": i - j, "data-size": size }));
    return element("div", { "data-loss": i + 1 }, element("b", {}, visible(letters[i + 1])),
      element("span", {}, ...pieces.reverse()));
  }));
}

/** Outline the bar of one loss, or none. */
export function markLoss(losses, loss) {
  losses.querySelectorAll("[data-loss]").forEach((bar, i) =>
    bar.classList.toggle("rnn-chosen", i === loss));
}

/** One bar per distance: its share of the whole gradient. Below the line, it points the other way. */
export function drawShares(parts, { T, shares, k }) {
  const values = byDistance(shares);
  const highest = Math.max(...values, 0);
  const range = highest - Math.min(...values, 0) || 1;
  parts.reaching.style.setProperty("--rnn-columns", T);
  parts.distances.style.setProperty("--rnn-kept", k);
  parts.distances.classList.toggle("rnn-many", T > 16);
  parts.distances.replaceChildren(...values.map((value, d) => {
    const bar = element("i", {});
    bar.style.height = `${((100 * Math.abs(value)) / range).toFixed(2)}%`;
    bar.style.top = `${((100 * (highest - Math.max(value, 0))) / range).toFixed(2)}%`;
    bar.style.background = colourOf(d, T, k);
    const number = element("span", { class: "rnn-number" }, signed(100 * value, 0).replace("−0", "0"));
    const column = element("li", { "data-distance": d, "data-share": value },
      number, element("div", {}, bar), element("b", {}, element("span", { class: "rnn-hidden" }, "% at distance "), `${d}`));
    column.classList.toggle("rnn-cut", d >= k);
    return column;
  }));
  return values;
}
