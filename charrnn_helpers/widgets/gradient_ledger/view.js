/* The figure `GradientLedger`: what each loss of a text gives to each use of a weight.

   What is shown follows from the model's traits alone, so two views of one model always agree;
   only what the mouse points at belongs to a single view. Time steps are counted from 1 in the
   traits, and from 0 in the tables. */

import { readable } from "../ui/complaint.js";
import { element, uniqueId } from "../ui/dom.js";
import { box, part, slider, speech } from "../ui/controls.js";
import { focused, newFigure } from "../ui/figure.js";
import { scientific, visible } from "../ui/format.js";
import { drawLosses, drawShares, markLoss } from "./bars.js";
import { DECADES, afterCut, examine, ledgerName, ledgerNames } from "./facts.js";
import { buildMap, drawMap, markMap, placeOf, thumbnail } from "./map.js";
import {
  CELL_NAMES, cutWords, entryWords, flowWords, sumWords, symbolOf, textComplaint, typeset,
} from "./words.js";

const LONGEST = 41; // characters: T + 1
const TRAITS = /** @type {const} */ ([
  "networks", "characters", "text", "cell", "trained", "weight", "loss", "cut_by", "horizon", "chunk", "logarithmic",
]);

/** A group of radio buttons: [[value, label], …]. */
function group(role, legend, options) {
  const name = uniqueId(role);
  return part(role, "fieldset", { class: "rnn-row rnn-group" }, element("legend", {}, legend),
    ...options.map(([value, label]) => element("label", { class: "rnn-choice" },
      element("input", { type: "radio", name, value }), label)));
}

/** The map of one weight with its colours, and beside it a bar for each loss. */
const buildPair = () => box("rnn-pair",
  box("rnn-side", buildMap(),
    box("rnn-keyline", part("least", "span"), box("rnn-heatramp"), part("most", "span"),
      group("scale", "Colours", [["", "linear"], ["yes", "log"]]))),
  box("rnn-side", part("losses", "div", { class: "rnn-losses", "aria-hidden": "true" })));

/** A slider over the losses, and what is said of the one that is chosen. */
function buildLoss() {
  const [loss, flow] = ["loss", "flow"].map(uniqueId);
  return [
    box("rnn-row rnn-slide", element("label", { for: loss, class: "rnn-strong" }, "Loss at step"),
      slider("loss", { id: loss, min: 0, "aria-describedby": flow }),
      part("which", "span", { class: "rnn-number" })),
    part("flow", "p", { id: flow, class: "rnn-say" }),
  ];
}

/** The shares by distance, and below them where the way back is cut. */
function buildCut() {
  const [title, horizon, cut] = ["title", "horizon", "cut"].map(uniqueId);
  return part("reaching", "div", { class: "rnn-reach" },
    group("kind", "Cut by", [["horizon", "horizon"], ["chunks", "chunks"]]),
    part("sharetitle", "p", { class: "rnn-title", id: title }),
    part("distances", "ol", { class: "rnn-distances", "aria-labelledby": title }),
    slider("horizon", { id: horizon, "aria-describedby": cut }),
    box("rnn-cutline", element("label", { for: horizon, class: "rnn-strong" },
      part("cutname", "span"), " ", part("reach", "span", { class: "rnn-number" })),
    part("cut", "p", { id: cut, class: "rnn-say" })));
}

function buildText() {
  const [text, message] = ["text", "message"].map(uniqueId);
  return box("rnn-row", element("label", { for: text, class: "rnn-strong" }, "Text"),
    part("text", "input", {
      id: text, type: "text", class: "rnn-input", autocomplete: "off", autocapitalize: "off",
      autocorrect: "off", spellcheck: "false", "aria-describedby": message,
    }),
    part("message", "p", { id: message, class: "rnn-message", role: "alert" }));
}

/** The parts of the figure that stay; what changes is drawn into them. */
const build = (networks) => box("rnn-figure rnn-gradient-ledger",
  box("rnn-row rnn-groups",
    group("cell", "Cell", Object.entries(CELL_NAMES).filter(([cell]) => cell in networks)),
    group("trained", "Network", [["", "untrained"], ["yes", "trained"]])),
  part("weights", "fieldset", { class: "rnn-thumbs" }),
  buildPair(),
  ...buildLoss(),
  buildCut(),
  speech(),
  buildText(),
  part("sum", "p", { class: "rnn-proof" }));

/** The same function, which works only if it is given something else than the last time. */
function remembering(work) {
  let [before, result] = [null, null];
  return (...given) => {
    if (before?.every((value, n) => value === given[n])) return result;
    [before, result] = [given, work(...given)];
    return result;
  };
}

/** One radio button with a small heat map for each weight. */
function drawOverview({ weights }, facts, { cell, weight, logarithmic }) {
  const name = weights.dataset.name ?? uniqueId("weight");
  weights.dataset.name = name;
  const hadFocus = weights.contains(focused(weights));
  weights.replaceChildren(element("legend", { class: "rnn-hidden" }, "Weight"),
    ...ledgerNames(cell).map((one) => element("label", { class: "rnn-thumb" },
      element("input", { type: "radio", name, value: one }),
      thumbnail(facts.ledger[one].norms, logarithmic),
      ...typeset(symbolOf(cell, one)))));
  check(weights, ledgerName(cell, weight));
  if (hadFocus) weights.querySelector("input:checked").focus();
}

/** Check one of the radio buttons. */
function check(buttons, value) {
  for (const input of buttons.querySelectorAll("input")) input.checked = input.value === value;
}

/** The trait that says where the way back is cut; figures that were saved without one have a horizon. */
const traitOf = (cutBy) => (cutBy === "chunks" ? "chunk" : "horizon");

/** What is shown of the facts: the ledger of one weight, cut by a horizon or into chunks of k. */
function shownOf(given, facts) {
  const { T, letters, ledger } = facts;
  const weight = ledgerName(given.cell, given.weight);
  return {
    T, letters, ...ledger[weight], weight, symbol: symbolOf(given.cell, weight),
    cutBy: given.cut_by, k: Math.min(given[traitOf(given.cut_by)] || T, T), loss: given.loss === null ? null : Math.min(given.loss, T) - 1,
    logarithmic: given.logarithmic,
  };
}

function drawControls(parts, given, { T, letters, weight, loss, cutBy, k }) {
  check(parts.cell, given.cell);
  check(parts.trained, given.trained ? "yes" : "");
  check(parts.scale, given.logarithmic ? "yes" : "");
  check(parts.kind, cutBy === "chunks" ? "chunks" : "horizon");
  check(parts.weights, weight);
  Object.assign(parts.loss, { max: T, value: loss === null ? 0 : loss + 1 });
  Object.assign(parts.horizon, { max: T, value: k });
  const which = loss === null ? "all" : `${loss + 1} ‘${visible(letters[loss + 1])}’`;
  parts.which.textContent = which;
  parts.loss.setAttribute("aria-valuetext", loss === null ? "all losses" : which);
  parts.cutname.textContent = cutBy === "chunks" ? "Chunks of" : "Horizon";
  parts.reach.textContent = k;
  parts.horizon.setAttribute("aria-valuetext", `${k} of ${T}`);
}

/** Draw everything that depends on the traits; returns what Python is told. */
function redraw(parts, given, facts, shown) {
  const { T, norms, symbol, weight, cutBy, k, logarithmic } = shown;
  drawControls(parts, given, shown);
  drawMap(parts, shown);
  drawLosses(parts, shown);
  const shares = drawShares(parts, shown);
  const left = afterCut(facts, weight, cutBy, k);
  const largest = Math.max(...norms.flat());
  parts.least.textContent = logarithmic ? scientific(largest / 10 ** DECADES) : "0";
  parts.most.textContent = scientific(largest);
  parts.cut.replaceChildren(...typeset(cutWords(shown, left)));
  parts.sharetitle.replaceChildren(
    ...typeset(`Share of the whole ${symbol} gradient by distance, in %${
      cutBy === "chunks" && k < T ? "; grey: cut off" : ""}`));
  parts.sum.textContent = sumWords(facts);
  parts.map.setAttribute("aria-label", `Heat map of the ${T} by ${T} ledger of ${symbol}.`
    + " Rows are losses, columns uses of the weight. What it shows is said below.");
  return { table: norms, shares, kept: left.share, error: left.error };
}

/** Outline what is chosen, or pointed at, and say what it gives. */
function drawPointed(parts, shown, spot) {
  const loss = spot ? spot.i : shown.loss;
  markMap(parts, shown.T, loss, spot);
  markLoss(parts.losses, loss);
  parts.flow.replaceChildren(...typeset(spot ? entryWords(shown, spot) : flowWords(shown)));
}

/** Let the reader choose with buttons, sliders and bars. */
function offerChoices({ parts, on, get, set, say }) {
  const tell = (told) => say(told.textContent);
  const choose = (role, traitsOf) => on(parts[role], "change", ({ target }) => {
    set(traitsOf(target.value));
    if (role !== "scale") queueMicrotask(() => tell(parts.flow)); // when it is drawn
  });
  choose("cell", (cell) => ({ cell }));
  choose("trained", (value) => ({ trained: value === "yes" }));
  choose("scale", (value) => ({ logarithmic: value === "yes" }));
  choose("weights", (weight) => ({ weight }));
  on(parts.loss, "input", () => set({ loss: Number(parts.loss.value) || null }));
  on(parts.loss, "change", () => tell(parts.flow));
  on(parts.kind, "change", ({ target }) => {
    set({ cut_by: target.value });
    queueMicrotask(() => tell(parts.cut));
  });
  on(parts.horizon, "input", () => set({ [traitOf(get("cut_by"))]: Number(parts.horizon.value) }));
  on(parts.horizon, "change", () => tell(parts.cut));
  on(parts.losses, "click", (event) => {
    const row = event.target.closest("[data-loss]");
    if (row) set({ loss: Number(row.dataset.loss) });
  });
}

/** Let the reader type another text; steps(): T of the text that is shown. */
function offerText({ parts, on, get, set, watch }, steps) {
  const typed = () => readable(parts.text.value, get("characters"));
  const complain = (words) => {
    if (parts.message.textContent !== words) parts.message.textContent = words;
    parts.text.setAttribute("aria-invalid", words ? "true" : "false");
  };
  on(parts.text, "input", () => {
    const words = textComplaint(typed(), get("characters"), LONGEST);
    if (!words) set({ text: typed() });
    complain(words);
  });
  watch(["text"], () => {
    const T = [...get("text")].length - 1;
    for (const name of ["horizon", "chunk"]) { // what cut nothing still does not
      if (get(name) >= steps()) set({ [name]: T });
    }
    if (typed() !== get("text")) parts.text.value = get("text");
    complain("");
  });
  parts.text.value = get("text");
}

/** Let the reader point at an entry of the map, and choose its row. */
function offerMap({ parts, on, get, set }, steps, point) {
  const cellAt = (event) => {
    const { i, j } = placeOf(parts.map, event);
    const at = { i: Math.floor(i), j: Math.max(0, Math.floor(j)) };
    return at.i >= 0 && at.i < steps() && at.j <= at.i ? at : null;
  };
  on(parts.map, "pointermove", (event) => {
    const isFree = event.pointerType === "mouse" && !parts.grip.hasPointerCapture(event.pointerId);
    if (isFree) point(cellAt(event));
  });
  on(parts.map, "pointerleave", () => point(null));
  on(parts.map, "click", (event) => {
    const at = cellAt(event);
    if (!at || parts.grip.contains(event.target)) return;
    set({ loss: get("loss") === at.i + 1 ? null : at.i + 1 });
    if (event.pointerType !== "mouse") point(null);
  });
}

/** Let the reader drag the edge of what is kept. */
function offerGrip({ parts, on, get, set, say }, steps, point) {
  // A finger on the line shall not scroll the page; browsers overlook touch-action inside an SVG
  on(parts.grip, "touchstart", (event) => event.preventDefault());
  on(parts.grip, "pointerdown", (event) => {
    if (event.button !== 0) return;
    point(null);
    parts.grip.setPointerCapture(event.pointerId);
  });
  on(parts.grip, "pointermove", (event) => {
    if (!parts.grip.hasPointerCapture(event.pointerId)) return;
    const { i, j } = placeOf(parts.map, event);
    const k = Math.round(get("cut_by") === "chunks" ? i : i - j + 0.5);
    set({ [traitOf(get("cut_by"))]: Math.min(steps(), Math.max(1, k)) });
  });
  on(parts.grip, "lostpointercapture", () => say(parts.cut.textContent));
}

function render({ model, el }) {
  let [facts, shown] = [null, null];
  let spot = null; // the entry under the mouse
  const factsOf = remembering((networks, cell, trained, characters, text) => {
    spot = null;
    return examine(networks[cell][trained ? 1 : 0], characters, text);
  });
  const figure = newFigure({ model, el }, TRAITS, build(model.get("networks")), () => {
    const given = figure.now();
    facts = factsOf(given.networks, given.cell, given.trained, given.characters, given.text);
    shown = shownOf(given, facts);
    showOverview(facts, given.logarithmic);
    const told = redraw(figure.parts, given, facts, shown);
    drawPointed(figure.parts, shown, spot);
    return told;
  });
  const showOverview = remembering(() => drawOverview(figure.parts, facts, figure.now()));
  const steps = () => facts.T;
  const point = (at) => {
    if (JSON.stringify(at) === JSON.stringify(spot)) return;
    spot = at;
    drawPointed(figure.parts, shown, spot);
  };
  offerChoices(figure);
  offerText(figure, steps);
  offerMap(figure, steps, point);
  offerGrip(figure, steps, point);
  figure.drawNow();
  return figure.end;
}

export default { render };
