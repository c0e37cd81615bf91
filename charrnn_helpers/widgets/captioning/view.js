/* The figure `Captioning`: a trained network writes the caption of a picture, letter by letter.

   What is shown follows from the model's traits alone, so two views of one model always agree:
   `pixels`, `example` (the one they come from; null: drawn), and `step` (the time step that is looked
   at, from 1; what comes later is not shown yet). */

import { element, prefersStill, uniqueId } from "../ui/dom.js";
import { box, button, part, radios, slider, speech } from "../ui/controls.js";
import { newFigure } from "../ui/figure.js";
import { diverging, signed } from "../ui/format.js";
import { drawBars, drawNumbers } from "../ui/film.js";
import { transport, transportButtons } from "../ui/transport.js";
import { unpacked } from "../nn/packed.js";
import { exampleButtons, makeBoard } from "./board.js";
import { captionOf, letterOf, sentenceOf, SQUARE, textOf, verdictOf } from "./net.js";

const BEAT = 420; // milliseconds from letter to letter
const TRAITS = /** @type {const} */ (["weights", "net", "tokens", "examples", "pixels", "example", "step"]);
const SIGNS = [["▦", "picture"], ["▸", "<start>"], [SQUARE, "<stop>"], ["▬", "how sure"]];

/** The board, its tools, and pictures to choose from. */
function buildBoard(examples) {
  const hint = uniqueId("hint");
  return box("rnn-looking-at",
    box("rnn-draw",
      part("board", "div", {
        class: "rnn-board", tabindex: 0, role: "application", "aria-label": "Drawing board",
        "aria-describedby": hint,
      }),
      radios(element("legend", { class: "rnn-hidden" }, "Tool"),
        [["brush", "draw"], ["rubber", "erase"]], "rnn-row rnn-tools")),
    box("rnn-choose",
      element("p", { class: "rnn-title" }, "Draw a number from 0 to 99, or choose a picture"),
      part("examples", "div", { class: "rnn-examples" }, ...exampleButtons(examples)),
      element("p", { class: "rnn-hint", id: hint },
        "A digit fills its half; below ten, the right half stays empty. Keys: arrows move, space"
        + " draws, Shift and arrows draw a line, Backspace erases.")));
}

/** The states as a film strip, and the probabilities of the letter that is looked at. */
function buildPanels() {
  const note = uniqueId("note");
  return box("rnn-panels",
    box("rnn-panel rnn-film",
      element("p", { class: "rnn-title" }, "Letter in, hidden state, letter out"),
      box("rnn-scroll",
        part("strip", "div", { class: "rnn-strip", role: "img" }),
        slider("scrub", { class: "rnn-scrub", "aria-label": "Time step" })),
      box("rnn-legend", part("moment", "span"),
        element("span", { class: "rnn-scale" }, "−1", box("rnn-ramp"), "1")),
      element("p", { class: "rnn-symbols" },
        ...SIGNS.map(([sign, word]) => element("span", {}, `${sign} ${word}`)))),
    box("rnn-panel rnn-next",
      element("p", { class: "rnn-title", id: note }, "Probability of the next letter"),
      part("bars", "ul", { class: "rnn-bars", "aria-labelledby": note }),
      part("key", "p", { class: "rnn-key" })));
}

/** The parts of the figure that stay; what changes is drawn into them. */
function build(examples) {
  const board = buildBoard(examples);
  board.querySelector(".rnn-tools").append(button("clear", "Clear"));
  return box("rnn-figure rnn-captioning",
    board,
    box("rnn-row rnn-writing",
      part("caption", "output", { class: "rnn-text", "aria-live": "off", "aria-label": "Caption" }),
      part("verdict", "span"),
      transportButtons()),
    speech(),
    part("words", "p", { class: "rnn-words" }),
    buildPanels(),
    element("details", { class: "rnn-numbers" },
      part("numberstitle", "summary"), part("numbers", "ol")));
}

/** One column: the letter that goes in, the cells of the state, the letter that comes out and how
    sure the network is of it. */
function stateColumn(h, units, into, out, sure, attributes, name) {
  const cells = Array.from({ length: units }, (_, i) => {
    const cell = element("i", h ? { title: `unit ${i}: ${signed(h[i], 3)}` } : {});
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
  parts.moment.replaceChildren(element("i", {}, "t"), ` = ${t} of ${steps.length}`);
}

/** The step that is looked at, in words. */
function stepWords(given, { steps }, t) {
  const out = letterOf(given, steps[t - 1].written);
  return `${t} of ${steps.length}: ${out === SQUARE ? "stop" : out} is written`;
}

/** Draw everything that depends on the traits; returns what Python is told. */
function redraw(parts, given, run) {
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
  for (const [i, made] of [...parts.examples.children].entries()) {
    made.setAttribute("aria-pressed", i === given.example);
  }
  return { step: t, caption: textOf(given, steps), hidden: h, probabilities: p };
}

function render({ model, el }) {
  let weights = unpacked(model.get("weights"));
  const runOf = (pixels) => captionOf(weights, model.get("net"), pixels);
  const last = () => runOf(model.get("pixels")).steps.length;
  const figure = newFigure({ model, el }, TRAITS, build(model.get("examples")), () => {
    const given = now();
    const run = runOf(given.pixels);
    drawBoard();
    const told = redraw(parts, given, run);
    time.draw(stepWords(given, run, told.step));
    return told;
  });
  const { parts, now, get, set, on, say } = figure;
  const tell = () => {
    const given = now();
    const { steps } = runOf(given.pixels);
    const verdict = verdictOf(given, steps, given.step)?.words ?? "";
    say(`Caption: ${textOf(given, steps, given.step)}. ${verdict}`);
  };
  const tellStep = () => say(sentenceOf(now(), runOf(get("pixels")).steps, get("step")));
  const time = transport(figure, { beat: BEAT, last, tell, tellStep, columns: "strip" });
  /** Take other pixels; the whole of their caption is shown. */
  const take = (pixels, example) => {
    time.pause();
    set({ pixels, example, step: runOf(pixels).steps.length });
  };
  const drawBoard = makeBoard(parts.board, on, {
    now: () => ({ pixels: get("pixels"), rubber: parts.rubber.checked }),
    drawn: (pixels) => take(pixels, null),
    lifted: tell,
    say,
  });

  on(parts.clear, "click", () => {
    take(get("pixels").map(() => 0), null);
    tell();
  });
  on(parts.examples, "click", (event) => {
    const made = event.target.closest("[data-example]");
    if (!made) return;
    const example = Number(made.dataset.example);
    take(get("examples")[example].pixels, example);
    if (!prefersStill()) set({ step: 1 });
    time.play();
  });
  figure.watch(["weights"], () => { weights = unpacked(get("weights")); });
  figure.watch(["examples"], () => parts.examples.replaceChildren(...exampleButtons(get("examples"))));
  parts.brush.checked = true;
  figure.drawNow();
  return figure.end;
}

export default { render };
