/* How a reader moves about in the drawing of `Unroll`: dragging an input up and down with mouse or
   finger, and going from node to node with the arrow keys. */

import { exists, parseNode } from "./net.js";

const KINDS = ["x", "h", "o"]; // from below to above
const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, 0], ArrowDown: [-1, 0] };
const PER_UNIT = 60; // pixels

/** Drag the node of x_t up or down.

    start(t): its value; move(t, value); end(t). A drag is no click. */
export function dragInputs(svg, on, { start, move, end }) {
  let held = null;
  let dragged = false;
  on(svg, "pointerdown", (event) => {
    const node = event.target.closest(".rnn-copy .rnn-node-x");
    dragged = false;
    held = node && event.button === 0 ? { t: node.t, y: event.clientY, from: start(node.t) } : null;
  });
  on(svg, "pointermove", (event) => {
    const distance = held ? held.y - event.clientY : 0;
    if (!held || (!dragged && Math.abs(distance) < 4)) return;
    if (!dragged) svg.setPointerCapture(event.pointerId);
    dragged = true;
    move(held.t, held.from + distance / PER_UNIT);
  });
  const release = () => {
    if (held && dragged) end(held.t);
    held = null;
  };
  on(svg, "pointerup", release);
  on(svg, "pointercancel", release);
  on(svg, "click", (event) => {
    if (dragged) event.stopImmediatePropagation();
    dragged = false;
  });
}

/** The node that an arrow key leads to; the same one where there is no other. */
export function neighbour(name, key, k) {
  const [kind, t] = parseNode(name);
  const [up, right] = MOVES[key];
  const other = `${KINDS[KINDS.indexOf(kind) + up]}_${t + right}`;
  return exists(other, k) ? other : name;
}

/** Go through the nodes with the arrow keys; press one with Enter or the space bar.

    Only one node is reached by Tab: the last one that had the focus. Returns what makes sure that
    there is one in k time steps. */
export function walkNodes(graph, on, { steps, press }) {
  let home = "";
  const find = (name) => graph.querySelector(`.rnn-node[data-node="${name}"]`);
  const settle = () => {
    if (!exists(home, steps())) home = `o_${steps()}`;
    for (const node of graph.querySelectorAll(".rnn-node[data-node]")) {
      node.setAttribute("tabindex", node.dataset.node === home ? 0 : -1);
    }
  };
  on(graph, "focusin", (event) => {
    home = event.target.dataset.node ?? home;
    settle();
  });
  on(graph, "keydown", (event) => {
    const name = event.target.dataset.node;
    if (!name || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in MOVES) find(neighbour(name, event.key, steps())).focus();
    else if (event.key === "Enter" || event.key === " ") press(name);
    else return;
    event.preventDefault();
  });
  return settle;
}
