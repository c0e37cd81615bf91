/* The bars of the figure `GradientLedger`: each loss's entries end to end, and shares by distance. */

import { element } from "../ui/dom.js";
import { signed, visible } from "../ui/format.js";
import { byDistance, keptBy, keptOf } from "./facts.js";
import { MAP_ROWS, band } from "./map.js";

const piece = (size, colour, attributes) => {
  const made = element("i", attributes);
  made.style.width = `${(100 * size).toFixed(3)}%`;
  made.style.background = colour;
  return made;
};

const colourOf = (d, T, kept) => (kept ? band(d, T) : "var(--rnn-line)");

/** One bar per loss: the sizes of its entries, from the nearest use to the farthest. */
export function drawLosses(parts, { T, letters, norms, cutBy, k }) {
  const kept = keptBy(cutBy, k);
  const longest = Math.max(...norms.map((row) => row.reduce((a, b) => a + b, 0))) || 1;
  parts.losses.style.gridTemplateRows = `${MAP_ROWS.above}fr repeat(${T}, ${MAP_ROWS.all / T}fr) ${MAP_ROWS.below}fr`;
  const caption = element("p", {}, "Each loss: the norms of its entries, end to end");
  parts.losses.replaceChildren(caption, ...norms.map((row, i) => {
    const pieces = row.slice(0, i + 1).map((size, j) =>
      piece(size / longest, colourOf(i - j, T, kept(i, j)), { "data-distance": i - j, "data-size": size }));
    return element("div", { "data-loss": i + 1 }, element("b", {}, visible(letters[i + 1])),
      element("span", {}, ...pieces.reverse()));
  }));
}

/** Outline the bar of one loss, or none. */
export function markLoss(losses, loss) {
  losses.querySelectorAll("[data-loss]").forEach((bar, i) =>
    bar.classList.toggle("rnn-chosen", i === loss));
}

/** One bar per distance: its share of the whole gradient. Below the line, it points the other way.

    Chunks keep a part of what lies at a distance: then there are two bars, for what is kept and for
    what is cut off. */
export function drawShares(parts, { T, shares, cutBy, k }) {
  const values = byDistance(shares);
  const kept = byDistance(keptOf(shares, keptBy(cutBy, k)));
  const pairs = values.map((value, d) => {
    const lost = value - kept[d];
    if (cutBy !== "chunks" || d >= k || k >= T) return [[value, d < k]];
    return [[kept[d], true], [lost, false]];
  });
  const all = pairs.flat().map(([value]) => value);
  const highest = Math.max(...all, 0);
  const range = highest - Math.min(...all, 0) || 1;
  parts.reaching.style.setProperty("--rnn-columns", T);
  parts.distances.style.setProperty("--rnn-kept", k);
  parts.distances.classList.toggle("rnn-many", T > 16);
  parts.distances.replaceChildren(...values.map((value, d) => {
    const bars = pairs[d].map(([part, isKept], n) => {
      const bar = element("i", { "data-part": part });
      bar.style.height = `${((100 * Math.abs(part)) / range).toFixed(2)}%`;
      bar.style.top = `${((100 * (highest - Math.max(part, 0))) / range).toFixed(2)}%`;
      bar.style.background = colourOf(d, T, isKept);
      if (pairs[d].length > 1) bar.style[n === 0 ? "right" : "left"] = "50%";
      return bar;
    });
    const number = element("span", { class: "rnn-number" }, signed(100 * value, 0).replace("−0", "0"));
    const column = element("li", { "data-distance": d, "data-share": value },
      number, element("div", {}, ...bars), element("b", {}, element("span", { class: "rnn-hidden" }, "% at distance "), `${d}`));
    column.classList.toggle("rnn-cut", d >= k);
    return column;
  }));
  return values;
}
