/* The drawing of the figure `Unroll` brought up to date: places, numbers, and what is lit. */

import { UNITS, entryValue, lights } from "./net.js";
import { three } from "./words.js";
import { prefersStill } from "../ui/dom.js";
import { diverging } from "../ui/format.js";

const ROOM = 73; // the least width of a column
const SIDE = 37; // from the middle of the first and of the last column to the edge
const HIGH = 28; // a box
const HIGHER = 44; // a box with a gradient

/** Where everything lies: rows from the top, columns from the left. */
function placesOf(width, { steps: k, gradients, folded: isFolded }) {
  const tall = gradients && !isFolded ? HIGHER : HIGH;
  const [upper, lower] = [114, 114 + tall + 26];
  const input = lower + tall + 48;
  const pitch = Math.min(130, Math.max(ROOM, (width - 2 * SIDE) / k));
  const whole = Math.max(width, isFolded ? 220 : 2 * SIDE + k * pitch);
  const start = (whole - k * pitch) / 2;
  const at = (t) => (isFolded ? whole / 2 - 55 : start + Math.min(t, k) * pitch);
  const half = Math.min(30, (pitch - 23) / 2); // half the width of a box
  return { tall, half, tops: { o: 40, h: [upper, lower], x: input }, pitch, at,
    width: whole, height: input + tall + 28 };
}

/** The path of one use of a weight, within its own copy. */
function pathOf([weight, row, column], { tops, tall, half, pitch }) {
  const [upper, lower] = tops.h;
  const middle = (unit) => tops.h[unit] + tall / 2;
  const [low, high, side] = [tops.o + HIGH, upper + tall, half + 3]; // below o, below unit 1
  if (weight === "W_hh") return `M${half - pitch} ${middle(column)}L${-half} ${middle(row)}`;
  if (weight === "W_xh") { // to unit 1 it goes past unit 2, on the left
    return row === 1 ? `M0 ${tops.x}V${lower + tall}`
      : `M-12 ${tops.x}C-22 ${tops.x - 20} ${-side} ${lower + tall + 20} ${-side} ${middle(1)}`
        + `S-24 ${high + 14} -15 ${high}`;
  }
  return column === 0 ? `M0 ${upper}V${low}` // from unit 2 it goes past unit 1, on the right
    : `M15 ${lower}C24 ${lower - 14} ${side} ${high} ${side} ${middle(0)}S22 ${low + 20} 12 ${low}`;
}

function placeRect(rect, half, top, height) {
  const at = { x: -half, width: 2 * half, y: top, height };
  for (const [name, value] of Object.entries(at)) rect.setAttribute(name, value);
}

function placeNode({ kind, boxes, title, frame }, { tops, tall, half }) {
  const rows = kind === "h" ? tops.h : [tops[kind]];
  const high = kind === "o" ? HIGH : tall;
  boxes.forEach(({ children: [rect, value, slope] }, i) => {
    placeRect(rect, half, rows[i], high);
    value.setAttribute("y", rows[i] + 18.5);
    slope.setAttribute("y", rows[i] + 37);
  });
  title.setAttribute("y", { x: rows[0] + high + 18, h: rows[0] + high + 16, o: rows[0] - 9 }[kind]);
  if (frame) placeRect(frame, half + 6, rows[0] - 6, rows[1] - rows[0] + high + 12);
}

/** A line is the thicker the larger its weight. */
function placeUse({ entry, children }, weights, places) {
  const [weight, row] = entry;
  const { tops, tall, half } = places;
  if (weight.startsWith("b")) {
    children[0].setAttribute("cx", half - 2);
    children[0].setAttribute("cy", weight === "b_o" ? tops.o + HIGH - 2 : tops.h[row] + tall - 2);
    return;
  }
  for (const path of children) path.setAttribute("d", pathOf(entry, places));
  const size = Math.min(2, Math.abs(entryValue(weights, entry)));
  children[1].style.strokeWidth = (0.8 + 1.6 * size).toFixed(2);
}

function placeNames(names, { tops, pitch }) {
  const spots = [[7, tops.x - 15], [-pitch / 2, tops.h[0] - 9], [-7, tops.o + 52]];
  names.forEach((name, i) => {
    name.setAttribute("x", spots[i][0]);
    name.setAttribute("y", spots[i][1]);
  });
}

/** Write a number into its box; a number that has changed flashes. */
function writeBox(made, value, slope, isState) {
  const [rect, number, small] = made.children;
  const words = three(value);
  const changed = number.textContent !== "" && number.textContent !== words;
  number.textContent = words;
  small.textContent = slope === null ? "" : `∂\u2009${three(slope)}`;
  rect.style.fill = isState ? diverging(0.4 * value) : "";
  made.dataset.value = value; // all its digits
  if (slope === null) delete made.dataset.gradient;
  else made.dataset.gradient = slope;
  if (changed && !prefersStill()) {
    rect.animate([{ stroke: "var(--rnn-accent)", strokeWidth: "4px" }, {}], 700);
  }
}

/** The numbers of a node, each with its gradient. */
function numbersOf({ kind, t }, { inputs }, { h, o, dx, dh }) {
  if (kind === "h") return UNITS.map((i) => [h[t][i], dh[t][i]]);
  return [kind === "x" ? [inputs[t - 1], dx[t]] : [o[t], null]];
}

function writeNode(made, given, numbers) {
  const pairs = numbersOf(made, given, numbers);
  const slopes = pairs.map(([, slope]) => (given.gradients ? slope : null));
  made.boxes.forEach((one, i) => writeBox(one, pairs[i][0], slopes[i], made.kind === "h"));
  const name = made.dataset.node;
  const gradient = given.gradients && made.kind !== "o"
    ? `; gradient ${slopes.map(three).join(", ")}` : "";
  made.setAttribute("aria-label", `${name} = ${pairs.map(([v]) => three(v)).join(", ")}${gradient}`);
  made.setAttribute("aria-pressed", given.selected === name);
  made.classList.toggle("rnn-last", made.kind === "o" && made.t === given.steps);
}

/** Draw the network as it stands.

    given: the traits; numbers: all of `run`; width: the room there is. */
export function drawGraph({ svg, copies, cell }, given, numbers, width) {
  const { weights, steps: k, folded: isFolded } = given;
  const places = placesOf(width, given);
  svg.setAttribute("width", places.width);
  svg.setAttribute("height", places.height);
  svg.classList.toggle("rnn-is-folded", isFolded);
  svg.setAttribute("aria-label", isFolded ? "The network, folded: one cell with a loop"
    : `The network, unfolded over ${k} ${k === 1 ? "time step" : "time steps"}`);
  for (const made of copies) {
    made.classList.toggle("rnn-unseen", isFolded || made.t > k);
    made.style.transform = `translateX(${places.at(made.t)}px)`;
    for (const one of made.nodes) {
      placeNode(one, places);
      if (made.t <= k) writeNode(one, given, numbers);
    }
    for (const one of made.uses) placeUse(one, weights, places);
    placeNames(made.names, places);
    made.note.textContent = made.t === k ? `for step ${k + 1}` : "";
  }
  drawFolded(cell, weights, places);
}

function drawFolded(cell, weights, places) {
  const [upper, lower] = places.tops.h.map((top) => top + places.tall / 2);
  cell.style.transform = `translateX(${places.at(0)}px)`;
  for (const one of cell.nodes) placeNode(one, places);
  for (const one of cell.uses) placeUse(one, weights, places);
  placeNames(cell.names, places);
  cell.loop.setAttribute("d",
    `M${places.half + 6} ${upper}C150 ${upper - 30} 150 ${lower + 30} ${places.half + 7} ${lower}`);
  cell.delay.setAttribute("transform", `translate(116 ${(upper + lower) / 2})`);
  cell.names[1].setAttribute("x", 74);
  cell.names[1].setAttribute("y", upper - 20);
}

/** Light what belongs to a name, and dim the rest; "" lights nothing and dims nothing. */
export function lightUp({ svg, copies }, name) {
  const lit = lights(name);
  const set = (made, isLit) => made?.classList.toggle("rnn-lit", name !== "" && isLit);
  svg.classList.toggle("rnn-looking", name !== "");
  for (const made of copies) {
    for (const one of made.nodes) {
      set(one, lit.node(one.kind, one.t));
      set(one.frame, lit.node(one.kind, one.t));
    }
    for (const one of made.uses) set(one, lit.use(one.entry[0], one.name, one.t));
    for (const one of made.names) {
      const { weight } = one.dataset;
      set(one, name.startsWith(weight) || lit.use(weight, "", made.t));
    }
  }
}
