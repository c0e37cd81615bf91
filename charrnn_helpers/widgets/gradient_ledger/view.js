/* The figure `GradientLedger`: what each loss of a text gives to each use of a weight.

   What is shown follows from the model's traits alone, so two views of one model always agree;
   only what the mouse points at belongs to a single view. Time steps are counted from 1 in the
   traits, and from 0 in the tables. */

import { drawLosses, drawShares } from "./bars.js";
import { element, uniqueId, update, watch } from "../ui/dom.js";
import { visible } from "../ui/format.js";
import { DECADES, afterHorizon, examine, ledgerName, ledgerNames } from "./facts.js";
import { buildMap, drawMap, placeOf, thumbnail } from "./map.js";
import {
  CELL_NAMES, entryWords, flowWords, horizonWords, scientific, sumWords, symbolOf, textComplaint,
  typeset,
} from "./words.js";

const LONGEST = 41; // characters: T + 1
const TRAITS = [
  "networks", "characters", "text", "cell", "trained", "weight", "loss", "horizon", "logarithmic",
];

const readTraits = (model) => Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));

/** A group of radio buttons: { legend, options: [[value, label], …] }. */
function radios(role, legend, options) {
  const name = uniqueId(role);
  return element("fieldset", { class: "rnn-row rnn-group", "data-role": role },
    element("legend", {}, legend),
    ...options.map(([value, label]) => element("label", { class: "rnn-choice" },
      element("input", { type: "radio", name, value }), label)));
}

/** The parts of the figure that stay; what changes is drawn into them. */
function buildLedger(el, { networks }) {
  const [text, message, loss, horizon, flow, cut, title] =
    ["text", "message", "loss", "horizon", "flow", "cut", "title"].map(uniqueId);
  const part = (role, tag, attributes, ...children) =>
    element(tag, { "data-role": role, ...attributes }, ...children);
  const box = (name, ...children) => element("div", { class: name }, ...children);
  const slider = (role, id, min, about) =>
    part(role, "input", { id, type: "range", min, step: "1", "aria-describedby": about });
  const root = box("rnn-figure rnn-gradient-ledger",
    box("rnn-row rnn-groups",
      radios("cell", "Cell", Object.entries(CELL_NAMES).filter(([cell]) => cell in networks)),
      radios("trained", "Network", [["", "untrained"], ["yes", "trained"]])),
    part("weights", "fieldset", { class: "rnn-thumbs" }),
    box("rnn-pair",
      box("rnn-side", buildMap(),
        box("rnn-keyline", part("least", "span", {}), box("rnn-heatramp"), part("most", "span", {}),
          radios("scale", "Colours", [["", "linear"], ["yes", "log"]]))),
      box("rnn-side", part("losses", "div", { class: "rnn-losses", "aria-hidden": "true" }))),
    box("rnn-row rnn-slide", element("label", { for: loss, class: "rnn-strong" }, "Loss at step"),
      slider("loss", loss, "0", flow), part("which", "span", { class: "rnn-number" })),
    part("flow", "p", { id: flow, class: "rnn-say" }),
    part("reaching", "div", { class: "rnn-reach" },
      part("sharetitle", "p", { class: "rnn-title", id: title }),
      part("distances", "ol", { class: "rnn-distances", "aria-labelledby": title }),
      slider("horizon", horizon, "1", cut),
      box("rnn-cutline", element("label", { for: horizon, class: "rnn-strong" },
        "Horizon ", element("i", {}, "k"), " = ", part("reach", "span", { class: "rnn-number" })),
      part("cut", "p", { id: cut, class: "rnn-say" }))),
    part("live", "p", { class: "rnn-hidden", "aria-live": "polite" }),
    box("rnn-row", element("label", { for: text, class: "rnn-strong" }, "Text"),
      part("text", "input", {
        id: text, type: "text", class: "rnn-input", autocomplete: "off", autocapitalize: "off",
        autocorrect: "off", spellcheck: "false", "aria-describedby": message,
      }),
      part("message", "p", { id: message, class: "rnn-message", role: "alert" })),
    part("sum", "p", { class: "rnn-proof" }));
  el.append(root);
  const roles = [...root.querySelectorAll("[data-role]")];
  return { root, ...Object.fromEntries(roles.map((node) => [node.dataset.role, node])) };
}

/** One radio button with a small heat map for each weight. */
function drawOverview(parts, { cell, logarithmic }, facts, chosen) {
  const name = parts.weights.dataset.name ?? uniqueId("weight");
  parts.weights.dataset.name = name;
  const focused = parts.weights.contains(document.activeElement);
  parts.weights.replaceChildren(element("legend", { class: "rnn-hidden" }, "Weight"),
    ...ledgerNames(cell).map((weight) => {
      const input = element("input", { type: "radio", name, value: weight });
      input.checked = weight === chosen;
      return element("label", { class: "rnn-thumb" }, input,
        thumbnail(facts.ledger[weight].norms, logarithmic),
        ...typeset(symbolOf(cell, weight)));
    }));
  if (focused) parts.weights.querySelector("input:checked").focus();
}

function drawControls(parts, given, { T, letters }, { loss, k }) {
  const check = (group, value) => {
    for (const input of group.querySelectorAll("input")) input.checked = input.value === value;
  };
  check(parts.cell, given.cell);
  check(parts.trained, given.trained ? "yes" : "");
  check(parts.scale, given.logarithmic ? "yes" : "");
  for (const input of parts.weights.querySelectorAll("input")) {
    input.checked = input.value === ledgerName(given.cell, given.weight);
  }
  Object.assign(parts.loss, { max: T, value: loss === null ? 0 : loss + 1 });
  Object.assign(parts.horizon, { max: T, value: k });
  const which = loss === null ? "all" : `${loss + 1} ‘${visible(letters[loss + 1])}’`;
  parts.which.textContent = which;
  parts.loss.setAttribute("aria-valuetext", loss === null ? "all losses" : which);
  parts.reach.textContent = k;
  parts.horizon.setAttribute("aria-valuetext", `${k} of ${T}`);
}

/** Draw everything that depends on the traits and the pointer; returns what Python is told. */
function redrawLedger(parts, given, facts, spot) {
  const { T, letters, ledger, sumError } = facts;
  const weight = ledgerName(given.cell, given.weight);
  const k = Math.min(given.horizon, T);
  const chosen = given.loss === null ? null : Math.min(given.loss, T) - 1;
  const shown = {
    T, letters, ...ledger[weight], k, spot, loss: spot ? spot.i : chosen, sumError,
    logarithmic: given.logarithmic, symbol: symbolOf(given.cell, weight),
  };
  drawControls(parts, given, facts, { loss: chosen, k });
  drawMap(parts, shown);
  drawLosses(parts, shown);
  const shares = drawShares(parts, shown);
  const left = afterHorizon(facts, weight, k);
  const largest = Math.max(...shown.norms.flat());
  parts.least.textContent = given.logarithmic ? scientific(largest / 10 ** DECADES) : "0";
  parts.most.textContent = scientific(largest);
  parts.flow.replaceChildren(
    ...typeset(spot ? entryWords(shown, spot) : flowWords(shown)));
  parts.cut.replaceChildren(...typeset(horizonWords(shown, left)));
  parts.sharetitle.replaceChildren(
    ...typeset(`Share of the whole ${shown.symbol} gradient by distance (its projection), in %`));
  parts.sum.textContent = sumWords(facts);
  parts.map.setAttribute("aria-label", `Heat map of the ${T} by ${T} ledger of ${shown.symbol}.`
    + " Rows are losses, columns uses of the weight. What it shows is said below.");
  return { table: shown.norms, shares, kept: left.share, error: left.error };
}

function render({ model, el }) {
  const parts = buildLedger(el, readTraits(model));
  const listening = new AbortController();
  let [facts, examined] = [null, []]; // of what
  let overview = []; // what it was drawn of
  let spot = null; // the entry under the mouse
  let dragging = false; // the horizon
  let waiting = false; // to be drawn

  const now = () => readTraits(model);
  const differ = (a, b) => a.length !== b.length || a.some((value, n) => value !== b[n]);
  const drawNow = () => {
    const given = now();
    const inputs = [given.networks, given.cell, given.trained, given.characters, given.text];
    if (differ(inputs, examined)) {
      facts = examine(given.networks[given.cell][given.trained ? 1 : 0], given.characters, given.text);
      [examined, spot] = [inputs, null];
    }
    if (differ([facts, given.logarithmic], overview)) {
      drawOverview(parts, given, facts, ledgerName(given.cell, given.weight));
      overview = [facts, given.logarithmic];
    }
    update(model, redrawLedger(parts, given, facts, spot));
  };
  /** Draw once, after all that happens now has happened. */
  const show = () => {
    if (!waiting) queueMicrotask(() => {
      waiting = false;
      if (!listening.signal.aborted) drawNow();
    });
    waiting = true;
  };
  const say = (words) => {
    if (parts.message.textContent !== words) parts.message.textContent = words;
    parts.text.setAttribute("aria-invalid", words ? "true" : "false");
  };
  /** Another text: a horizon that cut nothing still cuts nothing. */
  const readText = () => {
    const T = [...now().text].length - 1;
    if (facts && now().horizon >= facts.T) update(model, { horizon: T });
    if (parts.text.value !== now().text) parts.text.value = now().text;
    say("");
    show();
  };
  const tell = (part) => {
    parts.live.textContent = part.textContent;
  };

  const on = (part, event, callback) =>
    part.addEventListener(event, callback, { signal: listening.signal, passive: false });
  on(parts.cell, "change", (event) => update(model, { cell: event.target.value }));
  on(parts.trained, "change", (event) => update(model, { trained: event.target.value === "yes" }));
  on(parts.scale, "change", (event) => update(model, { logarithmic: event.target.value === "yes" }));
  on(parts.weights, "change", (event) => update(model, { weight: event.target.value }));
  for (const role of ["cell", "trained", "weights"]) {
    on(parts[role], "change", () => queueMicrotask(() => queueMicrotask(() => tell(parts.flow))));
  }
  on(parts.text, "input", () => {
    const words = textComplaint(parts.text.value, now().characters, LONGEST);
    if (!words) update(model, { text: parts.text.value });
    say(words);
  });
  const chooseLoss = (i) => update(model, { loss: i });
  on(parts.loss, "input", () => chooseLoss(Number(parts.loss.value) || null));
  on(parts.loss, "change", () => tell(parts.flow));
  on(parts.horizon, "input", () => update(model, { horizon: Number(parts.horizon.value) }));
  on(parts.horizon, "change", () => tell(parts.cut));
  on(parts.losses, "click", (event) => {
    const row = event.target.closest("[data-loss]");
    if (row) chooseLoss(Number(row.dataset.loss));
  });

  const cellAt = (event) => {
    const { i, j } = placeOf(parts.map, event);
    const at = { i: Math.floor(i), j: Math.max(0, Math.floor(j)) };
    return at.i >= 0 && at.i < facts.T && at.j <= at.i ? at : null;
  };
  const point = (at) => {
    if (JSON.stringify(at) === JSON.stringify(spot)) return;
    spot = at;
    show();
  };
  on(parts.map, "pointermove", (event) => {
    if (dragging) {
      const { i, j } = placeOf(parts.map, event);
      update(model, { horizon: Math.min(facts.T, Math.max(1, Math.round(i - j + 0.5))) });
    } else if (event.pointerType === "mouse") point(cellAt(event));
  });
  on(parts.map, "pointerleave", () => point(null));
  on(parts.map, "click", (event) => {
    const at = cellAt(event);
    if (!at || parts.grip.contains(event.target)) return;
    chooseLoss(now().loss === at.i + 1 ? null : at.i + 1);
    if (event.pointerType !== "mouse") point(null);
  });
  // A finger on the line shall not scroll the page; browsers overlook touch-action inside an SVG
  on(parts.grip, "touchstart", (event) => event.preventDefault());
  on(parts.grip, "pointerdown", (event) => {
    dragging = true;
    spot = null;
    parts.grip.setPointerCapture(event.pointerId);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    on(parts.grip, end, () => {
      dragging = false;
      tell(parts.cut);
    });
  }

  const unwatch = [
    watch(model, ["text"], readText),
    watch(model, TRAITS.filter((name) => name !== "text"), show),
  ];
  parts.text.value = now().text;
  drawNow();
  return () => {
    listening.abort();
    unwatch.forEach((end) => end());
    parts.root.remove();
  };
}

export default { render };
