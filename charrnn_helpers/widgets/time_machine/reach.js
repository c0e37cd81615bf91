/* How far back the gradient reaches: bars by distance, and the error of cutting it off, with the
   horizon where that has fallen to 10 %. */

import { shape } from "../ui/dom.js";
import { LEFT, RIGHT, course, frame, level, line, words } from "./chart.js";
import { TOLERANCE } from "./net.js";

const FOOT = 160;

/** The bars; they stay the same ones while there are as many of them, so that they can move. */
function drawBars(svg, x, y, { shares, horizon }) {
  let group = svg.querySelector("g");
  if (group?.children.length !== shares.length) {
    group = shape("g", {}, ...shares.map(() => shape("rect")));
  }
  const width = x(1) - x(0);
  shares.forEach((share, d) => {
    const bar = group.children[d];
    const [top, bottom] = [y(Math.max(share, 0)), y(Math.min(share, 0))];
    const place = { x: x(d) + width * 0.08, y: top, width: width * 0.84, height: Math.max(1, bottom - top) };
    for (const [name, value] of Object.entries(place)) bar.setAttribute(name, value.toFixed(1));
    bar.setAttribute("class", d < horizon ? "rnn-kept" : "rnn-cut");
    Object.assign(bar.dataset, { distance: d, share });
  });
  return group;
}

/** Draw all; found: { shares, errors, horizon }. */
export function drawReach(svg, found) {
  const { shares, errors, horizon } = found;
  const T = shares.length;
  const width = frame(svg, 200);
  const right = width - RIGHT;
  const [high, low] = [Math.max(1, ...shares, ...errors), Math.min(0, ...shares)];
  const x = (d) => LEFT + ((right - LEFT) * d) / T;
  const y = (part) => 12 + ((FOOT - 12) * (high - part)) / (high - low);
  const step = [1, 2, 5, 10].find((s) => T / s <= 10);
  const numbers = Array.from({ length: Math.ceil(T / step) }, (_, n) => n * step);
  const isFar = horizon > T / 2;
  svg.replaceChildren(
    ...[0, 0.5, 1].flatMap((part) => level(y(part), `${100 * part} %`, right)),
    line("rnn-level", LEFT, y(TOLERANCE), right, y(TOLERANCE)),
    ...numbers.map((d) => words(x(d + 0.5), FOOT + 17, d, { "text-anchor": "middle" })),
    words(right, FOOT + 35, "distance d from the loss back to the use", { "text-anchor": "end" }),
    drawBars(svg, x, y, found),
    course("rnn-error", errors.map((error, k) => [x(k), y(error)])),
    line("rnn-horizon-line", x(horizon), 4, x(horizon), y(low)),
    words(x(horizon) + (isFar ? -8 : 8), 24, `horizon: ${horizon}`,
      { class: "rnn-name", "text-anchor": isFar ? "end" : "start" }));
}
