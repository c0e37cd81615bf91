/* The figure `TrainHere`: the network trains in the page, on sentences that the reader can change.

   What is shown follows from the model, so two views of it agree: the run from its traits `texts`,
   `weights`, `characters` and `lr`, the dotted curves from the runs before, and `epoch`, how far the
   run is looked at. A run that has not come so far yet trains on, a little in every frame, so that
   the page stays at hand. */

import { element, prefersStill, shape, uniqueId } from "../ui/dom.js";
import { box, button, part, slider, speech } from "../ui/controls.js";
import { newFigure } from "../ui/figure.js";
import { scientific, signed } from "../ui/format.js";
import { drawCurve, drawLetters } from "./curve.js";
import { chances, fault, oneEpoch, runsOf, sentencesIn, writings } from "./run.js";

const BUDGET = 12; // milliseconds of training in one frame
const RATES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];
const TRAITS = /** @type {const} */ ([
  "texts", "characters", "weights", "lr", "epochs", "epoch", "reference",
]);

function buildControls() {
  const rate = uniqueId("rate");
  return box("rnn-row",
    button("play", "Train", "rnn-primary"), button("next", "One epoch"),
    button("restart", "Start over"),
    element("label", { for: rate, class: "rnn-strong" }, "Learning rate"),
    slider("rate", { id: rate, min: 0, max: RATES.length - 1, class: "rnn-rate" }),
    part("ratevalue", "span", { class: "rnn-number" }));
}

/** A box for sentences of the reader's own. */
function buildTexts() {
  const [texts, message] = ["texts", "message"].map(uniqueId);
  return element("details", { class: "rnn-own" },
    element("summary", {}, "Let it learn other sentences"),
    element("label", { for: texts }, "One sentence a line"),
    part("texts", "textarea", {
      id: texts, rows: 4, class: "rnn-input", spellcheck: "false", dir: "auto",
      "aria-describedby": message,
    }),
    part("message", "p", { id: message, class: "rnn-message", role: "alert" }));
}

/** The parts of the figure that stay; what changes is drawn into them. */
const build = () => box("rnn-figure rnn-train-here",
  buildControls(),
  part("words", "p", { class: "rnn-words rnn-number" }),
  speech(),
  shape("svg", {
    "data-role": "curve", viewBox: "0 0 640 220", role: "img", class: "rnn-training-curve",
  }),
  slider("scrub", { min: 0, class: "rnn-epochs", "aria-label": "Epoch that is shown" }),
  part("key", "p", { class: "rnn-key" }),
  element("p", { class: "rnn-title" },
    "How likely the network thought each letter, given those before it"),
  box("rnn-scroll", part("letters", "ul", { class: "rnn-letters" })),
  element("p", { class: "rnn-title" }, "What it writes after the first word"),
  part("writings", "ul", { class: "rnn-writings" }),
  buildTexts());

/** PyTorch's losses for this very run; empty if it made another one. */
function referenceFor({ reference, texts, lr }) {
  const same = JSON.stringify(reference.texts) === JSON.stringify(texts) && reference.lr === lr;
  return same ? reference.losses : [];
}

/** How far PyTorch's losses are from the page's, in words. */
function distanceWords(losses, reference) {
  const apart = Math.max(...losses.map((loss, e) => Math.abs(loss - reference[e])));
  if (!Number.isFinite(apart)) return ""; // both diverged, or PyTorch's run is shorter
  return ` PyTorch’s run is ${apart < 1e-12 ? "less than 10⁻¹²" : scientific(apart)} away at most.`;
}

function explain(run, epoch, epochs, reference) {
  if (epoch === 0) {
    return "Random weights: nothing is learnt yet. Press ‘Train’."
      + (run.known ? "" : " (New letters, so all weights are drawn anew.)");
  }
  const losses = run.losses.slice(0, epoch);
  return `Epoch ${epoch} of ${epochs}: loss ${signed(losses.at(-1), 4)} nats a letter; by heart `
    + `${signed(run.floor, 4)}.${Number.isNaN(losses.at(-1)) ? " Training diverged." : ""}`
    + distanceWords(losses, reference);
}

/** What the network writes, and whether that is the sentence. */
const writtenLine = ({ start, written }, sentence) => {
  const right = written === sentence;
  return element("li", { class: right ? "rnn-right" : "", dir: "auto" },
    element("b", {}, start), written.slice(start.length).replaceAll(" ", "␣"),
    element("span", {}, right ? " ✓ as in the sentence" : ""));
};

/** The slider's place for a learning rate, which need not be one of its own. */
function nearestRate(lr) {
  const apart = RATES.map((rate) => Math.abs(Math.log(rate / lr)));
  return apart.indexOf(Math.min(...apart));
}

function drawControls(parts, { lr, epochs }, epoch, playing) {
  parts.play.textContent = playing ? "Pause" : "Train";
  parts.next.setAttribute("aria-disabled", epoch >= epochs);
  parts.scrub.max = epochs;
  parts.scrub.value = epoch;
  parts.scrub.setAttribute("aria-valuetext", `epoch ${epoch}`);
  parts.ratevalue.textContent = String(lr);
  parts.rate.value = nearestRate(lr);
  parts.rate.setAttribute("aria-valuetext", String(lr));
}

/** Draw the run as it is at its epoch, or as far as it has come. */
function redraw(parts, given, { run, earlier }, playing) {
  const reference = referenceFor(given);
  const epoch = Math.min(given.epoch, run.losses.length);
  drawControls(parts, given, epoch, playing);
  drawCurve(parts.curve, { run, epoch, epochs: given.epochs, reference, earlier });
  drawLetters(parts.letters, run, chances(run, epoch));
  parts.writings.replaceChildren(
    ...writings(run, epoch).map((line, i) => writtenLine(line, run.padded[i])));
  const words = explain(run, epoch, given.epochs, reference);
  parts.words.textContent = words;
  parts.curve.setAttribute("aria-label", `The loss against the epoch. ${words}`);
  const before = earlier.map(({ lr }) => lr).join(", ");
  parts.key.textContent = (reference.length > 0 ? "Thick and pale: PyTorch. " : "")
    + (before ? `Dotted: your runs before, learning rate ${before}.` : "");
}

/** Let the reader type other sentences. */
function offerTexts({ parts, on, get, set, watch }) {
  const complain = (words) => {
    if (parts.message.textContent !== words) parts.message.textContent = words;
    parts.texts.setAttribute("aria-invalid", words ? "true" : "false");
  };
  const fill = () => {
    parts.texts.value = get("texts").join("\n");
    complain("");
  };
  on(parts.texts, "input", () => {
    const texts = sentencesIn(parts.texts.value);
    const wrong = fault(texts);
    complain(wrong);
    if (!wrong) set({ epoch: 0, texts });
  });
  watch(["texts"], () => { // unless they come from this very box, which may hold more blanks
    const typed = sentencesIn(parts.texts.value);
    if (JSON.stringify(typed) !== JSON.stringify(get("texts"))) fill();
  });
  parts.texts.value = get("texts").join("\n");
}

/** Train in frames: as far as is looked at, or on and on while it plays. */
function trainer({ get, set, show, atEnd }, runs, state, settle) {
  let frame = null;
  const isBehind = () => runs.run.losses.length < get("epoch");
  const ask = () => {
    frame ??= requestAnimationFrame(tick);
  };
  /** What is done in one frame: train as far as is wanted, or as time allows; then draw. */
  function tick() {
    frame = null;
    const pace = prefersStill() ? 10 : 1;
    if (state.playing) set({ epoch: Math.min(get("epoch") + pace, get("epochs")) });
    const start = performance.now();
    while (isBehind() && performance.now() - start < BUDGET) oneEpoch(runs.run);
    if (state.playing && !isBehind() && get("epoch") >= get("epochs")) settle();
    else show();
    if (state.playing || isBehind()) ask();
  }
  atEnd(() => cancelAnimationFrame(frame));
  return { isBehind, ask };
}

/** Let the reader train, stop, look back, and choose a learning rate. */
function offerControls({ parts, on, get, set, say }, state, { ask, settle }) {
  const goTo = (traits) => {
    state.playing = false;
    set(traits);
  };
  on(parts.play, "click", () => {
    if (state.playing) {
      settle();
      return;
    }
    if (get("epoch") >= get("epochs")) set({ epoch: 0 });
    state.playing = true;
    ask();
  });
  on(parts.next, "click", () => goTo({ epoch: Math.min(get("epoch") + 1, get("epochs")) }));
  on(parts.restart, "click", () => {
    goTo({ epoch: 0 });
    say("Random weights again.");
  });
  on(parts.scrub, "input", () => goTo({ epoch: Number(parts.scrub.value) }));
  on(parts.rate, "input", () => set({ epoch: 0, lr: RATES[Number(parts.rate.value)] }));
}

function render({ model, el }, runs) {
  const figure = newFigure({ model, el }, TRAITS, build(), () => {
    const [{ run }, epoch] = [runs, figure.get("epoch")];
    redraw(figure.parts, figure.now(), runs, state.playing);
    if (training.isBehind()) training.ask();
    else if (!state.playing) return { losses: run.losses.slice(0, epoch), trained: run.weights[epoch] };
    return {};
  });
  const state = { playing: false };
  const settle = () => {
    state.playing = false;
    figure.drawNow();
    figure.say(figure.parts.words.textContent);
  };
  const training = trainer(figure, runs, state, settle);
  offerControls(figure, state, { ask: training.ask, settle });
  offerTexts(figure);
  figure.drawNow();
  return figure.end;
}

/** One of it for each model, whose views show the same runs. */
export default () => {
  let runs = null;
  return {
    initialize({ model }) {
      runs = runsOf(model);
    },
    render: (place) => render(place, runs),
  };
};
