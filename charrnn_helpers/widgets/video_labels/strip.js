/* The strip of frames of the figure `VideoLabels`: a table with a column for each frame. */

import { inNode } from "../ui/format.js";
import { element } from "../ui/dom.js";
import { trueAt } from "./words.js";

/** Draw one frame on a canvas, white on black. (A page's theme would put a border around images.) */
export function drawFrame(canvas, pixels, [, rows, columns]) {
  const image = new ImageData(columns, rows);
  pixels.forEach((level, i) => {
    image.data.fill(Math.round(255 * level), 4 * i, 4 * i + 3);
    image.data[4 * i + 3] = 255;
  });
  [canvas.width, canvas.height] = [columns, rows];
  canvas.getContext("2d").putImageData(image, 0, 0);
}

const headed = (name, cells) =>
  element("tr", {}, element("th", { scope: "row" }, name), ...cells);

/** Build the table for a video of T frames; what is in it is filled in by `fillStrip`. */
export function buildStrip(table, problem, example, T) {
  const upTo = Array.from({ length: T }, (_, i) => i + 1);
  const cells = (make) => upTo.map((t) => element("td", { "data-step": t }, ...make(t)));
  const isAligned = problem.output === "every step";
  const truth = isAligned
    ? cells((t) => [inNode(trueAt(problem, example, t))])
    : [element("td", { colspan: T, class: "rnn-whole" }, `${inNode(example.right[0])} the whole clip`)];
  const body = element("tbody", {},
    headed("frame", cells(() => [element("canvas", { "aria-hidden": "true" })])),
    headed(isAligned ? "network" : "verdict", cells(() => [])),
    headed("true", truth),
    headed("light", cells((t) => [element("button", { type: "button", class: "rnn-switch",
      "data-switch": t, "aria-label": `Black out frame ${t}` })])));
  const columns = element("colgroup", {}, element("col", { class: "rnn-heads" }), element("col", { span: T }));
  table.replaceChildren(
    element("caption", { class: "rnn-hidden" }, "Frames and their labels"), columns, body);
  table.parentNode.style.setProperty("--rnn-frames", T); // the scrubber needs it, too
}

/** Fill in what changes: images, labels up to the frame looked at, the state of the lights. */
export function fillStrip(table, { problem, example, frames, T, t, black, answers }) {
  const rows = table.tBodies[0].rows;
  const [seen, says, , light] = rows;
  for (let one = 1; one <= T; one++) {
    const [image, cell, lamp] = [seen.cells[one].firstChild, says.cells[one], light.cells[one].firstChild];
    drawFrame(image, frames[one - 1], example.shape);
    const isWrong = one <= t && answers[one - 1] !== trueAt(problem, example, one);
    const words = one > t ? "" : inNode(answers[one - 1]);
    if (cell.textContent !== words) cell.textContent = words;
    cell.classList.toggle("rnn-wrong", isWrong);
    if (isWrong) cell.title = `true: ${trueAt(problem, example, one)}`;
    else cell.removeAttribute("title");
    lamp.setAttribute("aria-pressed", black.has(one));
    for (const row of rows) {
      row.cells[one]?.classList.toggle("rnn-now", one === t && row.cells[one].colSpan === 1);
    }
  }
}

/** Let the lights be switched: by click, by keys, and with the mouse by dragging over several.

    set(frames, isBlack) is told of every change. Only one switch is reached by Tab. */
export function switchLights(table, on, { isBlack, set }) {
  let painting = null; // true or false while the mouse goes over switches
  let home = 1;
  const lamps = () => [...table.querySelectorAll("[data-switch]")];
  const numberOf = (target) => Number(target?.closest?.("[data-switch]")?.dataset.switch ?? 0);
  const settle = () => {
    home = Math.min(home, lamps().length);
    for (const lamp of lamps()) lamp.tabIndex = numberOf(lamp) === home ? 0 : -1;
  };
  on(table, "pointerdown", (event) => {
    const t = numberOf(event.target);
    if (!t || event.pointerType !== "mouse" || event.button !== 0) return;
    painting = !isBlack(t);
    set(t, painting);
  });
  on(table, "pointerover", (event) => {
    const t = numberOf(event.target);
    if (event.buttons === 0) painting = null; // released where the page could not hear it
    if (t && painting !== null && event.buttons === 1) set(t, painting);
  });
  on(document, "pointerup", () => setTimeout(() => { painting = null; }));
  on(table, "click", (event) => {
    const t = numberOf(event.target);
    const byMouse = event.detail > 0 && painting !== null; // then it has been set already
    if (t && !byMouse) set(t, !isBlack(t));
  });
  on(table, "focusin", (event) => {
    home = numberOf(event.target) || home;
    settle();
  });
  on(table, "keydown", (event) => {
    const t = numberOf(event.target);
    const to = { ArrowLeft: t - 1, ArrowRight: t + 1, Home: 1, End: lamps().length }[event.key];
    if (!t || to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    lamps()[to - 1]?.focus();
    event.preventDefault();
  });
  return settle;
}
