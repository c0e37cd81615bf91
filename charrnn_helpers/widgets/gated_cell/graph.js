/* The drawing of the figure `GatedCell`: a column for each time step; what is kept goes through all of
   them along one path, as far as the gate on it is open. */

import { shape } from "../ui/dom.js";
import { diverging } from "../ui/format.js";
import { CUES, amount, opening, path, two } from "./words.js";

const DOOR = 22; // pixels: a gate that is open
const WIDE = 70; // the least width of a column in which every number finds room

/** Where the rows lie, from the top. */
const TOPS = {
  lstm: { h: 22, o_gate: 50, number: 92, path: 110, i: 130, content: 158, value: 188, cue: 240,
    gradient: 276, end: 346 },
  gru: { number: 34, path: 52, write: 72, content: 100, r: 130, value: 164, cue: 216,
    gradient: 252, end: 322 },
};

/** Where everything lies. */
function placesOf(width, { cell, values }) {
  const T = values.length;
  const gutter = width < 480 ? 46 : 78;
  const pitch = Math.max(25, (width - gutter - 2) / T);
  const half = Math.min(23, pitch / 2 - 1);
  return { T, gutter, pitch, half, isWide: pitch >= WIDE, tops: TOPS[cell],
    width: gutter + T * pitch + 2, middle: (t) => gutter + (t - 0.5) * pitch };
}

const text = (x, y, words, name = "") => shape("text", { x, y, class: name }, words);
const rect = (x, y, width, height, attributes) =>
  shape("rect", { x, y, width: Math.max(0, width), height: Math.max(0, height), ...attributes });

/** A name in the gutter: a letter with what is raised and lowered beside it. */
function nameOf(y, letter, index = "t", raised = "") {
  const up = raised ? [shape("tspan", { dy: -5, class: "rnn-small" }, raised)] : [];
  const low = index ? [shape("tspan", { dy: raised ? 9 : 4, class: "rnn-small" }, index)] : [];
  return shape("text", { x: 2, y, class: "rnn-row-name" },
    shape("tspan", { class: letter.length === 1 ? "rnn-letter" : "" }, letter), ...up, ...low);
}

/** 1 − z_t: how much of the new content is written. */
const writeName = (y) => shape("text", { x: 2, y, class: "rnn-row-name" }, "1 − ",
  shape("tspan", { class: "rnn-letter" }, "z"), shape("tspan", { dy: 4, class: "rnn-small" }, "t"));

/** A gate on the way up: a door, open as far as the gate is. */
function door(places, t, top, value, name) {
  const x = places.middle(t);
  const parts = [
    rect(x - DOOR / 2, top, DOOR, 24, { class: "rnn-track" }),
    rect(x - (DOOR * value) / 2, top, DOOR * value, 24, { class: "rnn-door" }),
    shape("title", {}, `${name} at step ${t}: ${opening(value)}`),
  ];
  if (places.isWide) parts.push(text(x + DOOR / 2 + 2, top + 16, value.toFixed(2), "rnn-beside"));
  return shape("g", { "data-gate": name, "data-value": value }, ...parts);
}

/** A number in its box. */
function boxed({ middle, half }, t, top, value, name) {
  const fill = rect(middle(t) - half, top, 2 * half, 24, { rx: 5, class: "rnn-box" });
  fill.style.fill = diverging(0.6 * value);
  return shape("g", { "data-name": name, "data-value": value }, fill,
    text(middle(t), top + 16.5, two(value), "rnn-middle"));
}

/** The path: what is kept goes from step to step, as far as the gate is open. */
function pathParts(places, found, keeps) {
  const { middle, gutter, tops: { path: y, number } } = places;
  const segments = found.steps.map((one, i) => {
    const [from, to] = [i === 0 ? gutter : middle(i), middle(i + 1)];
    const open = one[keeps];
    return shape("g", { "data-gate": keeps, "data-value": open },
      rect(from, y - DOOR / 2, to - from, DOOR, { class: "rnn-road" }),
      rect(from, y - (DOOR * open) / 2, to - from, DOOR * open, { class: "rnn-flow" }),
      shape("title", {}, `${keeps} at step ${i + 1}: ${opening(open)}`));
  });
  const nodes = found.steps.flatMap(({ kept }, i) => {
    const ring = shape("circle", { cx: middle(i + 1), cy: y, r: 9, class: "rnn-kept" });
    ring.style.fill = diverging(kept);
    return [ring, shape("g", { "data-name": "kept", "data-value": kept },
      text(middle(i + 1), number, two(kept), "rnn-middle"))];
  });
  const openings = places.isWide ? found.steps.slice(1).map((one, i) =>
    text((middle(i + 1) + middle(i + 2)) / 2, number, `×${one[keeps].toFixed(2)}`,
      "rnn-middle rnn-beside rnn-in-colour")) : [];
  return [...segments, ...nodes, ...openings];
}

/** The inputs: a bar for the value, which can be dragged, and the cue, which can be pressed. */
function inputParts(places, { values, cues }) {
  const { middle, pitch, tops } = places;
  const zero = tops.value + DOOR;
  return values.flatMap((value, i) => {
    const [t, x] = [i + 1, middle(i + 1)];
    const bar = rect(x - 8, zero - Math.max(0, DOOR * value), 16, Math.abs(DOOR * value), {});
    bar.style.fill = `var(--rnn-${value < 0 ? "negative" : "positive"})`;
    const label = text(x, value < 0 ? zero - 5 : zero + 14, two(value), "rnn-middle rnn-beside");
    const cue = shape("g", { class: "rnn-cue", "data-cue": t, "data-value": cues[i] },
      rect(x - Math.min(15, pitch / 2 - 2), tops.cue, Math.min(30, pitch - 4), 24,
        { rx: 12, class: cues[i] === 0 ? "rnn-quiet" : "rnn-loud" }),
      text(x, tops.cue + 16.5, CUES[cues[i]], "rnn-middle"));
    return [
      shape("g", { class: "rnn-value", "data-drag": t },
        rect(x - pitch / 2 + 1, tops.value - 2, pitch - 2, 2 * DOOR + 4, { class: "rnn-room" }),
        shape("line", { x1: x - 12, x2: x + 12, y1: zero, y2: zero, class: "rnn-zero" }), bar, label),
      cue,
    ];
  });
}

/** The gradient back from the last step: bars, and a line where the product of the gates lies. */
function gradientParts(places, { gradients, products }) {
  const { middle, gutter, width, tops } = places;
  const [high, base] = [38, tops.gradient + 48];
  const largest = Math.max(1, ...gradients.map(Math.abs));
  const heightOf = (v) => Math.min(high, (high * Math.abs(v)) / largest);
  const one = base - heightOf(1);
  return [
    shape("line", { x1: gutter, x2: width, y1: one, y2: one, class: "rnn-one" }),
    shape("line", { x1: gutter, x2: width, y1: base, y2: base, class: "rnn-zero" }),
    text(gutter - 4, one + 4, "1", "rnn-beside rnn-end"),
    ...gradients.map((v, i) => {
      const [x, y] = [middle(i + 1), base - heightOf(products[i])];
      const bar = rect(x - 8, base - heightOf(v), 16, heightOf(v),
        { class: v < 0 ? "rnn-back rnn-minus" : "rnn-back" });
      return shape("g", { "data-name": "gradient", "data-value": v }, bar,
        shape("line", { x1: x - 12, x2: x + 12, y1: y, y2: y, class: "rnn-product" }),
        text(x, base + 15, places.isWide ? amount(v) : two(v), "rnn-middle rnn-number-back"));
    }),
  ];
}

/** The names of the rows. */
function namesOf(places, { cell }) {
  const { tops, T } = places;
  const s = path(cell);
  const shared = [
    nameOf(tops.value + DOOR + 4, "value"), nameOf(tops.cue + 16, "cue"),
    shape("text", { x: 2, y: tops.gradient + 34, class: "rnn-row-name" },
      "∂", shape("tspan", { class: "rnn-letter" }, s), shape("tspan", { dy: 4, class: "rnn-small" }, T),
      shape("tspan", { dy: -4 }, "/∂"), shape("tspan", { class: "rnn-letter" }, s),
      shape("tspan", { dy: 4, class: "rnn-small" }, "t")),
  ];
  const content = nameOf(tops.content + 16, cell === "lstm" ? "g" : "n");
  const onPath = nameOf(tops.path + 4, cell === "lstm" ? "f" : "z");
  onPath.classList.add("rnn-in-colour");
  if (cell === "gru") {
    return [nameOf(tops.number, "h"), onPath, writeName(tops.write + 16), content,
      nameOf(tops.r + 16, "r"), ...shared];
  }
  return [nameOf(tops.h + 16, "h"), nameOf(tops.o_gate + 16, "o", "t", "gate"),
    nameOf(tops.number, "c"), onPath, nameOf(tops.i + 16, "i"), content, ...shared];
}

/** What of a cell differs from the other's. */
function cellParts(places, given, { steps, numbers }) {
  const { tops } = places;
  return steps.flatMap((one, i) => {
    const t = i + 1;
    if (given.cell === "gru") {
      const reset = door(places, t, tops.r, one.r, "r");
      if (numbers.n_state === 0) reset.classList.add("rnn-idle"); // there is nothing that it reaches
      return [door(places, t, tops.write, 1 - one.z, "1 − z"),
        boxed(places, t, tops.content, one.n, "n"), reset];
    }
    return [boxed(places, t, tops.h, one.h, "h"), door(places, t, tops.o_gate, one.o_gate, "o_gate"),
      door(places, t, tops.i, one.i, "i"), boxed(places, t, tops.content, one.g, "g")];
  });
}

/** Draw the run of the cell; width: the room there is. */
export function drawGraph(svg, given, found, width) {
  const places = placesOf(width, given);
  const { tops, pitch, middle, gutter, T } = places;
  const columns = given.values.map((_, i) => {
    const isSelected = i + 1 === given.step;
    return shape("g", { "data-step": i + 1 },
      rect(middle(i + 1) - pitch / 2 + 0.5, 1, pitch - 1, tops.end - 2,
        { rx: 6, class: isSelected ? "rnn-column rnn-selected" : "rnn-column" }),
      text(middle(i + 1), 15, String(i + 1), "rnn-middle rnn-time"));
  });
  svg.setAttribute("width", places.width);
  svg.setAttribute("height", tops.end);
  svg.classList.toggle("rnn-narrow", !places.isWide);
  svg.replaceChildren(...columns, shape("g", { class: "rnn-drawn" },
    nameOf(15, "step", ""), ...namesOf(places, given),
    ...pathParts(places, found, given.cell === "lstm" ? "f" : "z"),
    ...cellParts(places, given, found), ...inputParts(places, given),
    ...gradientParts(places, found)));
  return { stepAt: (x) => Math.min(Math.max(Math.ceil((x - gutter) / pitch), 1), T),
    valueAt: (y) => Math.min(Math.max((tops.value + DOOR - y) / DOOR, -1), 1) };
}
