/* The figure `WiringChooser`: choose what goes in and what comes out; the unrolled graph, the lines
   of code and a trained example change together.

   What is shown follows from the model's traits alone, so two views of one model always agree; only
   what a reader points at belongs to one view. */

import { inNode } from "../ui/format.js";
import { argmax } from "../nn/rnn.js";
import { unpacked } from "../nn/packed.js";
import { element, prefersStill, shape, uniqueId, update, watch } from "../ui/dom.js";
import { graphOf, inputsOf, lightsOf, runNetwork } from "../nn/wirings.js";
import { contentsOf, drawWiring } from "./graph.js";
import { walkGraph } from "./hands.js";
import {
  KINDS_OF_INPUT, KINDS_OF_OUTPUT, aboutNode, joined, markedLines, verdict,
} from "./words.js";

const CHOSEN = ["problems", "input", "output", "before", "example", "selected"];
const SKETCH_READS = 5; // time steps, where nothing is trained
const SKETCH_WRITES = 5;

/** One of the two choices: a group of radio buttons, each with its name and its kind. */
function choice(role, title, kinds) {
  const group = uniqueId(role);
  const option = ([value, name, more]) => element("label", { class: "rnn-option" },
    element("input", { type: "radio", name: group, value, "data-role": `${role}-${value}` }),
    element("span", {}, element("b", {}, name), element("span", {}, more)));
  return element("fieldset", { class: "rnn-choices", "data-role": role },
    element("legend", { class: "rnn-title" }, title), ...kinds.map(option));
}

/** The parts of the figure that stay; what changes is drawn into them. */
function build(el) {
  const part = (role, tag, attributes, ...children) =>
    element(tag, { "data-role": role, ...attributes }, ...children);
  const button = (role, label) =>
    part(role, "button", { type: "button", class: "rnn-button" }, label);
  const svg = shape("svg", { class: "rnn-wiring", role: "group", "data-role": "graph" });
  const root = element("div", { class: "rnn-figure rnn-wiring-chooser" },
    element("div", { class: "rnn-both" },
      choice("input", "What goes in", KINDS_OF_INPUT),
      choice("output", "What comes out", KINDS_OF_OUTPUT)),
    element("div", { class: "rnn-about" },
      element("div", { class: "rnn-row" }, part("wiring", "p", { class: "rnn-name-of-wiring" }),
        part("result", "p", { class: "rnn-result" })),
      part("says", "p", {})),
    element("div", { class: "rnn-row rnn-examples", "data-role": "examples" },
      button("previous", "◂ Previous"), part("which", "span", { class: "rnn-number" }),
      button("next", "Next ▸"), button("again", "Run again")),
    part("scroller", "div", { class: "rnn-scroll" }, svg),
    part("words", "p", { class: "rnn-words" }),
    part("live", "p", { class: "rnn-hidden", "aria-live": "polite" }),
    element("div", { class: "rnn-code" },
      part("compared", "p", { class: "rnn-title" }), part("code", "div", {})));
  el.append(root);
  const roles = [...root.querySelectorAll("[data-role]")];
  return { root, ...Object.fromEntries(roles.map((node) => [node.dataset.role, node])) };
}

/** Everything that follows from the traits. */
function stateOf(model, weightsOf) {
  const given = Object.fromEntries(CHOSEN.map((name) => [name, model.get(name)]));
  const find = (input, output) =>
    given.problems.find((one) => one.input === input && one.output === output);
  const problem = find(given.input, given.output);
  const before = find(...given.before) ?? given.problems[0];
  const count = problem.examples?.length ?? 0;
  const index = Math.min(Math.max(given.example, 0), Math.max(0, count - 1));
  if (!count) {
    const T = problem.input === "picture" ? 1 : SKETCH_READS;
    const graph = graphOf(problem, T, SKETCH_WRITES);
    return { given, problem, before, count, index, graph, run: null, answer: [], example: null };
  }
  const example = problem.examples[index];
  const run = runNetwork(weightsOf(problem), problem, inputsOf(example));
  const labels = run.outputs.map((p) => problem.labels[argmax(p)]);
  const stops = problem.net.decoder && labels.at(-1) === problem.labels[problem.net.stop];
  const answer = stops ? labels.slice(0, -1) : labels;
  const graph = graphOf(problem, run.states.length, run.steps.length);
  return { given, problem, before, count, index, graph, run, answer, example };
}

/** The code of a wiring, its lines marked that the one before does not have. */
function drawCode(parts, { problem, before }) {
  const isSame = problem === before;
  const name = ({ input, output }) => `‘${input} → ${output}’`;
  parts.compared.textContent = isSame ? "The code"
    : `The code. Marked: what ${name(before)} does not have.`;
  const listed = problem.served && problem.code[0]?.heading === "" ? " (of the wiring that serves)" : "";
  const line = ([words, isNew]) => {
    const [code, comment] = words.split(/(?=\s# )/);
    return element(isNew && !isSame ? "mark" : "span", { class: "rnn-codeline" }, code,
      ...(comment ? [element("i", {}, comment)] : []), "\n");
  };
  parts.code.replaceChildren(...markedLines(problem.code, before.code).map(({ heading, lines }) =>
    element("div", {},
      element("p", { class: "rnn-heading" }, heading || `in this notebook${listed}`),
      element("pre", { tabindex: 0, role: "region", "aria-label": heading || "in this notebook" },
        element("code", {}, ...lines.map(line))))));
}

/** The name of a node, and what it holds, for those who cannot see it. */
function nameNodes(nodes, contents, { given }) {
  const kinds = { x: "input", h: "state", y: "goes back in", s: "decoder's state", o: "output" };
  for (const made of nodes) {
    const { name, kind, t } = made.node;
    const { words, wrong, right } = contents[name];
    const held = "xyo".includes(kind) && words && words !== "?" ? `: ${inNode(words)}` : "";
    made.setAttribute("aria-label",
      `${kinds[kind]} ${t}${held}${wrong ? `, wrong: ${right} is right` : ""}`);
    made.setAttribute("aria-pressed", given.selected === name);
  }
}

/** Draw all but the light on what is looked at. */
function redraw(parts, state) {
  const { given, problem, count, index, graph, example, run, answer } = state;
  const press = (role, value) =>
    parts[role].querySelectorAll("input").forEach((one) => { one.checked = one.value === value; });
  press("input", given.input);
  press("output", given.output);
  const wiring = problem.wiring[0].toUpperCase() + problem.wiring.slice(1);
  parts.wiring.textContent = wiring;
  parts.says.textContent = `${problem.says}${count || problem.served ? "" : " No model is shown."}`;
  parts.examples.hidden = count === 0;
  parts.which.textContent = `example ${index + 1} of ${count}`;
  parts.previous.setAttribute("aria-disabled", index === 0);
  parts.next.setAttribute("aria-disabled", index >= count - 1);
  parts.result.textContent = problem.result ?? "";
  const contents = contentsOf(problem, graph, example, run, answer);
  const drawn = drawWiring(parts.graph, problem, graph, contents, parts.scroller.clientWidth - 6);
  parts.graph.setAttribute("aria-label", `${wiring}, unrolled${example
    ? `; the answer is ${joined(answer)}` : "; nothing is trained"}`);
  nameNodes(drawn.nodes, contents, state);
  return drawn;
}

function render({ model, el }) {
  const parts = build(el);
  const listening = new AbortController();
  const weights = new Map(); // unpacked once for each problem
  let looked = ""; // the name of the node that is pointed at, or has the focus
  let waiting = false; // to be drawn
  let chosen = false; // by the reader, who is told what came of it
  let [state, drawn] = [null, null];

  const weightsOf = (problem) => {
    if (!weights.has(problem)) weights.set(problem, unpacked(problem.weights));
    return weights.get(problem);
  };
  const on = (part, event, callback) =>
    part.addEventListener(event, callback, { signal: listening.signal });
  const say = (words) => {
    parts.live.textContent = words;
  };
  const named = (target) => target?.closest?.("[data-node]")?.dataset.node ?? "";
  const nodeNamed = (name) => state.graph.nodes.find((node) => node.name === name);
  /** Light and explain what is looked at, else what is selected, else say the answer. */
  const explain = () => {
    const node = nodeNamed(looked) ?? nodeNamed(model.get("selected"));
    const lit = node ? lightsOf(state.graph, node.name) : null;
    parts.graph.classList.toggle("rnn-looking", lit !== null);
    for (const made of drawn.nodes) made.classList.toggle("rnn-lit", lit?.has(made.node.name) ?? false);
    for (const { classList, edge } of drawn.edges) {
      classList.toggle("rnn-lit", lit !== null && lit.has(edge.from) && lit.has(edge.to));
    }
    const { problem, graph, run, example, answer } = state;
    const writes = problem.output === "sequence";
    const words = node ? aboutNode(problem, graph, node, run, writes)
      : example ? verdict(problem, example, answer)
        : "Nothing here is trained for this: the graph is a sketch. Point at a node of it.";
    parts.words.textContent = words;
    return words;
  };
  /** Let everything come about again, in its order. */
  const replay = () => {
    parts.graph.classList.remove("rnn-run");
    if (prefersStill()) return;
    parts.graph.getBoundingClientRect(); // else the browser would not see the change
    parts.graph.classList.add("rnn-run");
  };
  /** A decision at the end of a long sequence would else be out of sight. */
  const showAnswer = () => {
    parts.scroller.scrollLeft = state.problem.output === "decision" ? parts.scroller.scrollWidth : 0;
  };
  const drawNow = () => {
    const focused = named(parts.root.getRootNode().activeElement);
    state = stateOf(model, weightsOf);
    drawCode(parts, state);
    drawn = redraw(parts, state);
    settle();
    if (focused) drawn.nodes.find(({ node }) => node.name === focused)?.focus();
    const words = explain();
    update(model, { answer: state.answer, probabilities: state.run?.outputs ?? [] });
    if (!chosen) return;
    chosen = false;
    say(`${parts.wiring.textContent}. ${words}`);
    showAnswer();
    replay();
  };
  /** Draw once, after all that happens now has happened. */
  const show = () => {
    if (!waiting) queueMicrotask(() => {
      waiting = false;
      if (!listening.signal.aborted) drawNow();
    });
    waiting = true;
  };
  const choose = (changed) => {
    const before = [model.get("input"), model.get("output")];
    chosen = true;
    update(model, { before, example: 0, selected: "", ...changed });
  };
  const turn = (by) => {
    const example = state.index + by;
    if (example < 0 || example >= state.count) return;
    chosen = true;
    update(model, { example, selected: "" });
  };

  on(parts.input, "change", (event) => choose({ input: event.target.value }));
  on(parts.output, "change", (event) => choose({ output: event.target.value }));
  on(parts.previous, "click", () => turn(-1));
  on(parts.next, "click", () => turn(1));
  on(parts.again, "click", replay);
  const look = (name) => {
    if (name === looked) return;
    looked = name;
    explain();
  };
  on(parts.graph, "pointerover", (event) => look(named(event.target)));
  on(parts.graph, "pointerleave", () => look(""));
  on(parts.scroller, "focusin", (event) => look(named(event.target)));
  on(parts.scroller, "focusout", () => look(""));
  const select = (name) => {
    update(model, { selected: model.get("selected") === name ? "" : name });
    say(explain());
  };
  /** What is selected is marked where it stands; a new drawing would take the focus away. */
  const mark = () => {
    for (const made of drawn.nodes) {
      made.setAttribute("aria-pressed", made.node.name === model.get("selected"));
    }
    explain();
  };
  on(parts.graph, "click", (event) => {
    const name = named(event.target);
    if (name) select(name);
  });
  const settle = walkGraph(parts.scroller, on, { nodes: () => drawn.nodes, press: select });

  const unwatch = [
    watch(model, CHOSEN.filter((name) => name !== "selected"), show),
    watch(model, ["selected"], mark),
  ];
  const resized = new ResizeObserver(show);
  resized.observe(parts.scroller);
  drawNow();
  // Where things are is known when they have been laid out; to ask before would do it twice
  const first = requestAnimationFrame(() => {
    showAnswer();
    replay();
  });
  return () => {
    cancelAnimationFrame(first);
    listening.abort();
    resized.disconnect();
    unwatch.forEach((end) => end());
    parts.root.remove();
  };
}

export default { render };
