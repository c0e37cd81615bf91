/* The figure `Captioning`: a trained network writes the caption of a picture, letter by letter.

   What is shown follows from the model's traits alone, so two views of one model always agree:
   `pixels`, `example` (the one they come from; null: drawn), and `step` (the time step that is looked
   at, from 1; what comes later is not shown yet). */

import { element, prefersStill, uniqueId, update, watch } from "../ui/dom.js";
import { diverging, signed } from "../ui/format.js";
import { drawBars, drawNumbers } from "../ui/film.js";
import { unpacked } from "../nn/packed.js";
import { exampleButtons, makeBoard } from "./board.js";
import { captionOf, letterOf, sentenceOf, SQUARE, textOf, verdictOf } from "./net.js";

const BEAT_OF_LETTERS = 420; // milliseconds
const NAMES = ["net", "tokens", "examples", "pixels", "example", "step"];

/** The parts of the figure that stay; what changes is drawn into them. */
function buildCaptioning(el, examples) {
  const [tool, note, hint] = ["tool", "note", "hint"].map(uniqueId);
  const part = (role, tag, attributes, ...children) =>
    element(tag, { "data-role": role, ...attributes }, ...children);
  const button = (role, label, name = "") =>
    part(role, "button", { type: "button", class: `rnn-button ${name}` }, label);
  const radio = (role, label) => element("label", { class: "rnn-choice" },
    part(role, "input", { type: "radio", name: tool }), label);
  const box = (name, ...children) => element("div", { class: name }, ...children);
  const root = box("rnn-figure rnn-captioning",
    box("rnn-looking-at",
      box("rnn-draw",
        part("board", "div", {
          class: "rnn-board", tabindex: 0, role: "application", "aria-label": "Drawing board",
          "aria-describedby": hint,
        }),
        element("fieldset", { class: "rnn-row rnn-tools" },
          element("legend", { class: "rnn-hidden" }, "Tool"),
          radio("brush", "draw"), radio("rubber", "erase"), button("clear", "Clear"))),
      box("rnn-choose",
        element("p", { class: "rnn-title" }, "Draw a number from 0 to 99, or choose a picture"),
        part("examples", "div", { class: "rnn-examples" }, ...exampleButtons(examples)),
        element("p", { class: "rnn-hint", id: hint },
          "A digit fills its half; below ten, the right half stays empty. Keys: arrows move, space"
          + " draws, Shift and arrows draw a line, Backspace erases."))),
    box("rnn-row rnn-writing",
      part("caption", "output", { class: "rnn-text", "aria-live": "off", "aria-label": "Caption" }),
      part("verdict", "span", {}),
      box("rnn-buttons", button("play", "Play", "rnn-primary"), button("back", "‹ Back"),
        button("next", "Next ›"))),
    part("live", "p", { class: "rnn-hidden", "aria-live": "polite" }),
    part("words", "p", { class: "rnn-words" }),
    box("rnn-panels",
      box("rnn-panel rnn-film",
        element("p", { class: "rnn-title" },
          "Letter in, hidden state, letter out"),
        box("rnn-scroll",
          part("strip", "div", { class: "rnn-strip", role: "img" }),
          part("scrub", "input",
            { type: "range", class: "rnn-scrub", min: 1, step: 1, "aria-label": "Time step" })),
        box("rnn-legend", part("moment", "span", {}),
          element("span", { class: "rnn-scale" }, "−1", box("rnn-ramp"), "1")),
        element("p", { class: "rnn-symbols" }, ...[["▦", "picture"], ["▸", "<start>"],
          [SQUARE, "<stop>"], ["▬", "how sure"]].map(([sign, word]) => element("span", {}, `${sign} ${word}`)))),
      box("rnn-panel rnn-next",
        element("p", { class: "rnn-title", id: note }, "Probability of the next letter"),
        part("bars", "ul", { class: "rnn-bars", "aria-labelledby": note }),
        part("key", "p", { class: "rnn-key" }))),
    element("details", { class: "rnn-numbers" },
      part("numberstitle", "summary", {}), part("numbers", "ol", {})));
  el.append(root);
  const roles = [...root.querySelectorAll("[data-role]")];
  return { root, ...Object.fromEntries(roles.map((node) => [node.dataset.role, node])) };
}

/** One column: the letter that goes in, the cells of the state, the letter that comes out and how
    sure the network is of it. */
function stateColumn(h, units, into, out, sure, attributes, name) {
  const cells = Array.from({ length: units }, (_, i) => {
    const cell = element("i", h ? { title: `unit ${i + 1}: ${signed(h[i], 3)}` } : {});
    if (h) cell.style.background = diverging(h[i]);
    return cell;
  });
  const bar = element("span", { class: "rnn-sure" }, element("span"));
  bar.firstChild.style.width = `${(100 * sure).toFixed(1)}%`;
  return element("div", { class: `rnn-column ${name}`, ...attributes },
    element("b", {}, into), ...cells, element("b", { class: "rnn-out" }, out), bar);
}

/** h_0, and a column for every time step; those after t are empty. */
function drawStates(parts, given, { context, steps }, t) {
  const units = context.length;
  parts.root.style.setProperty("--rnn-columns", steps.length + 1);
  parts.root.style.setProperty("--rnn-units", units);
  parts.strip.replaceChildren(
    stateColumn(context, units, "▦", "", 0, {}, "rnn-context"),
    ...steps.map(({ read, written, h, p }, i) => (i < t
      ? stateColumn(h, units, letterOf(given, read), letterOf(given, written), p[written],
        { "data-step": i + 1 }, i === t - 1 ? "rnn-selected" : "")
      : stateColumn(null, units, "", "", 0, {}, ""))));
  parts.strip.setAttribute("aria-label", `Hidden states, ${units} cells each: h0, made from the picture,`
    + ` and one for each of the ${t} letters so far. Numbers for the selected one are below.`);
  parts.scrub.max = steps.length;
  parts.scrub.value = t;
  const out = letterOf(given, steps[t - 1].written);
  parts.scrub.setAttribute("aria-valuetext",
    `${t} of ${steps.length}: ${out === SQUARE ? "stop" : out} is written`);
  parts.moment.replaceChildren(element("i", {}, "t"), ` = ${t} of ${steps.length}`);
}

/** Draw everything that depends on the traits; returns what Python is told. */
function redrawCaptioning(parts, given, run) {
  const { steps } = run;
  const t = Math.min(Math.max(given.step, 1), steps.length);
  const { h, p, written } = steps[t - 1];
  drawStates(parts, given, run, t);
  const pairs = p.map((share, i) => [letterOf(given, i), share]).slice(given.net.stop);
  drawBars(parts, pairs, letterOf(given, written), "written");
  drawNumbers(parts, h, t);
  parts.words.textContent = sentenceOf(given, steps, t);
  parts.caption.textContent = textOf(given, steps, t);
  const verdict = verdictOf(given, steps, t);
  parts.caption.classList.toggle("rnn-ended", verdict !== null);
  parts.verdict.className = `rnn-verdict ${verdict?.right === false ? "rnn-no" : ""}`;
  parts.verdict.textContent = verdict?.words ?? "";
  parts.back.setAttribute("aria-disabled", t <= 1);
  parts.next.setAttribute("aria-disabled", t >= steps.length);
  for (const [i, made] of [...parts.examples.children].entries()) {
    made.setAttribute("aria-pressed", i === given.example);
  }
  return { step: t, caption: textOf(given, steps), hidden: h, probabilities: p };
}

function render({ model, el }) {
  const parts = buildCaptioning(el, model.get("examples"));
  const listening = new AbortController();
  const on = (part, event, callback) =>
    part.addEventListener(event, callback, { signal: listening.signal });
  let weights = unpacked(model.get("weights"));
  let timer = null; // of the letters, while playing
  let waiting = false; // to be drawn

  const now = () => Object.fromEntries(NAMES.map((name) => [name, model.get(name)]));
  const runOf = (pixels) => captionOf(weights, model.get("net"), pixels);
  const last = () => runOf(model.get("pixels")).steps.length;
  const say = (words) => { parts.live.textContent = words; };
  const tell = () => {
    const given = now();
    const { steps } = runOf(given.pixels);
    const verdict = verdictOf(given, steps, given.step)?.words ?? "";
    say(`Caption: ${textOf(given, steps, given.step)}. ${verdict}`);
  };
  const drawNow = () => {
    const given = now();
    parts.play.textContent = timer === null ? "Play" : "Pause";
    parts.play.classList.toggle("rnn-playing", timer !== null);
    drawBoard();
    update(model, redrawCaptioning(parts, given, runOf(given.pixels)));
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
    clearInterval(timer);
    timer = null;
    show();
  };
  const beat = () => {
    if (model.get("step") < last()) update(model, { step: model.get("step") + 1 });
    if (model.get("step") >= last()) {
      pause();
      tell();
    }
  };
  const play = () => {
    if (prefersStill()) {
      update(model, { step: last() });
      return tell();
    }
    if (model.get("step") >= last()) update(model, { step: 1 });
    timer = setInterval(beat, BEAT_OF_LETTERS);
    return show();
  };
  const look = (t) => {
    pause();
    update(model, { step: Math.min(Math.max(t, 1), last()) });
  };
  /** Take other pixels; the whole of their caption is shown. */
  const take = (pixels, example) => {
    pause();
    update(model, { pixels, example, step: runOf(pixels).steps.length });
  };
  const drawBoard = makeBoard(parts.board, on, {
    now: () => ({ pixels: model.get("pixels"), rubber: parts.rubber.checked }),
    drawn: (pixels) => take(pixels, null),
    lifted: tell,
    say,
  });

  on(parts.clear, "click", () => {
    take(model.get("pixels").map(() => 0), null);
    tell();
  });
  on(parts.examples, "click", (event) => {
    const made = event.target.closest("[data-example]");
    if (!made) return;
    const example = Number(made.dataset.example);
    take(model.get("examples")[example].pixels, example);
    if (prefersStill()) tell();
    else {
      update(model, { step: 1 });
      play();
    }
  });
  on(parts.play, "click", () => (timer === null ? play() : pause()));
  for (const [button, way] of [["back", -1], ["next", 1]]) {
    on(parts[button], "click", () => {
      look(model.get("step") + way);
      say(sentenceOf(now(), runOf(model.get("pixels")).steps, model.get("step")));
    });
  }
  on(parts.scrub, "input", () => look(Number(parts.scrub.value)));
  on(parts.strip, "click", (event) => {
    const made = event.target.closest("[data-step]");
    if (made) look(Number(made.dataset.step));
  });
  const unwatch = [
    watch(model, ["weights"], () => { weights = unpacked(model.get("weights")); }),
    watch(model, ["examples"], () =>
      parts.examples.replaceChildren(...exampleButtons(model.get("examples")))),
    watch(model, [...NAMES, "weights"], show),
  ];
  parts.brush.checked = true;
  drawNow();
  return () => {
    clearInterval(timer);
    listening.abort();
    unwatch.forEach((end) => end());
    parts.root.remove();
  };
}

export default { render };
