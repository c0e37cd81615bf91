/* The figure `Unroll`: one small network, folded or unfolded over k time steps, with all its numbers.

   What is shown follows from the model's traits alone, so two views of one model always agree; only
   what a reader points at belongs to one view. */

import { exists, parseNode, run, withEntry } from "./net.js";
import { computation, sentence, three, typeset } from "./words.js";
import { buildGraph } from "./shapes.js";
import { drawGraph, lightUp } from "./graph.js";
import { buildPanel, drawPanel } from "./panel.js";
import { dragInputs, walkNodes } from "./hands.js";
import { box, button, part, slider, speech } from "../ui/controls.js";
import { element, uniqueId, watchSize } from "../ui/dom.js";
import { focused, newFigure } from "../ui/figure.js";

const LONGEST_RUN = 8;
const SHOWN = /** @type {const} */ ([
  "weights", "inputs", "steps", "folded", "gradients", "selected",
]);
const OF_THE_START = /** @type {const} */ (["weights", "inputs"]); // what Reset brings back
const POINTED = "[data-node], [data-entry], [data-weight], [data-input], [data-pick]";

/** No more steps than there are inputs. */
const possible = (given) => ({ ...given, steps: Math.min(given.steps, given.inputs.length) });

const numbersFor = ({ weights, inputs, steps }) => run(weights, inputs, steps);

/** The parts of the figure that stay; what changes is drawn into them. */
function build(svg, panel) {
  const steps = uniqueId("steps");
  return box("rnn-figure rnn-unroll",
    box("rnn-row",
      button("fold", "Fold", "rnn-primary"),
      box("rnn-steps",
        element("label", { for: steps }, "time steps ", element("i", {}, "k")),
        slider("steps", { id: steps, max: LONGEST_RUN }),
        part("k", "span", { class: "rnn-number rnn-strong" })),
      element("label", { class: "rnn-check" },
        part("gradients", "input", { type: "checkbox" }),
        part("gradientname", "span", {})),
      button("reset", "Reset")),
    part("words", "p", { class: "rnn-words" }),
    speech(),
    part("scroller", "div", { class: "rnn-scroll" }, svg),
    part("hint", "p", { class: "rnn-hint" }, "Point at a node to see what it depends on, or at a"
      + " weight to see where it is used. Press a node for its sum. Drag an input up or down."),
    part("sums", "div", { class: "rnn-sums" }),
    panel);
}

/** How the selected node's numbers come about. */
function drawSums(parts, given, numbers) {
  const sums = given.folded || !exists(given.selected, given.steps) ? []
    : computation(given.selected, given, numbers);
  parts.hint.hidden = given.folded || sums.length > 0;
  parts.sums.replaceChildren(...sums.map(([name, ...lines]) =>
    element("div", { class: "rnn-sum" }, element("span", {}, ...typeset(name)),
      element("div", {}, ...lines.map((line) => element("p", {}, ...typeset(line)))))));
}

/** Draw everything that depends on the traits; returns what Python is told. */
function redraw(parts, { drawing, sliders }, given) {
  const numbers = numbersFor(given);
  const { steps: k } = given;
  parts.fold.textContent = given.folded ? "Unfold" : "Fold";
  parts.steps.max = given.inputs.length;
  parts.steps.value = k;
  parts.k.textContent = k;
  parts.gradients.checked = given.gradients;
  parts.gradientname.replaceChildren("gradients of ", ...typeset(`o_${k}`));
  drawGraph(drawing, given, numbers, parts.scroller.clientWidth - 6);
  drawPanel(sliders, given, numbers);
  drawSums(parts, given, numbers);
  return { hidden: numbers.h.slice(1), outputs: numbers.o.slice(1) };
}

/** The name of the node, the weight or the number that an element stands for; "" for none. */
function nameOfPart(target, root) {
  const found = target?.closest?.(POINTED);
  if (!found || !root.contains(found)) return "";
  const { node, entry, weight, input, pick } = found.dataset;
  return node ?? entry ?? weight ?? pick ?? `x_${input}`;
}

/** Let the reader set what the controls and the sliders set; `tell` says what comes of it. */
function offerControls({ parts, on, get, set }, sliders, { tell, select, setInput, explain }) {
  on(parts.fold, "click", () => {
    set({ folded: !get("folded") });
    explain();
  });
  on(parts.steps, "input", () => set({ steps: Number(parts.steps.value) }));
  on(parts.steps, "change", () => {
    parts.scroller.scrollLeft = parts.scroller.scrollWidth; // the last step in sight
    tell();
  });
  on(parts.gradients, "change", () => set({ gradients: parts.gradients.checked }));
  sliders.inputs.forEach(({ slider: one }, i) => {
    on(one, "input", () => setInput(i + 1, Number(one.value)));
    on(one, "change", tell);
  });
  for (const { knobs, button: name } of sliders.matrices) {
    on(name, "click", () => select(name.dataset.pick));
    for (const { slider: one, entry } of knobs) {
      on(one, "input", () => set({ weights: withEntry(get("weights"), entry, Number(one.value)) }));
      on(one, "change", tell);
    }
  }
}

/** Tell `look` what is pointed at or has the focus, and `select` what is pressed. */
function listenToLooks({ parts, on }, look, select) {
  const named = (target) => nameOfPart(target, parts.root);
  const inFocus = () => named(focused(parts.root));
  on(parts.root, "pointerover", (event) => {
    if (parts.graph.hasPointerCapture(event.pointerId)) return;
    look(named(event.target) || inFocus());
  });
  on(parts.root, "pointerleave", () => look(inFocus()));
  on(parts.root, "focusin", (event) => look(named(event.target)));
  on(parts.root, "focusout", () => look(""));
  on(parts.graph, "click", (event) => {
    const name = named(event.target);
    if (name) select(parseNode(name)[0] ? name : name.split("[")[0]);
  });
}

function render({ model, el }, start) {
  const [drawing, sliders] = [buildGraph(), buildPanel(LONGEST_RUN)];
  let looked = ""; // the name of what is pointed at, or has the focus
  const figure = newFigure({ model, el }, SHOWN, build(drawing.svg, sliders.panel), ({ parts }) => {
    const results = redraw(parts, { drawing, sliders }, now());
    settle();
    light();
    return results;
  });
  const { parts, get, set, on, say } = figure;
  const now = () => possible(figure.now());
  const tell = () => say(`o_${now().steps} = ${three(numbersFor(now()).o[now().steps])}`);
  /** Light and explain what is looked at, else what is selected. */
  const light = () => {
    const given = now();
    const name = [looked, given.selected].find((one) => exists(one, given.steps)) ?? "";
    const words = sentence(name, given, numbersFor(given));
    lightUp(drawing, given.folded ? "" : name);
    parts.words.replaceChildren(...typeset(words));
    return words;
  };
  const explain = () => say(light());
  const look = (name) => {
    if (name === looked) return;
    looked = name;
    light();
  };
  const select = (name) => {
    set({ selected: get("selected") === name ? "" : name });
    explain();
  };
  const setInput = (t, value) =>
    set({ inputs: get("inputs").map((x, i) => (i === t - 1 ? value : x)) });

  offerControls(figure, sliders, { tell, select, setInput, explain });
  on(parts.reset, "click", () => {
    set(start);
    tell();
  });
  dragInputs(parts.graph, on, {
    start: (t) => get("inputs")[t - 1],
    move: (t, value) => {
      const { slider: one } = sliders.inputs[t - 1]; // it keeps the value on its own steps
      one.value = value;
      setInput(t, Number(one.value));
    },
    end: tell,
  });
  const settle = walkNodes(parts.scroller, on, { steps: () => now().steps, press: select });
  listenToLooks(figure, look, select); // behind dragging, which is no click
  figure.atEnd(watchSize(parts.scroller, figure.show));
  figure.drawNow();
  parts.graph.getBoundingClientRect(); // everything takes its first place at once
  parts.graph.classList.remove("rnn-still");
  return figure.end;
}

/** One of it for each model, so that all its views reset to the same start. */
export default () => {
  const start = {};
  return {
    initialize: ({ model }) => OF_THE_START.forEach((name) => (start[name] = model.get(name))),
    render: (place) => render(place, start),
  };
};
