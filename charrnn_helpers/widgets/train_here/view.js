/* The figure `TrainHere`: the network trains in the page, on sentences that the reader can change.

   What is shown follows from the model's traits alone, so two views of one model always agree: the
   run from `texts`, `weights`, `characters` and `lr`, and `epoch`, how far it is looked at. A run that
   has not come so far yet trains on, a little in every frame, so that the page stays at hand. */

import { element, prefersStill, shape, uniqueId, update, watch } from "../ui/dom.js";
import { signed } from "../ui/format.js";
import { drawCurve, drawLetters } from "./curve.js";
import { begin, chances, fault, oneEpoch, sentencesIn, writings } from "./run.js";

const BUDGET = 12; // milliseconds of training in one frame
const EARLIER = 3; // runs that stay in sight
const RATES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

function build(el) {
  const [texts, message, rate] = ["texts", "message", "rate"].map(uniqueId);
  const part = (role, tag, attributes, ...children) =>
    element(tag, { "data-role": role, ...attributes }, ...children);
  const button = (role, label, name = "") =>
    part(role, "button", { type: "button", class: `rnn-button ${name}` }, label);
  const curve = shape("svg", {
    "data-role": "curve", viewBox: "0 0 640 220", role: "img", class: "rnn-training-curve",
  });
  const root = element("div", { class: "rnn-figure rnn-train-here" },
    element("div", { class: "rnn-row" },
      button("play", "Train", "rnn-primary"), button("step", "One epoch"),
      button("restart", "Start over"),
      element("label", { for: rate, class: "rnn-strong" }, "Learning rate"),
      part("rate", "input", {
        id: rate, type: "range", min: 0, max: RATES.length - 1, step: 1, class: "rnn-rate",
      }),
      part("ratevalue", "span", { class: "rnn-number" })),
    part("words", "p", { class: "rnn-words rnn-number" }),
    part("live", "p", { class: "rnn-hidden", "aria-live": "polite" }),
    curve,
    part("scrub", "input",
      { type: "range", min: 0, step: 1, class: "rnn-epochs", "aria-label": "Epoch that is shown" }),
    part("key", "p", { class: "rnn-key" }),
    element("p", { class: "rnn-title" },
      "How likely the network thought each letter, given those before it"),
    element("div", { class: "rnn-scroll" }, part("letters", "ul", { class: "rnn-letters" })),
    element("p", { class: "rnn-title" }, "What it writes after the first word"),
    part("writings", "ul", { class: "rnn-writings" }),
    element("details", { class: "rnn-own" },
      element("summary", {}, "Let it learn other sentences"),
      element("label", { for: texts }, "One sentence a line"),
      part("texts", "textarea", {
        id: texts, rows: 4, class: "rnn-input", spellcheck: "false", "aria-describedby": message,
      }),
      part("message", "p", { id: message, class: "rnn-message", role: "alert" })));
  el.append(root);
  const roles = [...root.querySelectorAll("[data-role]")];
  return { root, ...Object.fromEntries(roles.map((node) => [node.dataset.role, node])) };
}

const given = (model) => Object.fromEntries(
  ["texts", "characters", "weights", "lr", "epochs", "epoch", "reference"]
    .map((name) => [name, model.get(name)]));

/** PyTorch's losses for this very run; empty if it made another one. */
function referenceFor({ reference, texts, lr }) {
  const same = JSON.stringify(reference.texts) === JSON.stringify(texts) && reference.lr === lr;
  return same ? reference.losses : [];
}

function explain(run, { epoch, epochs }, reference) {
  if (epoch === 0) {
    return "Random weights: nothing is learnt yet. Press ‘Train’."
      + (run.known ? "" : " (New letters, so all weights are drawn anew.)");
  }
  const loss = run.losses[epoch - 1];
  const apart = Math.max(...run.losses.slice(0, epoch).map((l, e) => Math.abs(l - reference[e])));
  return `Epoch ${epoch} of ${epochs}: loss ${signed(loss, 4)} nats a letter; by heart `
    + `${signed(run.floor, 4)}.${Number.isNaN(loss) ? " Training diverged." : ""}`
    + (epoch <= reference.length ? ` PyTorch’s run is ${amountOf(apart)} away at most.` : "");
}

const amountOf = (value) => (value < 1e-12 ? "less than 10⁻¹²" : value.toExponential(0)
  .replace(/e-(\d+)/, (_, power) => `\u00a0·\u00a010⁻${[...power].map((d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]).join("")}`));

function drawAll(parts, run, facts, earlier) {
  const reference = referenceFor(facts);
  const epoch = Math.min(facts.epoch, run.losses.length);
  drawCurve(parts.curve, { run, ...facts, epoch, reference, earlier });
  drawLetters(parts.letters, run, chances(run, epoch));
  parts.writings.replaceChildren(...writings(run, epoch).map(({ start, written }, i) => {
    const right = written === run.padded[i];
    return element("li", { class: right ? "rnn-right" : "" },
      element("b", {}, start), written.slice(start.length).replaceAll(" ", "␣"),
      element("span", {}, right ? " ✓ as in the sentence" : ""));
  }));
  const words = explain(run, { ...facts, epoch }, reference);
  parts.words.textContent = words;
  parts.curve.setAttribute("aria-label", `The loss against the epoch. ${words}`);
  parts.scrub.max = facts.epochs;
  parts.scrub.value = epoch;
  parts.scrub.setAttribute("aria-valuetext", `epoch ${epoch}`);
  parts.ratevalue.textContent = String(facts.lr);
  const nearest = RATES.reduce((best, rate, i) =>
    (Math.abs(Math.log(rate / facts.lr)) < Math.abs(Math.log(RATES[best] / facts.lr)) ? i : best), 0);
  parts.rate.value = nearest;
  parts.rate.setAttribute("aria-valuetext", String(facts.lr));
  const before = earlier.map(({ lr }) => lr).join(", ");
  parts.key.textContent = (reference.length > 0 ? "Thick and pale: PyTorch. " : "")
    + (before ? `Dotted: your runs before, learning rate ${before}.` : "");
  return words;
}

function render({ model, el }) {
  const parts = build(el);
  const listening = new AbortController();
  let run = begin(given(model));
  let earlier = []; // runs on the same sentences with other learning rates
  let playing = false;
  let frame = null;

  const tellPython = () => {
    const epoch = Math.min(model.get("epoch"), run.losses.length);
    update(model, { losses: run.losses.slice(0, epoch), trained: run.states[epoch].weights });
  };
  const settle = () => {
    playing = false;
    drawNow();
    parts.live.textContent = parts.words.textContent;
  };
  function drawNow() {
    drawAll(parts, run, given(model), earlier);
    parts.play.textContent = playing ? "Pause" : "Train";
    parts.step.setAttribute("aria-disabled", model.get("epoch") >= model.get("epochs"));
    if (!playing && run.losses.length >= model.get("epoch")) tellPython();
  }
  /** What is done in one frame: train as far as is wanted, or as time allows; then draw. */
  function tick() {
    frame = null;
    if (listening.signal.aborted) return;
    if (playing) {
      const pace = prefersStill() ? 10 : 1;
      update(model, { epoch: Math.min(model.get("epoch") + pace, model.get("epochs")) });
    }
    const start = performance.now();
    while (run.losses.length < model.get("epoch") && performance.now() - start < BUDGET) {
      oneEpoch(run);
    }
    const isBehind = run.losses.length < model.get("epoch");
    if (playing && !isBehind && model.get("epoch") >= model.get("epochs")) settle();
    else drawNow();
    if (playing || isBehind) ask();
  }
  function ask() {
    if (frame === null) frame = requestAnimationFrame(tick);
  }
  /** Another run: other sentences, or another learning rate. */
  function anew() {
    const next = begin(given(model));
    const same = JSON.stringify(next.padded) === JSON.stringify(run.padded);
    const done = run.losses.length > 0 && same && next.lr !== run.lr;
    const others = earlier.filter(({ lr }) => lr !== next.lr && lr !== run.lr);
    earlier = same ? [...others, ...(done ? [run] : [])].slice(-EARLIER) : [];
    run = next;
    ask();
  }

  const on = (part, event, does) =>
    part.addEventListener(event, does, { signal: listening.signal });
  on(parts.play, "click", () => {
    if (playing) return settle();
    if (model.get("epoch") >= model.get("epochs")) update(model, { epoch: 0 });
    playing = true;
    return ask();
  });
  on(parts.step, "click", () => {
    playing = false;
    if (model.get("epoch") < model.get("epochs")) update(model, { epoch: model.get("epoch") + 1 });
  });
  on(parts.restart, "click", () => {
    playing = false;
    update(model, { epoch: 0 });
    parts.live.textContent = "Random weights again.";
  });
  on(parts.scrub, "input", () => {
    playing = false;
    update(model, { epoch: Number(parts.scrub.value) });
  });
  on(parts.rate, "input", () => update(model, { epoch: 0, lr: RATES[Number(parts.rate.value)] }));
  on(parts.texts, "input", () => {
    const texts = sentencesIn(parts.texts.value);
    const wrong = fault(texts);
    if (parts.message.textContent !== wrong) parts.message.textContent = wrong;
    parts.texts.setAttribute("aria-invalid", wrong ? "true" : "false");
    if (!wrong) update(model, { epoch: 0, texts });
  });
  const unwatch = [
    watch(model, ["texts", "lr", "weights", "characters"], anew),
    watch(model, ["epoch", "epochs", "reference"], ask),
  ];
  parts.texts.value = model.get("texts").join("\n");
  drawNow();
  ask();
  return () => {
    if (frame !== null) cancelAnimationFrame(frame);
    listening.abort();
    unwatch.forEach((end) => end());
    parts.root.remove();
  };
}

export default { render };
