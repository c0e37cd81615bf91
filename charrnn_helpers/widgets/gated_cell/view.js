/* The figure `GatedCell`: move the gates of one cell, see what it keeps and what comes back.

   What is shown follows from the model's traits alone, so two views of one model always agree. */

import { element, shape, uniqueId, watchSize } from "../ui/dom.js";
import { box, button, part, slider, speech } from "../ui/controls.js";
import { newFigure } from "../ui/figure.js";
import { transport, transportButtons } from "../ui/transport.js";
import { drawGraph } from "./graph.js";
import { SETTINGS, isAsNamed, namesOf, run, startOf, withNumber } from "./net.js";
import { drawSliders, gateSliders, moreSliders } from "./panel.js";
import {
  BUTTONS, CUES, comparison, equations, hint, measured, spoken, two, typeset,
} from "./words.js";

const TRAITS = /** @type {const} */ (["cell", "setting", "values", "cues", "step"]);
const CELLS = { lstm: "LSTM", gru: "GRU" };

/** Radio buttons beside each other: one role for all, and the values with their words. */
function options(role, title, choices) {
  const group = uniqueId(role);
  return part(role, "fieldset", { class: "rnn-choices" },
    element("legend", {}, ...title),
    box("rnn-options", ...choices.map(([value, name]) =>
      element("label", {}, element("input", { type: "radio", name: group, value }),
        element("span", {}, name)))));
}

function sequenceControls() {
  const id = uniqueId("value");
  return element("fieldset", { class: "rnn-inputs" },
    part("inputs-title", "legend", { class: "rnn-title" }),
    box("rnn-knob", element("label", { for: id }, "value"),
      part("value", "input", { id, type: "range", min: -1, max: 1, step: 0.1 }),
      part("value-number", "span", { class: "rnn-number" })),
    options("cue", ["cue"], [-1, 0, 1].map((cue) => [cue, CUES[cue]])),
    button("reset", "Reset the inputs"));
}

/** The parts of the figure that stay; what changes is drawn into them. */
const build = () => box("rnn-figure rnn-gated-cell",
  box("rnn-row", options("cell", ["Cell"], Object.entries(CELLS)),
    element("div", { class: "rnn-row rnn-settings", role: "group", "aria-label": "Settings" },
      ...BUTTONS.map(([name, words]) => button(`setting-${name}`, words)))),
  part("words", "p", { class: "rnn-words" }),
  part("scroller", "div", {
    class: "rnn-scroll", tabindex: 0, role: "group", "aria-label": "The cell at every step",
  },
    shape("svg", { "data-role": "graph", class: "rnn-graph", role: "img" })),
  element("p", { class: "rnn-hint" }, "Bars in the last row: the gradient, measured by backpropagation."
    + " Lines across them: the product of the gates after that step. Drag a value, press a cue."),
  box("rnn-result",
    part("measured", "div", { class: "rnn-measured" }),
    part("comparison", "p", {})),
  ...gateSliders(), moreSliders(),
  box("rnn-row rnn-going", slider("scrub", { "aria-label": "Time step" }), transportButtons()),
  box("rnn-step", part("equations", "ul", { class: "rnn-equations", "aria-label": "Equations" }),
    sequenceControls()),
  speech());

/** Show the choices in the controls. */
function drawControls(parts, given) {
  const { cell, setting, values, cues, step: t } = given;
  for (const one of parts.cell.querySelectorAll("input")) one.checked = one.value === cell;
  for (const name of Object.keys(SETTINGS)) {
    parts[`setting-${name}`].setAttribute("aria-pressed",
      name === startOf(setting) && isAsNamed(cell, setting));
  }
  for (const one of parts.cue.querySelectorAll("input")) one.checked = Number(one.value) === cues[t - 1];
  parts["inputs-title"].textContent = `Input at step ${t}`;
  parts.value.value = values[t - 1];
  parts.value.setAttribute("aria-valuetext", two(values[t - 1]));
  parts["value-number"].textContent = two(values[t - 1]);
}

/** Say what comes of it, in words and in numbers. */
function drawWords(parts, given, found) {
  parts.words.replaceChildren(...typeset(hint(given)));
  parts.measured.replaceChildren(...measured(given, found).map(([words, formula, value]) =>
    element("p", {}, words, element("span", { class: "rnn-name" }, ...typeset(formula),
      element("b", { class: "rnn-number" }, value)))));
  parts.comparison.replaceChildren(...typeset(comparison(given, found)));
  parts.equations.replaceChildren(...equations(given, found).map(([name, formula, result]) =>
    element("li", {}, ...typeset(name), element("div", {},
      element("span", {}, "= ", ...typeset(formula)), " ", element("span", {}, `= ${result}`)))));
  parts.graph.setAttribute("aria-label", `What the cell does at each of ${given.values.length} steps.`
    + ` ${spoken(given, found)}`);
}

/** Let the reader choose the cell and a setting, and move every number. */
function offerCell({ parts, on, get, set }) {
  on(parts.cell, "change", ({ target }) => set({ cell: target.value }));
  for (const [name] of BUTTONS) on(parts[`setting-${name}`], "click", () => set({ setting: name }));
  for (const cell of Object.keys(CELLS)) {
    for (const name of namesOf(cell)) {
      on(parts[name], "input", () =>
        set({ setting: withNumber(cell, get("setting"), name, Number(parts[name].value)) }));
    }
  }
}

const replaced = (list, t, value) => list.map((old, i) => (i === t - 1 ? value : old));

/** Let the reader write the sequence: by the controls, and in the drawing, where a value can be
    dragged and a cue pressed. placed(): where things lie now; look(t) goes to a step. */
function offerInputs(figure, start, placed, look) {
  const { parts, on, get, now, set } = figure;
  const setValue = (t, value) => set({ values: replaced(get("values"), t, value) });
  const setCue = (t, cue) => set({ cues: replaced(get("cues"), t, cue) });
  on(parts.value, "input", () => setValue(now().step, Number(parts.value.value)));
  on(parts.cue, "change", ({ target }) => setCue(now().step, Number(target.value)));
  on(parts.reset, "click", () => set(start));
  let dragged = 0; // the step whose value is dragged
  const drag = (event) => {
    const y = event.clientY - parts.graph.getBoundingClientRect().top;
    setValue(dragged, Math.round(10 * placed().valueAt(y)) / 10);
  };
  on(parts.graph, "pointerdown", (event) => {
    const held = event.target.closest("[data-drag]");
    if (!held || event.button !== 0) return;
    dragged = Number(held.dataset.drag);
    parts.graph.setPointerCapture(event.pointerId);
    look(dragged);
    drag(event);
  });
  on(parts.graph, "pointermove", (event) => dragged && drag(event));
  for (const end of ["pointerup", "pointercancel"]) on(parts.graph, end, () => (dragged = 0));
  on(parts.graph, "click", (event) => {
    const pressed = event.target.closest("[data-cue]");
    const t = pressed ? Number(pressed.dataset.cue)
      : placed().stepAt(event.clientX - parts.graph.getBoundingClientRect().left);
    if (pressed) setCue(t, ((get("cues")[t - 1] + 2) % 3) - 1); // 0, +1, −1, and again
    look(t);
  });
}

function render({ model, el }, start) {
  let found = null;
  let places = null;
  const figure = newFigure({ model, el }, TRAITS, build(), ({ parts }) => {
    const given = now();
    found = run(given);
    places = drawGraph(parts.graph, given, found, parts.scroller.clientWidth || 600);
    drawControls(parts, given);
    drawSliders(parts, given.cell, found.numbers);
    drawWords(parts, given, found);
    time.draw(spoken(given, found));
    return {
      h: found.steps.map(({ h }) => h),
      c: given.cell === "lstm" ? found.steps.map(({ c }) => c) : [],
      gradients: found.gradients, product: found.products[0],
    };
  });
  const { parts, on, say } = figure;
  const now = () => {
    const given = figure.now();
    const T = Math.min(given.values.length, given.cues.length); // one changes before the other
    const [values, cues] = [given.values.slice(0, T), given.cues.slice(0, T)];
    return { ...given, values, cues, step: Math.min(Math.max(given.step, 1), T) };
  };
  const tell = () => queueMicrotask(() => say(spoken(now(), found))); // once it is drawn
  const time = transport(figure, { beat: 900, last: () => now().values.length, tell });

  offerCell(figure);
  offerInputs({ ...figure, now }, start, () => places, time.look);
  on(parts.root, "change", ({ target }) => target !== parts.scrub && tell());
  on(parts.root, "click", ({ target }) => target.closest("button, svg") && tell());
  figure.atEnd(watchSize(parts.scroller, figure.show));
  figure.drawNow();
  return figure.end;
}

/** One of it for each model, so that all its views reset to the same inputs. */
export default () => {
  const start = {};
  return {
    initialize: ({ model }) => ["values", "cues"].forEach((name) => (start[name] = model.get(name))),
    render: (place) => render(place, start),
  };
};
