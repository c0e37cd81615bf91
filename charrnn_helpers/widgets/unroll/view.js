/* The figure `Unroll`: one small network, folded or unfolded over k time steps, with all its numbers.

   What is shown follows from the model's traits alone, so two views of one model always agree; only
   what a reader points at belongs to one view. */

import { exists, parseNode, run, withEntry } from "./net.js";
import { computation, sentence, three, typeset } from "./words.js";
import { buildGraph } from "./shapes.js";
import { drawGraph, lightUp } from "./graph.js";
import { buildPanel, drawPanel } from "./panel.js";
import { dragInputs, walkNodes } from "./hands.js";
import { element, uniqueId, update, watch } from "../ui/dom.js";

const LONGEST_RUN = 8;
const SHOWN = ["weights", "inputs", "steps", "folded", "gradients", "selected"];
const POINTED = "[data-node], [data-entry], [data-weight], [data-input], [data-pick]";

/** The traits that are shown; no more steps than there are inputs. */
function traitsOf(model) {
  const given = Object.fromEntries(SHOWN.map((name) => [name, model.get(name)]));
  return { ...given, steps: Math.min(given.steps, given.inputs.length) };
}

const numbersFor = ({ weights, inputs, steps }) => run(weights, inputs, steps);

/** The parts of the figure that stay; what changes is drawn into them. */
function build(el) {
  const steps = uniqueId("steps");
  const part = (role, tag, attributes, ...children) =>
    element(tag, { "data-role": role, ...attributes }, ...children);
  const button = (role, label, name = "") =>
    part(role, "button", { type: "button", class: `rnn-button ${name}` }, label);
  const drawing = buildGraph();
  const sliders = buildPanel(LONGEST_RUN);
  const root = element("div", { class: "rnn-figure rnn-unroll" },
    element("div", { class: "rnn-row" },
      button("fold", "Fold", "rnn-primary"),
      element("div", { class: "rnn-steps" },
        element("label", { for: steps }, "time steps ", element("i", {}, "k")),
        part("steps", "input", { id: steps, type: "range", min: 1, max: LONGEST_RUN, step: 1 }),
        part("k", "span", { class: "rnn-number rnn-strong" })),
      element("label", { class: "rnn-check" },
        part("gradients", "input", { type: "checkbox" }),
        part("gradientname", "span", {})),
      button("reset", "Reset")),
    part("words", "p", { class: "rnn-words" }),
    part("live", "p", { class: "rnn-hidden", "aria-live": "polite" }),
    part("scroller", "div", { class: "rnn-scroll" }, drawing.svg),
    part("hint", "p", { class: "rnn-hint" }, "Point at a node to see what it depends on, or at a"
      + " weight to see where it is used. Press a node for its sum. Drag an input up or down."),
    part("sums", "div", { class: "rnn-sums" }),
    sliders.panel);
  el.append(root);
  const roles = [...root.querySelectorAll("[data-role]")];
  return { root, drawing, sliders,
    ...Object.fromEntries(roles.map((node) => [node.dataset.role, node])) };
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
function redraw(parts, given) {
  const numbers = numbersFor(given);
  const { steps: k } = given;
  parts.fold.textContent = given.folded ? "Unfold" : "Fold";
  parts.steps.max = given.inputs.length;
  parts.steps.value = k;
  parts.k.textContent = k;
  parts.gradients.checked = given.gradients;
  parts.gradientname.replaceChildren("gradients of ", ...typeset(`o_${k}`));
  drawGraph(parts.drawing, given, numbers, parts.scroller.clientWidth - 6);
  drawPanel(parts.sliders, given, numbers);
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

function render({ model, el }) {
  const parts = build(el);
  const listening = new AbortController();
  const start = { weights: model.get("weights"), inputs: model.get("inputs") };
  let looked = ""; // the name of what is pointed at, or has the focus
  let waiting = false; // to be drawn

  const now = () => traitsOf(model);
  const on = (part, event, callback) =>
    part.addEventListener(event, callback, { signal: listening.signal });
  const say = (words) => {
    parts.live.textContent = words;
  };
  const tell = () => {
    const given = now();
    say(`o_${given.steps} = ${three(numbersFor(given).o[given.steps])}`);
  };
  /** Light and explain what is looked at, else what is selected. */
  const explain = () => {
    const given = now();
    const name = [looked, given.selected].find((one) => exists(one, given.steps)) ?? "";
    const words = sentence(name, given, numbersFor(given));
    lightUp(parts.drawing, given.folded ? "" : name);
    parts.words.replaceChildren(...typeset(words));
    return words;
  };
  const drawNow = () => {
    const results = redraw(parts, now());
    settle();
    explain();
    update(model, results);
  };
  /** Draw once, after all that happens now has happened. */
  const show = () => {
    if (!waiting) queueMicrotask(() => {
      waiting = false;
      if (!listening.signal.aborted) drawNow();
    });
    waiting = true;
  };
  const look = (name) => {
    if (name === looked) return;
    looked = name;
    explain();
  };
  const select = (name) => {
    update(model, { selected: now().selected === name ? "" : name });
    say(explain());
  };
  const setInput = (t, value) =>
    update(model, { inputs: now().inputs.map((x, i) => (i === t - 1 ? value : x)) });

  on(parts.fold, "click", () => {
    update(model, { folded: !now().folded });
    say(explain());
  });
  on(parts.steps, "input", () => update(model, { steps: Number(parts.steps.value) }));
  on(parts.steps, "change", () => {
    parts.scroller.scrollLeft = parts.scroller.scrollWidth; // the last step in sight
    tell();
  });
  on(parts.gradients, "change", () => update(model, { gradients: parts.gradients.checked }));
  on(parts.reset, "click", () => {
    update(model, { weights: start.weights, inputs: start.inputs });
    tell();
  });
  parts.sliders.inputs.forEach(({ slider }, i) => {
    on(slider, "input", () => setInput(i + 1, Number(slider.value)));
    on(slider, "change", tell);
  });
  for (const { knobs, button } of parts.sliders.matrices) {
    on(button, "click", () => select(button.dataset.pick));
    for (const { slider, entry } of knobs) {
      on(slider, "input", () => {
        update(model, { weights: withEntry(now().weights, entry, Number(slider.value)) });
      });
      on(slider, "change", tell);
    }
  }

  const named = (target) => nameOfPart(target, parts.root);
  const focused = () => named(parts.root.getRootNode().activeElement);
  on(parts.root, "pointerover", (event) => {
    if (parts.graph.hasPointerCapture(event.pointerId)) return;
    look(named(event.target) || focused());
  });
  on(parts.root, "pointerleave", () => look(focused()));
  on(parts.root, "focusin", (event) => look(named(event.target)));
  on(parts.root, "focusout", () => look(""));
  dragInputs(parts.graph, on, {
    start: (t) => now().inputs[t - 1],
    move: (t, value) => {
      const { slider } = parts.sliders.inputs[t - 1]; // it keeps the value on its own steps
      slider.value = value;
      setInput(t, Number(slider.value));
    },
    end: tell,
  });
  const settle = walkNodes(parts.scroller, on, { steps: () => now().steps, press: select });
  on(parts.graph, "click", (event) => {
    const name = named(event.target);
    if (name) select(parseNode(name)[0] ? name : name.split("[")[0]);
  });

  const unwatch = watch(model, SHOWN, show);
  const resized = new ResizeObserver(show);
  resized.observe(parts.scroller);
  drawNow();
  parts.graph.getBoundingClientRect(); // everything takes its first place at once
  parts.graph.classList.remove("rnn-still");
  return () => {
    listening.abort();
    resized.disconnect();
    unwatch();
    parts.root.remove();
  };
}

export default { render };
