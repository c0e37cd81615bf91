/* The figure `VideoLabels`: a trained network reads a video frame by frame; the reader plays it, and
   blacks out what the network shall not see.

   What is shown follows from the model's traits alone, so two views of one model always agree; only
   whether it is playing belongs to one view. */

import { inNode } from "../ui/format.js";
import { argmax } from "../nn/rnn.js";
import { unpacked } from "../nn/packed.js";
import { element, uniqueId, update, watch } from "../ui/dom.js";
import { drawBars } from "../ui/film.js";
import { pixelsOf, runNetwork } from "../nn/wirings.js";
import { buildStrip, drawFrame, fillStrip, switchLights } from "./strip.js";
import { aboutFrame, score, signAndName, trueAt } from "./words.js";

const FRAME_TIME = 400; // milliseconds, while playing
const GHOST = 0.3; // how bright a reader sees what is hidden from the network

/** The parts of the figure that stay; what changes is drawn into them. */
function build(el) {
  const [which, bars] = ["video", "bars"].map(uniqueId);
  const part = (role, tag, attributes, ...children) =>
    element(tag, { "data-role": role, ...attributes }, ...children);
  const button = (role, label, name = "", more = "") => part(role, "button",
    { type: "button", class: `rnn-button ${name}`, ...(more && { "aria-label": more }) }, label);
  const box = (name, ...children) => element("div", { class: name }, ...children);
  const root = box("rnn-figure rnn-video-labels",
    box("rnn-row",
      box("rnn-row", element("label", { for: which, class: "rnn-strong" }, "Video"),
        part("which", "select", { id: which, class: "rnn-input" }),
        button("previous", "◂", "", "Previous video"), button("next", "▸", "", "Next video")),
      part("result", "p", { class: "rnn-result" })),
    box("rnn-stage",
      box("rnn-screen", part("screen", "canvas", { role: "img" }),
        part("hidden", "p", { class: "rnn-unseen" }, "hidden from the network")),
      box("rnn-verdict",
        part("says", "p", { class: "rnn-says" }),
        part("truth", "p", { class: "rnn-truth" })),
      box("rnn-chances",
        element("p", { class: "rnn-hidden", id: bars }, "Probability of each label"),
        part("bars", "ul", { class: "rnn-bars", "aria-labelledby": bars }),
        part("key", "p", { class: "rnn-key" }))),
    box("rnn-row", button("play", "Play", "rnn-primary"), button("back", "◂ Step", "", "Step back"),
      button("step", "Step ▸"), button("reset", "Reset lights"),
      part("score", "span", { class: "rnn-number rnn-score" })),
    part("scroller", "div", { class: "rnn-scroll" },
      part("strip", "table", { class: "rnn-frames" }),
      part("scrub", "input",
        { type: "range", class: "rnn-scrub", min: "1", step: "1", "aria-label": "Frame" })),
    part("words", "p", { class: "rnn-words" }),
    element("p", { class: "rnn-hint" },
      "A lamp puts out the light of its frame: press one, or drag the mouse over several."),
    part("live", "p", { class: "rnn-hidden", "aria-live": "polite" }));
  el.append(root);
  const roles = [...root.querySelectorAll("[data-role]")];
  return { root, ...Object.fromEntries(roles.map((node) => [node.dataset.role, node])) };
}

/** Everything that follows from the traits. */
function stateOf(model, weights) {
  const [problem, chosen, step, lights] =
    ["problem", "example", "step", "black"].map((name) => model.get(name));
  const index = Math.min(Math.max(chosen, 0), problem.examples.length - 1);
  const example = problem.examples[index];
  const black = new Set(lights[index] ?? []);
  const filmed = pixelsOf(example);
  const frames = filmed.map((pixels, i) => (black.has(i + 1) ? pixels.map(() => 0) : pixels));
  const { outputs } = runNetwork(weights, { net: problem.net, output: "every step" }, frames);
  const answers = outputs.map((p) => problem.labels[argmax(p)]);
  const t = Math.min(Math.max(step, 1), frames.length);
  const screen = filmed[t - 1].map((level) => (black.has(t) ? GHOST : 1) * level);
  return { problem, index, example, T: frames.length, t, black, outputs, answers, frames, screen };
}

/** Draw everything; the strip is built anew only for another video. */
function redraw(parts, state, isNew) {
  const { problem, index, example, T, t, black, answers, outputs } = state;
  if (isNew) buildStrip(parts.strip, problem, example, T);
  fillStrip(parts.strip, state);
  const [answer, wanted] = [answers[t - 1], trueAt(problem, example, t)];
  parts.which.value = index;
  parts.previous.setAttribute("aria-disabled", index === 0);
  parts.next.setAttribute("aria-disabled", index === problem.examples.length - 1);
  drawFrame(parts.screen, state.screen, example.shape);
  parts.screen.setAttribute("aria-label", `Frame ${t} of ${T}`);
  parts.hidden.hidden = !black.has(t);
  parts.says.replaceChildren(element("b", { "aria-hidden": "true" }, inNode(answer)),
    element("span", {}, answer));
  parts.says.classList.toggle("rnn-wrong", answer !== wanted);
  parts.truth.textContent = answer === wanted ? "✓ correct" : `✗ true is ${signAndName(wanted)}`;
  drawBars(parts, problem.labels.map((label, i) => [signAndName(label), outputs[t - 1][i]]),
    signAndName(wanted), "true label");
  parts.back.setAttribute("aria-disabled", t === 1);
  parts.step.setAttribute("aria-disabled", t === T);
  parts.scrub.max = T;
  parts.scrub.value = t;
  parts.scrub.setAttribute("aria-valuetext", `frame ${t} of ${T}: ${answer}`);
  parts.score.textContent = score(state);
  parts.words.textContent = aboutFrame(state);
  parts.result.textContent = problem.result;
}

/** Scroll the strip sideways, and nothing else, until the frame looked at can be seen. */
function showColumn({ strip, scroller }, t) {
  const [cell, head] = [strip.rows[0].cells[t], strip.rows[0].cells[0]].map((one) => one.getBoundingClientRect());
  const outer = scroller.getBoundingClientRect();
  if (cell.left < head.right) scroller.scrollLeft -= head.right - cell.left + 4;
  if (cell.right > outer.right) scroller.scrollLeft += cell.right - outer.right + 4;
}

function render({ model, el }) {
  const parts = build(el);
  const listening = new AbortController();
  const weights = unpacked(model.get("problem").weights);
  let timer = null; // of the frames, while playing
  let waiting = false; // to be drawn
  let [state, drawn] = [null, -1]; // drawn: the video that the strip was built for

  const on = (part, event, callback) =>
    part.addEventListener(event, callback, { signal: listening.signal });
  const tell = () => {
    parts.live.textContent = aboutFrame(stateOf(model, weights));
  };
  const drawNow = () => {
    state = stateOf(model, weights);
    redraw(parts, state, state.index !== drawn);
    if (state.index !== drawn) settle();
    drawn = state.index;
    showColumn(parts, state.t);
    parts.play.textContent = timer === null ? "Play" : "Pause";
    update(model, { answers: state.answers, probabilities: state.outputs });
  };
  /** Draw once, after all that happens now has happened. */
  const show = () => {
    if (!waiting) queueMicrotask(() => {
      waiting = false;
      if (!listening.signal.aborted) drawNow();
    });
    waiting = true;
  };
  const pause = () => {
    if (timer === null) return;
    clearInterval(timer);
    timer = null;
    tell();
    show();
  };
  const go = (t) => update(model, { step: Math.min(Math.max(t, 1), state.T) });
  const beat = () => {
    go(model.get("step") + 1);
    if (model.get("step") >= state.T) pause();
  };
  const play = () => {
    if (state.t === state.T) go(1);
    timer = setInterval(beat, FRAME_TIME);
    show();
  };
  const turn = (index) => {
    const { examples } = model.get("problem");
    if (index < 0 || index >= examples.length) return;
    pause();
    update(model, { example: index, step: examples[index].shape[0] });
    tell();
  };
  const step = (by) => {
    pause();
    go(state.t + by);
    tell();
  };
  const setLights = (frames) => {
    update(model, { black: model.get("black").map((all, i) => (i === state.index ? frames : all)) });
    tell();
  };
  const isBlack = (t) => (model.get("black")[state.index] ?? []).includes(t);

  on(parts.play, "click", () => (timer === null ? play() : pause()));
  on(parts.back, "click", () => step(-1));
  on(parts.step, "click", () => step(1));
  on(parts.reset, "click", () => setLights(state.problem.black[state.index]));
  on(parts.which, "change", () => turn(Number(parts.which.value)));
  on(parts.previous, "click", () => turn(state.index - 1));
  on(parts.next, "click", () => turn(state.index + 1));
  on(parts.scrub, "input", () => {
    pause();
    go(Number(parts.scrub.value));
  });
  on(parts.strip, "click", (event) => {
    const t = event.target.closest("[data-frame]")?.dataset.frame;
    if (!t || event.target.closest("[data-switch]")) return;
    pause();
    go(Number(t));
    tell();
  });
  const settle = switchLights(parts.strip, on, {
    isBlack,
    set: (t, black) => {
      const others = model.get("black")[state.index].filter((one) => one !== t);
      setLights(black ? [...others, t].sort((a, b) => a - b) : others);
    },
  });

  const { examples } = model.get("problem");
  parts.which.append(...examples.map((_, i) =>
    element("option", { value: i }, `${i + 1} of ${examples.length}`)));
  const unwatch = watch(model, ["problem", "example", "step", "black"], show);
  drawNow();
  return () => {
    clearInterval(timer);
    listening.abort();
    unwatch();
    parts.root.remove();
  };
}

export default { render };
