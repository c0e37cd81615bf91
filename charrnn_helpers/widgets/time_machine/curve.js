/* The course of the training in two lanes, above each other: how well the network predicts, and how far
   back its gradient reaches, at every checkpoint. */

import { shape } from "../ui/dom.js";
import { LEFT, RIGHT, course, frame, level, line, words } from "./chart.js";
import { moment } from "./words.js";

const LANES = { bits: [24, 104], horizon: [140, 196] }; // top and bottom

/** Where each number of updates stands: on a logarithmic axis, with a place at the left for 0. */
export function placesOf(updates, width) {
  const [first, last] = [LEFT + 14, width - RIGHT - 14];
  const positive = updates.filter((u) => u > 0);
  const begin = updates[0] > 0 ? first : first + 0.12 * (last - first);
  const span = Math.log(positive.at(-1) / positive[0]);
  return (u) => {
    if (u === 0) return first;
    return span > 0 ? begin + ((last - begin) * Math.log(u / positive[0])) / span : last;
  };
}

/** One lane: its name, grid, line and dots. Values that are not known yet are left out. */
function lane(name, title, values, places, [low, high], at, right) {
  const [top, bottom] = LANES[name];
  const y = (value) => bottom - ((bottom - top) * (value - low)) / (high - low);
  const step = [1, 2, 5, 10, 20].find((s) => (high - low) / s <= 3) ?? 40;
  const ticks = Array.from({ length: high + 1 }, (_, n) => n).filter((n) => n >= low && n % step === 0);
  const known = [...values.keys()].filter((i) => values[i] !== null);
  return [
    words(LEFT, top - 8, title, { class: "rnn-name" }),
    ...ticks.flatMap((n) => level(y(n), n, right)),
    ...(known.length < values.length ? [] // a line would leap over what is missing
      : [course(`rnn-course rnn-${name}`, known.map((i) => [places[i], y(values[i])]))]),
    ...known.map((i) => shape("circle", {
      class: `rnn-dot rnn-${name}${i === at ? " rnn-here" : ""}`, r: i === at ? 6 : 4,
      cx: places[i].toFixed(1), cy: y(values[i]).toFixed(1), "data-value": values[i],
    })),
  ];
}

/** Draw all; horizons: one a checkpoint, null for those not known yet. */
export function drawCourse(svg, { checkpoints, checkpoint, horizons }) {
  const width = frame(svg, 236);
  const updates = checkpoints.map((one) => one.updates);
  const x = placesOf(updates, width);
  const places = updates.map(x);
  const bits = checkpoints.map((one) => one.held_out);
  const low = Math.max(0, Math.ceil(Math.min(...bits)) - 1);
  const powers = Array.from({ length: 10 }, (_, e) => 10 ** e)
    .filter((u) => u >= updates[0] && u >= updates[1] / 10 && u <= updates.at(-1));
  const named = updates[0] === 0 ? [0, ...powers.filter((u) => u >= updates[1])] : powers;
  const right = width - RIGHT;
  const edge = (i) => (places[i - 1] + places[i]) / 2;
  svg.replaceChildren(
    line("rnn-now", places[checkpoint], 20, places[checkpoint], 202),
    ...lane("bits", "bits a character, held out", bits, places,
      [low, Math.max(low + 1, Math.ceil(Math.max(...bits)))], checkpoint, right),
    ...lane("horizon", "characters that its gradient reaches back", horizons, places,
      [0, Math.max(2, ...horizons)], checkpoint, right),
    ...named.map((u) => words(x(u), 214, u.toLocaleString("en-US"), { "text-anchor": "middle" })),
    words(right, 231, "updates", { "text-anchor": "end" }),
    ...places.map((_, i) => { // what can be clicked
      const [from, to] = [i ? edge(i) : 0, i + 1 < places.length ? edge(i + 1) : width];
      return shape("rect", {
        class: "rnn-hit", "data-checkpoint": i, x: from, y: 0, width: to - from, height: 236,
      }, shape("title", {}, moment(updates[i])));
    }));
  svg.setAttribute("aria-label", `At ${updates.length} checkpoints: bits a character held out,`
    + ` ${bits.map((b) => b.toFixed(2)).join(", ")}; characters that the gradient reaches back,`
    + ` ${horizons.map((k) => k ?? "…").join(", ")}.`);
}
