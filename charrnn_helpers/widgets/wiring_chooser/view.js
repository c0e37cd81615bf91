/* The figure `WiringChooser`: choose what goes in and what comes out; the unrolled graph, the lines
   of code and a trained example change together.

   What is shown follows from the model's traits alone, so two views of one model always agree; only
   what a reader points at belongs to one view. */

import { inNode } from "../ui/format.js";
import { argmax } from "../nn/rnn.js";
import { unpacked } from "../nn/packed.js";
import { prefersStill, watchSize, whenSeen } from "../ui/dom.js";
import { focused, newFigure } from "../ui/figure.js";
import { graphOf, inputsOf, lightsOf, runNetwork } from "../nn/wirings.js";
import { drawCode } from "./code.js";
import { contentsOf, drawWiring } from "./graph.js";
import { walkGraph } from "./hands.js";
import { build } from "./parts.js";
import { aboutNode, joined, verdict } from "./words.js";

const TRAITS = /** @type {const} */ (["problems", "input", "output", "before", "example"]); // and `selected`, which is marked
const SKETCH_READS = 5; // time steps, where nothing is trained
const SKETCH_WRITES = 5;

/** Everything that follows from the traits. */
function stateOf(given, weightsOf) {
  const find = (input, output) =>
    given.problems.find((one) => one.input === input && one.output === output);
  const problem = find(given.input, given.output);
  const before = find(...given.before) ?? given.problems[0];
  const count = problem.examples?.length ?? 0;
  const index = Math.min(Math.max(given.example, 0), Math.max(0, count - 1));
  const common = { given, problem, before, count, index };
  if (!count) {
    const T = problem.input === "picture" ? 1 : SKETCH_READS;
    return { ...common, graph: graphOf(problem, T, SKETCH_WRITES), run: null, answer: [], example: null };
  }
  const example = problem.examples[index];
  const run = runNetwork(weightsOf(problem), problem, inputsOf(example));
  const graph = graphOf(problem, run.states.length, run.steps.length);
  return { ...common, graph, run, answer: answerOf(problem, run), example };
}

/** The likeliest label at every output, but for the one that ends a sequence. */
function answerOf({ net, labels }, { outputs }) {
  const found = outputs.map((p) => labels[argmax(p)]);
  return net.decoder && found.at(-1) === labels[net.stop] ? found.slice(0, -1) : found;
}

/** A function that unpacks the weights of a problem, once. */
function unpackOnce() {
  const known = new Map();
  return (problem) => {
    if (!known.has(problem)) known.set(problem, unpacked(problem.weights));
    return known.get(problem);
  };
}

/** The name of a node, and what it holds, for those who cannot see it. */
function nameNodes(nodes, contents) {
  const kinds = { x: "input", h: "state", y: "goes back in", s: "decoder's state", o: "output" };
  for (const made of nodes) {
    const { name, kind, t } = made.node;
    const { words, wrong, right } = contents[name];
    const held = "xyo".includes(kind) && words && words !== "?" ? `: ${inNode(words)}` : "";
    made.setAttribute("aria-label",
      `${kinds[kind]} ${t}${held}${wrong ? `, wrong: ${right} is right` : ""}`);
  }
}

/** Which wiring it is, which example, and what is chosen. */
function drawControls(parts, { given, problem, count, index }) {
  const press = (role, value) =>
    parts[role].querySelectorAll("input").forEach((one) => { one.checked = one.value === value; });
  press("input", given.input);
  press("output", given.output);
  parts.wiring.textContent = problem.wiring[0].toUpperCase() + problem.wiring.slice(1);
  parts.says.textContent = `${problem.says}${count || problem.served ? "" : " No model is shown."}`;
  parts.examples.hidden = count === 0;
  parts.which.textContent = `example ${index + 1} of ${count}`;
  parts.back.setAttribute("aria-disabled", index === 0);
  parts.next.setAttribute("aria-disabled", index >= count - 1);
  parts.result.textContent = problem.result ?? "";
}

/** Draw all but the light on what is looked at; returns the nodes and the arrows. */
function redraw(parts, state) {
  const { problem, graph, example, run, answer } = state;
  drawCode(parts, state);
  drawControls(parts, state);
  const contents = contentsOf(problem, graph, example, run, answer);
  const width = parts.scroller.clientWidth;
  const drawn = drawWiring(parts.graph, problem, graph, contents, width - 6);
  parts.graph.setAttribute("aria-label", `${parts.wiring.textContent}, unrolled${example
    ? `; the answer is ${joined(answer)}` : "; nothing is trained"}`);
  nameNodes(drawn.nodes, contents);
  return { ...drawn, width };
}

/** Mark the node that is selected, and light what the one that is looked at depends on. */
function light(parts, { nodes, edges }, graph, selected, node) {
  const lit = node ? lightsOf(graph, node.name) : null;
  parts.graph.classList.toggle("rnn-looking", lit !== null);
  for (const made of nodes) {
    made.classList.toggle("rnn-lit", lit?.has(made.node.name) ?? false);
    made.setAttribute("aria-pressed", made.node.name === selected);
  }
  for (const { classList, edge } of edges) {
    classList.toggle("rnn-lit", lit !== null && lit.has(edge.from) && lit.has(edge.to));
  }
}

/** What is said of a node; without one, of the answer. */
function explanation({ problem, graph, run, example, answer }, node) {
  if (node) return aboutNode(problem, graph, node, run, problem.output === "sequence");
  return example ? verdict(problem, example, answer)
    : "Nothing here is trained for this: the graph is a sketch. Point at a node of it.";
}

/** Let everything come about again, in its order. */
function replay({ graph }) {
  graph.classList.remove("rnn-run");
  if (prefersStill()) return;
  graph.getBoundingClientRect(); // else the browser would not see the change
  graph.classList.add("rnn-run");
}

/** A decision at the end of a long sequence would else be out of sight. */
function showAnswer({ scroller }, { problem }) {
  scroller.scrollLeft = problem.output === "decision" ? scroller.scrollWidth : 0;
}

const named = (target) => target?.closest?.("[data-node]")?.dataset.node ?? "";

/** Another choice begins with its first example. */
function listen({ parts, on, get }, now, choose) {
  const choice = (changed) =>
    choose({ before: [get("input"), get("output")], example: 0, ...changed });
  const turn = (by) => {
    const { index, count } = now().state;
    if (index + by >= 0 && index + by < count) choose({ example: index + by });
  };
  on(parts.input, "change", (event) => choice({ input: event.target.value }));
  on(parts.output, "change", (event) => choice({ output: event.target.value }));
  on(parts.back, "click", () => turn(-1));
  on(parts.next, "click", () => turn(1));
  on(parts.again, "click", () => replay(parts));
}

/** Draw anew for another size, show the answer when there is a first one, and play when it is seen. */
function placeOnPage({ parts, show, atEnd }, now) {
  let isNew = true;
  atEnd(watchSize(parts.scroller, () => {
    if (now().drawn.width !== parts.scroller.clientWidth) show();
    if (isNew) queueMicrotask(() => showAnswer(parts, now().state)); // after it has been drawn
    isNew = false;
  }));
  atEnd(whenSeen(parts.scroller, () => replay(parts)));
}

function render({ model, el }) {
  const weightsOf = unpackOnce();
  let looked = ""; // the name of the node that is pointed at, or has the focus
  let chosen = false; // by the reader, who is told what came of it
  let [state, drawn] = [null, null];
  const figure = newFigure({ model, el }, TRAITS, build(), () => {
    const had = named(focused(parts.root));
    state = stateOf(figure.now(), weightsOf);
    drawn = redraw(parts, state);
    settle();
    if (had) drawn.nodes.find(({ node }) => node.name === had)?.focus();
    const words = explain();
    if (chosen) {
      chosen = false;
      say(`${parts.wiring.textContent}. ${words}`);
      showAnswer(parts, state);
      replay(parts);
    }
    return { answer: state.answer, probabilities: state.run?.outputs ?? [] };
  });
  const { parts, on, get, set, say } = figure;
  /** Light and explain what is looked at, else what is selected, else say the answer. */
  const explain = () => {
    const nodeNamed = (name) => state.graph.nodes.find((node) => node.name === name);
    const node = nodeNamed(looked) ?? nodeNamed(get("selected"));
    light(parts, drawn, state.graph, get("selected"), node);
    return (parts.words.textContent = explanation(state, node));
  };
  const look = (name) => {
    if (name === looked) return;
    looked = name;
    explain();
  };
  const select = (name) => {
    set({ selected: get("selected") === name ? "" : name });
    say(explain());
  };
  const choose = (changed) => {
    chosen = true;
    set({ selected: "", ...changed });
  };
  const settle = walkGraph(parts.scroller, on, { nodes: () => drawn.nodes, press: select });

  listen(figure, () => ({ state }), choose);
  on(parts.graph, "click", (event) => named(event.target) && select(named(event.target)));
  on(parts.graph, "pointerover", (event) => look(named(event.target)));
  on(parts.graph, "pointerleave", () => look(""));
  on(parts.scroller, "focusin", (event) => look(named(event.target)));
  on(parts.scroller, "focusout", () => look(""));
  figure.watch(["selected"], explain);
  figure.drawNow();
  placeOnPage(figure, () => ({ state, drawn }));
  return figure.end;
}

export default { render };
