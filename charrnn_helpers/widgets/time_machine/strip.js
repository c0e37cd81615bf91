/* A passage while a network reads it: its letters, and below them the hidden states as a heat map with
   a row for each unit and a column for each letter. */

import { element } from "../ui/dom.js";
import { diverging } from "../ui/format.js";
import { letterWords, shown, unitWords } from "./words.js";

/** The letters, shaded by how likely the network thought each, or in the colours of one unit.

    chances: of all letters but the first; values: of the unit at each letter, or null. */
function drawPassage(list, letters, chances, values) {
  list.replaceChildren(...letters.map((letter, t) => {
    const p = chances[t - 1];
    const cell = element("li", { title: letterWords(letter, p) }, shown(letter),
      element("span", { class: "rnn-hidden" }, p === undefined ? "" : ` ${(-Math.log2(p)).toFixed(1)} bits`));
    if (!values && p === undefined) return cell;
    cell.className = values ? "rnn-traced" : "rnn-likely";
    if (values) cell.style.setProperty("--rnn-trace", diverging(values[t]));
    else cell.style.setProperty("--rnn-p", `${(100 * p).toFixed(0)}%`);
    return cell;
  }));
}

/** Red, green and blue of a colour of the theme, which has it as #rrggbb. */
function channels(style, name) {
  const code = parseInt(style.getPropertyValue(name).trim().slice(1), 16);
  return [code >> 16, (code >> 8) & 255, code & 255];
}

/** Paint states, (T, H) numbers from −1 to 1, one pixel each, to be stretched by the style sheet.

    A pixel's opacity is the size of its number: at 0 the page's own ground is seen. */
function paintStates(canvas, states) {
  const style = getComputedStyle(canvas);
  const [negative, positive] = ["--rnn-negative", "--rnn-positive"].map((name) => channels(style, name));
  const [T, H] = [states.length, states[0].length];
  const image = new ImageData(T, H);
  states.forEach((h, t) => h.forEach((value, i) => {
    const at = 4 * (i * T + t);
    image.data.set(value < 0 ? negative : positive, at);
    image.data[at + 3] = Math.round(255 * Math.min(1, Math.abs(value)));
  }));
  [canvas.width, canvas.height] = [T, H];
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/** Draw what was read, { states, chances, bits }, in the light of the unit that is looked at. */
export function drawReading(parts, { text, unit }, { states, chances, bits }) {
  const letters = [...text];
  const H = states[0].length;
  const values = unit < 0 ? null : states.map((h) => h[unit]);
  parts.scroller.style.setProperty("--rnn-columns", letters.length);
  parts.scroller.style.setProperty("--rnn-units", H);
  parts.scroller.style.setProperty("--rnn-unit", unit);
  drawPassage(parts.letters, letters, chances, values);
  paintStates(parts.states, states);
  parts.states.setAttribute("aria-label", `Heat map of ${H} hidden units, a row each, over`
    + ` ${letters.length} characters, a column each.`);
  parts.row.hidden = unit < 0;
  parts.mode.textContent = values ? `each character in the colour of unit ${unit}`
    : `how likely it thought each character (${bits.toFixed(2)} bits on average), and its states`;
  parts.spot.textContent = unitWords(unit, letters, values);
}

/** Which cell of the heat map the mouse is at: { t, unit }, or null. */
export function cellAt(canvas, { clientX, clientY }) {
  const box = canvas.getBoundingClientRect();
  const t = Math.floor(((clientX - box.left) / box.width) * canvas.width);
  const unit = Math.floor(((clientY - box.top) / box.height) * canvas.height);
  const isInside = t >= 0 && t < canvas.width && unit >= 0 && unit < canvas.height;
  return isInside ? { t, unit } : null;
}

/** Call back when the page changes between light and dark; returns what ends that. */
export function watchTheme(callback) {
  const observer = new MutationObserver(callback);
  const attributeFilter = ["data-theme", "data-jp-theme-light"];
  for (const node of [document.documentElement, document.body]) {
    observer.observe(node, { attributes: true, attributeFilter });
  }
  return () => observer.disconnect();
}
