/* The figure `SpectralLab`: set the spectral radius, see how much of a gradient is left.

   What is shown follows from the model's traits alone, so two views of one model always agree; only
   what the mouse points at belongs to a single view. */

import { element, shape, uniqueId } from "../ui/dom.js";
import { box, button, part, speech } from "../ui/controls.js";
import { newFigure } from "../ui/figure.js";
import { drawCursor, drawDecay, drawScale, notation } from "./plot.js";
import { GATES } from "../nn/initialization.js";
import { laboratory } from "./decay.js";
import { COMMON, comparison, EXPERIMENTS, experimentOf, hint, leftOver } from "./words.js";

const SETTINGS = /** @type {const} */ ([
  "kind", "radius", "activation", "cell", "length", "input_scale", "gate_bias", "seed",
  "hidden_size",
]);
const CHOICES = {
  cell: ["Cell", { rnn: "RNN", gru: "GRU", lstm: "LSTM" }],
  activation: ["Activation", { tanh: "tanh", relu: "ReLU", identity: "identity" }],
  kind: ["Initialization", {
    default: "default", orthogonal: "orthogonal", identity: "identity", "non-normal": "non-normal",
  }],
};
const SLIDERS = { // smallest, largest, step, digits
  radius: [0.1, 2, 0.01, 2],
  length: [10, 60, 1, 0],
  input_scale: [0, 5, 0.1, 1],
  gate_bias: [-5, 5, 0.1, 1],
};

// What a first look does not need: shown once "More" is open, or while it is chosen.
const LATER = ["relu", "kind-identity", "non-normal"];
const isLater = (trait, value) => LATER.includes(value) || LATER.includes(`${trait}-${value}`);

/** A group of radio buttons for one trait. */
function choice(trait) {
  const [title, names] = CHOICES[trait];
  const group = uniqueId(trait);
  return part(trait, "fieldset", { class: "rnn-choices" },
    element("legend", {}, title),
    box("rnn-options", ...Object.entries(names).map(([value, name]) =>
      element("label", { class: isLater(trait, value) ? "rnn-later" : "" },
        part(`${trait}-${value}`, "input", { type: "radio", name: group, value }),
        element("span", {}, name)))));
}

/** A slider for one trait, with its number beside it. */
function slider(trait, words, number) {
  const [min, max, step] = SLIDERS[trait];
  const id = uniqueId(trait);
  return part(`${trait}-row`, "div", { class: "rnn-slider" },
    element("label", { for: id }, ...words),
    part(trait, "input", { id, type: "range", min, max, step }),
    number ?? part(`${trait}-number`, "span", { class: "rnn-number" }));
}

/** The radius, on a slider and exactly. */
function radiusControl() {
  const [min, max, step] = SLIDERS.radius;
  const message = uniqueId("message");
  const exact = part("radius-number", "input", {
    type: "number", min, max, step, class: "rnn-input rnn-number", inputmode: "decimal",
    "aria-label": "Spectral radius, exactly", "aria-describedby": message,
  });
  return box("rnn-radius",
    slider("radius", notation("Spectral radius ", "*ρ"), exact),
    part("message", "p", { id: message, class: "rnn-message", role: "alert" }));
}

const experiments = () =>
  element("div", { class: "rnn-row", role: "group", "aria-label": "Experiments" },
    element("span", { class: "rnn-strong" }, "Try"),
    ...EXPERIMENTS.map(({ name }, i) => button(`experiment-${i}`, name)));

const hintLine = () => part("words", "p", { class: "rnn-words" });

const matrix = () => part("matrix", "p", { class: "rnn-matrix" });

const sliders = () => box("rnn-sliders",
  slider("input_scale", ["Scale of the inputs"]),
  slider("length", notation("Time steps ", "*T")),
  slider("gate_bias", [part("gate", "span", {})]),
  button("again", "Draw again"));

function plot() {
  const curves = shape("svg", {
    "data-role": "curves", preserveAspectRatio: "none", "aria-hidden": "true", class: "rnn-curves",
  });
  return box("rnn-decay",
    part("plot", "div", { class: "rnn-plot", role: "img" },
      part("scale", "div", { class: "rnn-scale-lines" }), curves,
      part("exits", "div", {}), part("cursor", "div", { class: "rnn-cursor" }),
      part("dot", "div", { class: "rnn-dot" })),
    part("distances", "div", { class: "rnn-distances", "aria-hidden": "true" }),
    part("distance", "input", {
      type: "range", min: 0, step: 1, class: "rnn-reach", "aria-label": "Steps back, d",
    }),
    element("p", { class: "rnn-axis", "aria-hidden": "true" }, "steps back, ",
      element("i", {}, "d"), " →"));
}

const result = () => box("rnn-result",
  part("left", "p", { class: "rnn-left" }), part("comparison", "p", {}));

const legend = () => part("legend", "ul", { class: "rnn-lines", "aria-label": "Lines" });

/** The parts of the figure that stay; what changes is drawn into them. */
const build = () => box("rnn-figure rnn-spectral-lab",
  experiments(), hintLine(), radiusControl(), result(), plot(), legend(),
  box("rnn-controls",
    box("rnn-row", choice("cell"), choice("activation"), choice("kind")), sliders()),
  matrix(), speech());

/** The same parts, of which a first look does not need all. */
const buildBasic = () => box("rnn-figure rnn-spectral-lab",
  radiusControl(),
  box("rnn-controls", box("rnn-row", choice("activation"), choice("kind"))),
  result(), plot(), legend(),
  element("details", { class: "rnn-more" },
    element("summary", {}, "More: experiments, other cells, the inputs"),
    box("rnn-controls", experiments(), hintLine(), choice("cell"), sliders(), matrix())),
  speech());

/** Tell that the radius in the box cannot be set; "" if it can. */
function complain(parts, words) {
  parts.message.textContent = words;
  parts["radius-number"].setAttribute("aria-invalid", words ? "true" : "false");
}

/** Show the settings in the controls. */
function drawControls(parts, given) {
  for (const trait of Object.keys(CHOICES)) {
    for (const node of parts[trait].querySelectorAll("input")) node.checked = node.value === given[trait];
  }
  for (const [trait, [, , , digits]] of Object.entries(SLIDERS)) {
    parts[trait].value = given[trait];
    const number = parts[`${trait}-number`];
    if (number.tagName === "SPAN") number.textContent = given[trait].toFixed(digits).replace("-", "−");
    else if (Number(number.value) !== given[trait]) number.value = given[trait];
  }
  complain(parts, "");
  parts.activation.disabled = given.cell !== "rnn";
  parts["gate_bias-row"].hidden = given.cell === "rnn";
  parts.gate.replaceChildren(...notation("Bias of gate ", given.cell === "gru" ? "*z" : "*f"));
  const current = experimentOf(given);
  EXPERIMENTS.forEach((one, i) =>
    parts[`experiment-${i}`].setAttribute("aria-pressed", one === current));
  parts.words.textContent = hint(given);
}

/** Print the numbers of W_hh. */
function drawMatrix(parts, given, found) {
  const gates = GATES[given.cell];
  const norms = found.largest.map((value, g) => `${gates[g]} ${value.toFixed(2)}`.trim()).join(", ");
  const each = given.cell === "rnn" ? "" : ", each gate's block";
  parts.matrix.replaceChildren(...notation(
    "*W", "_hh", `, ${given.hidden_size} × ${given.hidden_size}${each}: spectral radius `, "*ρ",
    ` = ${Number(given.radius.toFixed(4))}, spectral norm `, "*σ", "_max", ` = ${norms}`));
}

/** Show what is left of the gradient: kept, the distance that the slider is at; pointed, the one that
    the mouse is at, or null. */
function drawDistance(parts, given, found, kept, pointed) {
  const { norms } = found;
  const d = Math.min(pointed ?? kept, norms.length - 1);
  drawCursor(parts, given, found, d);
  parts.left.textContent = leftOver(d, norms[d]);
  parts.comparison.textContent = comparison(given, found, d);
  parts.distance.max = given.length;
  parts.distance.value = kept;
  parts.distance.setAttribute("aria-valuetext", leftOver(kept, norms[kept]));
  parts.plot.setAttribute("aria-label", "Measured norm of the gradient against steps back, on a"
    + ` logarithmic scale. ${leftOver(given.length, norms[given.length])}`);
}

/** Let the reader choose every setting, alone or as one of the experiments. */
function offerSettings({ parts, on, get, set }) {
  for (const trait of Object.keys(CHOICES)) {
    on(parts[trait], "change", ({ target }) => set({ [trait]: target.value }));
  }
  for (const trait of Object.keys(SLIDERS)) {
    on(parts[trait], "input", () => set({ [trait]: Number(parts[trait].value) }));
  }
  on(parts["radius-number"], "input", () => {
    const value = Number(parts["radius-number"].value);
    const [min, max] = SLIDERS.radius;
    const fits = value >= min && value <= max;
    complain(parts, fits ? "" : `ρ must be a number from ${min} to ${max}.`);
    if (fits) set({ radius: value });
  });
  on(parts.again, "click", () => set({ seed: get("seed") + 1 }));
  EXPERIMENTS.forEach(({ settings: wanted }, i) =>
    on(parts[`experiment-${i}`], "click", () => set({ ...wanted, ...COMMON })));
}

/** Let the reader point at a distance in the plot, and keep it; point(d) is told of the one that the
    mouse is at, or null. */
function offerDistances({ parts, on, get, set }, point) {
  const placeOf = (event) => {
    const { left, width } = parts.plot.getBoundingClientRect();
    const d = Math.round(((event.clientX - left) / width) * get("length"));
    return Math.min(Math.max(d, 0), get("length"));
  };
  const keep = (event) => set({ distance: placeOf(event) });
  on(parts.plot, "pointermove", (event) => {
    point(placeOf(event));
    if (event.buttons === 1) keep(event);
  });
  on(parts.plot, "pointerleave", () => point(null));
  on(parts.plot, "pointerdown", keep);
  on(parts.distance, "input", () => set({ distance: Number(parts.distance.value) }));
}

function render({ model, el }) {
  const measure = laboratory();
  let found = null;
  let pointed = null; // the distance that the mouse points at: shown, not kept
  const root = model.get("controls") === "basic" ? buildBasic() : build();
  const figure = newFigure({ model, el }, SETTINGS, root, ({ parts, now }) => {
    found = measure(now());
    drawControls(parts, now());
    drawDecay(parts, found);
    drawMatrix(parts, now(), found);
    look();
    const { weights: { W_hh, W_xh }, inputs, norms, bound = [] } = found;
    return { W_hh, W_xh, inputs, norms, bound };
  });
  const { parts, now, get, on, say } = figure;
  const look = () => {
    const kept = Math.min(Math.max(get("distance"), 0), found.norms.length - 1);
    drawDistance(parts, now(), found, kept, pointed);
  };
  const tell = () => queueMicrotask(() => say(parts.left.textContent)); // once it is drawn

  offerSettings(figure);
  offerDistances(figure, (d) => {
    pointed = d;
    look();
  });
  on(parts.root, "change", ({ target }) => target !== parts.distance && tell());
  on(parts.root, "click", ({ target }) => target.closest("button") && tell());
  figure.watch(["distance"], () => look());
  drawScale(parts);
  figure.drawNow();
  return figure.end;
}

export default { render };
