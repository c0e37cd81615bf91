/* The sliders of the figure `Unroll`: one for every input, and one for every number of every weight,
   set as in the formulas, so that a weight is there once, however often it is used. */

import { ENTRIES, WEIGHT_NAMES, entryGradient, entryName, entryValue } from "./net.js";
import { three, typeset } from "./words.js";
import { element } from "../ui/dom.js";

/** One slider with its number; in a matrix its place is its name. */
function knob(name, attributes, title = []) {
  const slider = element("input",
    { type: "range", min: -2, max: 2, step: 0.05, "aria-label": name });
  const number = element("span", { class: "rnn-number" });
  const slope = element("span", { class: "rnn-number rnn-slope" });
  const made = element("label", { class: "rnn-knob", ...attributes },
    ...title, number, slider, slope);
  return Object.assign(made, { slider, number, slope });
}

/** A matrix of sliders, under a button that explains the weight. */
function matrix(weight) {
  const knobs = ENTRIES.filter(([name]) => name === weight).map((entry) =>
    Object.assign(knob(entryName(entry), { "data-entry": entryName(entry) }), { entry }));
  const columns = weight === "W_hh" || weight === "W_ho" ? 2 : 1;
  const button = element("button", {
    type: "button", class: `rnn-pick ${weight.startsWith("b") ? "rnn-pick-dot" : ""}`,
    "data-pick": weight, "aria-label": `Show where ${weight} is used`,
  }, ...typeset(weight));
  const made = element("div", { class: `rnn-matrix rnn-use-${weight}` }, button,
    element("div", { class: `rnn-entries rnn-columns-${columns}` }, ...knobs));
  return Object.assign(made, { knobs, button });
}

/** A formula's words; h_τ stands for the state before. */
function formula(text) {
  const words = element("span", { class: "rnn-formula" }, ...typeset(text));
  for (const index of words.querySelectorAll("sub")) {
    if (index.textContent === "τ") index.textContent = "t−1";
  }
  return words;
}

/** Make all sliders: { panel, inputs, matrices }. */
export function buildPanel(count) {
  const inputs = Array.from({ length: count }, (_, i) => {
    const name = `x_${i + 1}`;
    return knob(name, { "data-input": i + 1 }, [element("span", {}, ...typeset(name))]);
  });
  const matrices = WEIGHT_NAMES.map(matrix);
  const [xh, hh, bh, ho, bo] = matrices;
  const term = (...parts) => element("div", { class: "rnn-term" }, ...parts);
  const group = (title, ...parts) => element("fieldset", {},
    element("legend", { class: "rnn-title" }, title), ...parts);
  const equation = (...terms) => element("div", { class: "rnn-equation" }, ...terms);
  const panel = element("div", { class: "rnn-panel" },
    group("Inputs", element("div", { class: "rnn-inputs" }, ...inputs)),
    group("Weights: one set for all time steps",
      equation(term(formula("h_t = tanh("), xh, formula("x_t +")), term(hh, formula("h_τ +")),
        term(bh, formula(")"))),
      equation(term(formula("o_t ="), ho, formula("h_t +")), term(bo))));
  return { panel, inputs, matrices };
}

/** Set one slider; its range grows where a number from Python asks for it. */
function setKnob({ slider, number, slope, dataset }, value, gradient = null) {
  const reach = Math.max(Number(slider.max), Math.ceil(Math.abs(value)));
  slider.min = -reach;
  slider.max = reach;
  slider.value = value;
  slider.setAttribute("aria-valuetext", three(value));
  number.textContent = three(value);
  slope.textContent = gradient === null ? "" : `∂\u2009${three(gradient)}`;
  if (gradient === null) delete dataset.gradient;
  else dataset.gradient = gradient; // all its digits
}

/** Set all sliders. */
export function drawPanel({ inputs, matrices }, given, numbers) {
  inputs.forEach((made, i) => {
    made.hidden = i >= given.steps;
    setKnob(made, given.inputs[i] ?? 0);
  });
  for (const { knobs, button } of matrices) {
    button.setAttribute("aria-pressed", given.selected === button.dataset.pick);
    for (const made of knobs) {
      setKnob(made, entryValue(given.weights, made.entry),
        given.gradients ? entryGradient(numbers, made.entry) : null);
    }
  }
}
