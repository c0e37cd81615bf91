/* The drawing board of `Captioning`: 8 rows of 16 pixels, each with 0 to 16 levels of ink. */

import { element, shape } from "../ui/dom.js";

export const ROWS = 8;
export const COLUMNS = 16;
export const LEVELS_OF_INK = 16;
const RADIUS = 0.7; // of the brush, in pixels: strokes as wide as those that were scanned

/** The distance of a point from the line between two others.

    @param {number[]} point
    @param {number[][]} line */
function distanceFrom([x, y], [[x1, y1], [x2, y2]]) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const share = length ? Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / length)) : 0;
  return Math.hypot(x - x1 - share * dx, y - y1 - share * dy);
}

/** The pixels after a stroke of the brush, or of the rubber, from one point to another. A pixel at the
    edge of the stroke gets less ink; points are [x, y], in pixels from the upper left corner. */
export function stroked(pixels, line, rubber) {
  return pixels.map((level, i) => {
    const at = [(i % COLUMNS) + 0.5, Math.floor(i / COLUMNS) + 0.5];
    const covered = Math.min(1, Math.max(0, RADIUS + 0.5 - distanceFrom(at, line)));
    const ink = Math.round(covered * LEVELS_OF_INK);
    return rubber ? Math.min(level, LEVELS_OF_INK - ink) : Math.max(level, ink);
  });
}

/** The picture as a shape; `small` ones have no lines between their pixels. */
export function drawPixels(pixels, small) {
  const squares = pixels.flatMap((level, i) => {
    if (!level && small) return [];
    return [shape("rect", {
      class: "rnn-pixel", x: i % COLUMNS, y: Math.floor(i / COLUMNS), width: 1, height: 1,
      "fill-opacity": level / LEVELS_OF_INK,
    })];
  });
  return shape("svg",
    { viewBox: `0 0 ${COLUMNS} ${ROWS}`, class: "rnn-drawing", "aria-hidden": "true" },
    ...squares, shape("path", { d: `M${COLUMNS / 2} 0V${ROWS}`, class: "rnn-middle" }));
}

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const within = (value, size) => Math.min(size - 1, Math.max(0, value));

/** Let a reader draw, by mouse, pen, finger or keys.

    on(node, event, callback) listens until the figure ends; now() gives { pixels, rubber }; drawn(pixels)
    takes what has changed, lifted() is called when a stroke ends, say(words) speaks.
    Returns `draw()`, which shows the pixels as they are. */
export function makeBoard(board, on, { now, drawn, lifted, say }) {
  let [cursor, last] = [[3, 3], null];
  const pointAt = (event) => {
    const box = board.firstChild.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * COLUMNS,
      ((event.clientY - box.top) / box.height) * ROWS];
  };
  const stroke = (from, to, rubber) => drawn(stroked(now().pixels, [from, to], rubber));
  on(board, "pointerdown", (event) => {
    if (event.button !== 0) return;
    board.setPointerCapture(event.pointerId);
    last = pointAt(event);
    stroke(last, last, now().rubber);
  });
  on(board, "pointermove", (event) => {
    if (!last) return;
    const to = pointAt(event);
    stroke(last, to, now().rubber);
    last = to;
  });
  for (const end of ["pointerup", "pointercancel"]) {
    on(board, end, () => {
      if (last) lifted();
      last = null;
    });
  }
  const middle = (/** @type {number[]} */ [x, y]) => [x + 0.5, y + 0.5];
  const tell = () => {
    const level = now().pixels[cursor[1] * COLUMNS + cursor[0]];
    const name = level === 0 ? "paper" : level === LEVELS_OF_INK ? "ink" : `ink ${level} of 16`;
    say(`Row ${cursor[1] + 1}, column ${cursor[0] + 1}: ${name}`);
  };
  const draw = () => {
    const drawing = drawPixels(now().pixels, false);
    drawing.append(shape("rect",
      { class: "rnn-pen", x: cursor[0], y: cursor[1], width: 1, height: 1, rx: 0.15 }));
    board.replaceChildren(drawing);
  };
  on(board, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const before = cursor;
    if (event.key in MOVES) {
      const [dx, dy] = MOVES[event.key];
      cursor = [within(cursor[0] + dx, COLUMNS), within(cursor[1] + dy, ROWS)];
      if (event.shiftKey) stroke(middle(before), middle(cursor), now().rubber);
    } else if (event.key === " ") stroke(middle(cursor), middle(cursor), now().rubber);
    else if (event.key === "Backspace" || event.key === "Delete") {
      stroke(middle(cursor), middle(cursor), true);
    } else return;
    event.preventDefault();
    draw();
    tell();
  });
  on(board, "keyup", (event) => {
    if ([" ", "Backspace", "Delete", "Shift"].includes(event.key)) lifted();
  });
  return draw;
}

/** A button for each example, with its picture. */
export function exampleButtons(examples) {
  return examples.map(({ pixels, right }, i) => element("button",
    { type: "button", class: "rnn-example", "data-example": i, "aria-label": `Picture ${i + 1}: ${right}` },
    drawPixels(pixels, true)));
}
