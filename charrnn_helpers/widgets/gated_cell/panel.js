/* The sliders of the figure `GatedCell`: of each gate a bias and a weight on the cue in plain view, all
   other weights behind a fold. */

import { element, uniqueId } from "../ui/dom.js";
import { box, part } from "../ui/controls.js";
import { signed } from "../ui/format.js";
import { CONTENT, LARGEST, PARTS, ROWS } from "./net.js";
import { NAMES, typeset } from "./words.js";

const STEPS = { bias: 0.25, cue: 0.5, value: 0.05, state: 0.05 };
const TITLES = { bias: "bias", cue: "weight on cue_t", value: "weight on value_t",
  state: "weight on h_t-1" };
const SPOKEN = { bias: "bias", cue: "weight on the cue", value: "weight on the value",
  state: "weight on the state before" };

/** A slider for one number, with the number beside it. */
function knob(row, name) {
  const id = uniqueId("number");
  const most = LARGEST[name];
  return box("rnn-knob", element("label", { for: id }, ...typeset(TITLES[name])),
    part(`${row}_${name}`, "input", { id, type: "range", min: -most, max: most, step: STEPS[name],
      "aria-label": `${NAMES[row]}: ${SPOKEN[name]}` }),
    part(`${row}_${name}-number`, "span", { class: "rnn-number" }));
}

const title = (row) =>
  element("legend", { class: "rnn-title" }, ...typeset(`${row}_t`), ` ${NAMES[row]}`);

const group = (row, parts) => element("fieldset", { class: `rnn-gate rnn-of-${row}` }, title(row),
  ...parts.map((name) => knob(row, name)));

/** What is in plain view of a row, and what is not. */
const plain = (cell, row) => (row === CONTENT[cell] ? [] : ["bias", "cue"]);
const folded = (cell, row) => PARTS.filter((name) => !plain(cell, row).includes(name));

/** The gates of both cells, one of which is hidden. */
export const gateSliders = () => Object.keys(ROWS).map((cell) =>
  part(`gates-${cell}`, "div", { class: "rnn-gates" },
    ...ROWS[cell].filter((row) => row !== CONTENT[cell]).map((row) => group(row, plain(cell, row)))));

/** All other numbers. */
export const moreSliders = () => element("details", {},
  element("summary", {}, "More: the weights on the state before and on the value, and the new content"),
  ...Object.keys(ROWS).map((cell) => part(`more-${cell}`, "div", { class: "rnn-gates" },
    ...ROWS[cell].map((row) => group(row, folded(cell, row))))));

/** Bring the sliders of a cell up to date. */
export function drawSliders(parts, cell, numbers) {
  for (const one of Object.keys(ROWS)) {
    parts[`gates-${one}`].hidden = one !== cell;
    parts[`more-${one}`].hidden = one !== cell;
  }
  for (const [name, value] of Object.entries(numbers)) {
    const words = signed(value, Number.isInteger(4 * value) && !Number.isInteger(value) ? 2 : 1);
    parts[name].value = value;
    parts[name].setAttribute("aria-valuetext", words);
    parts[`${name}-number`].textContent = words;
  }
}
