/* The heat maps of the figure `GradientLedger`, and the arcs over the large one.

   Row i is a loss, column j a use of the weight; both are counted from 0 here. */

import { shape } from "../ui/dom.js";
import { visible } from "../ui/format.js";
import { grade, keptBy, sharesOfLoss } from "./facts.js";

// The large map, in its own units: letters left of it and above, arcs above those.
const LEFT = 26;
const TOP = 112;
const FLOOR = TOP - 44; // on which the arcs stand
const SIDE = 372;
const WIDTH = 400;
const BELOW = 20;

/** How the map's height is divided, for what stands beside it. */
export const MAP_ROWS = { above: TOP, all: SIDE, below: BELOW };

/** The colour of a size from 0 to 1; in equal steps to the eye. */
export function heat(share) {
  const [low, high, part] = share < 0.5 ? ["low", "middle", 2 * share] : ["middle", "high", 2 * share - 1];
  return `color-mix(in oklab, var(--rnn-heat-${high}) ${(100 * part).toFixed(1)}%, var(--rnn-heat-${low}))`;
}

/** The same for what is cut off. */
const cutOff = (share) =>
  `color-mix(in oklab, var(--rnn-bar) ${(70 * share).toFixed(1)}%, var(--rnn-faint))`;

/** The colour of a distance d among T: round the colour circle, in wide steps at first. */
export function band(d, T) {
  const hue = 185 + (215 * Math.log(1 + d)) / Math.log(T);
  return `oklch(var(--rnn-band) 0.12 ${hue.toFixed(0)})`;
}

/** A small map: one path per shade, as there are many cells and many maps. */
export function thumbnail(norms, logarithmic) {
  const largest = Math.max(...norms.flat());
  const shades = new Map();
  norms.forEach((row, i) => row.slice(0, i + 1).forEach((size, j) => {
    const shade = Math.round(12 * grade(size, largest, logarithmic)) / 12;
    shades.set(shade, `${shades.get(shade) ?? ""}M${j} ${i}h1v1h-1z`);
  }));
  const paths = [...shades].map(([shade, d]) => {
    const path = shape("path", { d });
    path.style.fill = heat(shade);
    return path;
  });
  return shape("svg", { viewBox: `0 0 ${norms.length} ${norms.length}`, "aria-hidden": "true" }, ...paths);
}

// In the empty half
const NOTES = [
  "Column: a use of the weight,", "while reading the letter above.",
  "Row: a loss, for predicting", "the letter on the left.",
];

/** The large map: the parts that stay. */
export function buildMap() {
  const group = (role) => shape("g", { "data-role": role });
  const map = shape("svg", {
    viewBox: `0 0 ${WIDTH} ${TOP + SIDE + BELOW}`, class: "rnn-map", role: "img", "data-role": "map",
  });
  const note = (words, n) =>
    shape("text", { x: WIDTH - 4, y: TOP + 24 + 17 * n, class: "rnn-note" }, words);
  map.append(...["cells", "arcs", "reading", "writing"].map(group),
    shape("g", {}, ...NOTES.map(note)),
    shape("rect", { "data-role": "row", class: "rnn-outline", rx: 3 }),
    shape("rect", { "data-role": "spot", class: "rnn-outline", rx: 2 }),
    shape("g", { "data-role": "grip", class: "rnn-horizon" },
      shape("path", { class: "rnn-hit" }), shape("path", {}),
      shape("circle", { class: "rnn-hit", r: 15 }), shape("circle", { r: 7 }), shape("text", {})));
  return map;
}

/** The cell (i, j) at a point of the screen; fractions tell where in it. */
export function placeOf(map, event) {
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
  const pitch = SIDE / Number(map.dataset.steps);
  return { i: (point.y - TOP) / pitch, j: (point.x - LEFT) / pitch };
}

/** Draw the map of one weight.

    shown: { T, letters, norms, loss: i or null, cutBy, k, logarithmic }. */
export function drawMap(parts, shown) {
  const { T, norms, cutBy, k, logarithmic } = shown;
  const kept = keptBy(cutBy, k);
  const [pitch, largest] = [SIDE / T, Math.max(...norms.flat())];
  parts.map.dataset.steps = T;
  const cells = norms.flatMap((row, i) => row.slice(0, i + 1).map((size, j) => {
    const cell = shape("rect", {
      x: LEFT + j * pitch, y: TOP + i * pitch, width: pitch - 1, height: pitch - 1, rx: pitch / 12,
      "data-loss": i + 1, "data-use": j + 1, "data-size": size,
    });
    const share = grade(size, largest, logarithmic);
    cell.style.fill = kept(i, j) ? heat(share) : cutOff(share);
    return cell;
  }));
  parts.cells.replaceChildren(...cells);
  drawLetters(parts, shown, pitch);
  if (shown.loss === null) drawColumns(parts, norms, pitch);
  else drawArcs(parts, shown, pitch);
  drawEdge(parts.grip, shown, pitch);
}

/** Outline the row of one loss and one entry in it, or none: { i, j } or null; and mark their letters. */
export function markMap(parts, T, loss, spot) {
  const pitch = SIDE / T;
  place(parts.row, loss === null ? null : { i: loss, j: 0 }, pitch, (loss ?? 0) + 1);
  place(parts.spot, spot, pitch, 1);
  const mark = (group, chosen) => [...group.children].forEach((letter, n) =>
    letter.classList.toggle("rnn-chosen", n === chosen));
  mark(parts.reading, spot ? spot.j : loss);
  mark(parts.writing, loss);
}

function place(outline, at, pitch, columns) {
  outline.style.display = at ? "" : "none";
  if (!at) return;
  const box = {
    x: LEFT + at.j * pitch - 1, y: TOP + at.i * pitch - 1, width: columns * pitch + 1, height: pitch + 1,
  };
  for (const [name, value] of Object.entries(box)) outline.setAttribute(name, value);
}

function drawLetters(parts, { T, letters }, pitch) {
  const size = Math.min(15, pitch);
  const letter = (character, x, y) =>
    shape("text", { x, y, "font-size": size.toFixed(1), class: "rnn-letter" }, visible(character));
  const middle = (n) => (n + 0.5) * pitch;
  parts.reading.replaceChildren(...letters.slice(0, T).map((c, j) =>
    letter(c, LEFT + middle(j), TOP - 8)));
  parts.writing.replaceChildren(...letters.slice(1).map((c, i) =>
    letter(c, LEFT - 13, TOP + middle(i) + size / 3)));
}

/** A share in percent, above the letter of its use. */
function percentOver(x, share, pitch, name = "") {
  if (pitch < 12 || share < 0.005) return []; // no room, or nothing to say
  const size = Math.min(12, (pitch - 1) / 1.2).toFixed(1);
  return [shape("text", { x, y: TOP - 27, "font-size": size, class: `rnn-letter ${name}` },
    (100 * share).toFixed(0))];
}

/** What all losses together send to each use, by the sizes of the entries. */
function drawColumns(parts, norms, pitch) {
  const sums = norms.map((_, j) => norms.reduce((sum, row) => sum + row[j], 0));
  const [all, largest] = [sums.reduce((a, b) => a + b, 0) || 1, Math.max(...sums) || 1];
  const bars = sums.flatMap((sum, j) => {
    const [x, height] = [LEFT + j * pitch, (FLOOR - 32) * (sum / largest)];
    return [
      shape("rect", {
        x: x + pitch / 4, y: FLOOR - height, width: pitch / 2, height, class: "rnn-column-bar",
        "data-use": j + 1, "data-share": sum / all,
      }),
      ...percentOver(x + pitch / 2, sum / all, pitch),
    ];
  });
  const hint = "All losses, by use, in %. Choose a row for its own.";
  parts.arcs.replaceChildren(shape("text", { x: LEFT, y: 16, class: "rnn-hint" }, hint), ...bars);
}

/** From the chosen loss an arc to every use, as wide as the share that flows there. */
function drawArcs(parts, { T, norms, loss, cutBy, k }, pitch) {
  const kept = keptBy(cutBy, k);
  const x = (j) => LEFT + (j + 0.5) * pitch;
  const drawn = sharesOfLoss(norms, loss).flatMap((share, j) => {
    const d = loss - j;
    if (d < 0 || share < 0.005) return [];
    const colour = kept(loss, j) ? band(d, T) : "var(--rnn-line)";
    const height = (FLOOR - 14) * Math.min(1, ((d * pitch) / 300) ** 0.7);
    const about = { "data-use": j + 1, "data-share": share };
    const arc = d === 0
      ? shape("circle", { ...about, cx: x(j), cy: FLOOR, r: 2 + 6 * Math.sqrt(share), fill: colour })
      : shape("path", {
        ...about, d: `M${x(loss)} ${FLOOR}A${(d * pitch) / 2} ${height} 0 0 0 ${x(j)} ${FLOOR}`,
        stroke: colour, "stroke-width": (1 + 13 * share).toFixed(1), fill: "none",
      });
    return [arc, ...percentOver(x(j), share, pitch, kept(loss, j) ? "" : "rnn-cut")];
  });
  parts.arcs.replaceChildren(...drawn);
}

/** The line between what is kept and what is cut off: a staircase below the k-th diagonal, or with
    chunks one step for each chunk. The knob sits on it, where it can be dragged. */
function drawEdge(edge, { T, cutBy, k }, pitch) {
  const [wide, line, hit, knob, words] = edge.children;
  const [isWhole, inChunks] = [k >= T, cutBy === "chunks"];
  const rise = inChunks ? k : 1;
  let d = `M${LEFT} ${TOP + k * pitch}`;
  for (let j = 0; j + k < T; j += rise) d += `h${rise * pitch}v${Math.min(rise, T - k - j) * pitch}`;
  const middle = Math.ceil((T - k) / 2);
  const [x, y] = isWhole ? [0, T] : inChunks ? [k / 2, k] : [middle, k + middle - 0.5];
  for (const path of [wide, line]) path.setAttribute("d", d);
  for (const circle of [hit, knob]) {
    circle.setAttribute("cx", LEFT + x * pitch);
    circle.setAttribute("cy", TOP + y * pitch);
  }
  const isRight = isWhole || inChunks;
  const aside = isWhole ? 12 : inChunks ? 4 - x * pitch : -12; // at the left edge, off the next triangle
  words.setAttribute("x", LEFT + x * pitch + aside);
  words.setAttribute("y", TOP + y * pitch + (isRight ? 16 : 14));
  words.setAttribute("text-anchor", isRight ? "start" : "end");
  words.textContent = inChunks ? `chunk ${k}` : `horizon ${k}`;
}
