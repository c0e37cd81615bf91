/* The figure `VideoLabels`: a trained network reads a video frame by frame; the reader plays it, and
   blacks out what the network shall not see.

   What is shown follows from the model's traits alone, so two views of one model always agree; only
   whether it is playing belongs to one view. */

import { element, uniqueId, watchSize } from "../ui/dom.js";
import { box, button, part, slider, speech } from "../ui/controls.js";
import { newFigure } from "../ui/figure.js";
import { drawBars } from "../ui/film.js";
import { inNode } from "../ui/format.js";
import { transport, transportButtons } from "../ui/transport.js";
import { unpacked } from "../nn/packed.js";
import { argmax } from "../nn/rnn.js";
import { pixelsOf, runNetwork } from "../nn/wirings.js";
import { buildStrip, drawFrame, fillStrip, switchLights } from "./strip.js";
import { aboutFrame, score, signAndName, trueAt } from "./words.js";

const BEAT = 400; // milliseconds from frame to frame
const GHOST = 0.3; // how bright a reader sees what is hidden from the network
const TRAITS = /** @type {const} */ (["problem", "example", "step", "black"]);

/** The frame that is looked at, and what the network makes of it. */
function buildStage() {
  const bars = uniqueId("bars");
  return box("rnn-stage",
    box("rnn-screen", part("screen", "canvas", { role: "img" }),
      part("hidden", "p", { class: "rnn-unseen" }, "hidden from the network")),
    box("rnn-verdict",
      part("says", "p", { class: "rnn-says" }),
      part("truth", "p", { class: "rnn-truth" })),
    box("rnn-chances",
      element("p", { class: "rnn-hidden", id: bars }, "Probability of each label"),
      part("bars", "ul", { class: "rnn-bars", "aria-labelledby": bars }),
      part("key", "p", { class: "rnn-key" })));
}

/** The parts of the figure that stay; what changes is drawn into them. */
function build() {
  const which = uniqueId("video");
  return box("rnn-figure rnn-video-labels",
    box("rnn-row",
      box("rnn-row", element("label", { for: which, class: "rnn-strong" }, "Video"),
        part("which", "select", { id: which, class: "rnn-input" }),
        button("previousvideo", "◂", "", { "aria-label": "Previous video" }),
        button("nextvideo", "▸", "", { "aria-label": "Next video" })),
      part("result", "p", { class: "rnn-result" })),
    buildStage(),
    box("rnn-row", transportButtons(button("reset", "Reset lights")),
      part("score", "span", { class: "rnn-number rnn-score" })),
    part("scroller", "div", { class: "rnn-scroll" },
      part("strip", "table", { class: "rnn-frames" }),
      slider("scrub", { class: "rnn-scrub", "aria-label": "Frame" })),
    part("words", "p", { class: "rnn-words" }),
    element("p", { class: "rnn-hint" },
      "A lamp puts out the light of its frame: press one, or drag the mouse over several."),
    speech());
}

/** Everything that follows from the traits. */
function stateOf({ problem, example: chosen, step, black: lights }, weights) {
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
  parts.previousvideo.setAttribute("aria-disabled", index === 0);
  parts.nextvideo.setAttribute("aria-disabled", index === problem.examples.length - 1);
  drawFrame(parts.screen, state.screen, example.shape);
  parts.screen.setAttribute("aria-label", `Frame ${t} of ${T}`);
  parts.hidden.hidden = !black.has(t);
  parts.says.replaceChildren(element("b", { "aria-hidden": "true" }, inNode(answer)),
    element("span", {}, answer));
  parts.says.classList.toggle("rnn-wrong", answer !== wanted);
  parts.truth.textContent = answer === wanted ? "✓ correct" : `✗ true is ${signAndName(wanted)}`;
  drawBars(parts, problem.labels.map((label, i) => [signAndName(label), outputs[t - 1][i]]),
    signAndName(wanted), "true label");
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

/** Offer the videos of a problem. */
function offer({ which }, { examples }) {
  which.replaceChildren(...examples.map((_, i) =>
    element("option", { value: i }, `${i + 1} of ${examples.length}`)));
}

function render({ model, el }) {
  let weights = unpacked(model.get("problem").weights);
  let [state, drawn] = [null, null]; // drawn: the video that the strip was built for
  let isPlaced = false; // on the page, where it has a size
  const figure = newFigure({ model, el }, TRAITS, build(), ({ parts, now }) => {
    state = stateOf(now(), weights);
    redraw(parts, state, state.example !== drawn);
    if (state.example !== drawn) settle();
    drawn = state.example;
    if (isPlaced) showColumn(parts, state.t);
    time.draw(`frame ${state.t} of ${state.T}: ${state.answers[state.t - 1]}`);
    return { answers: state.answers, probabilities: state.outputs };
  });
  const { parts, now, get, set, on, say } = figure;
  const tell = () => say(aboutFrame(stateOf(now(), weights)));
  const last = () => state.example.shape[0];
  const time = transport(figure, { beat: BEAT, last, tell, columns: "strip" });
  const turn = (index) => {
    const { examples } = get("problem");
    if (index < 0 || index >= examples.length) return;
    time.pause();
    set({ example: index, step: examples[index].shape[0] });
    tell();
  };
  const black = () => state.problem.examples.map((_, i) => get("black")[i] ?? []); // of a new one, none
  const setLights = (frames) => {
    set({ black: black().map((all, i) => (i === state.index ? frames : all)) });
    tell();
  };
  const settle = switchLights(parts.strip, on, {
    isBlack: (t) => black()[state.index].includes(t),
    set: (t, isBlack) => {
      const others = black()[state.index].filter((one) => one !== t);
      setLights(isBlack ? [...others, t].sort((a, b) => a - b) : others);
    },
  });

  on(parts.reset, "click", () => setLights(state.problem.black[state.index] ?? []));
  on(parts.which, "change", () => turn(Number(parts.which.value)));
  on(parts.previousvideo, "click", () => turn(state.index - 1));
  on(parts.nextvideo, "click", () => turn(state.index + 1));
  figure.watch(["problem"], () => {
    weights = unpacked(get("problem").weights);
    offer(parts, get("problem"));
  });
  offer(parts, get("problem"));
  figure.atEnd(watchSize(parts.scroller, () => {
    isPlaced = parts.scroller.clientWidth > 0;
    if (isPlaced) showColumn(parts, state.t);
  }));
  figure.drawNow();
  return figure.end;
}

export default { render };
