/* How a reader goes about in the drawing of `WiringChooser` by keyboard: arrow keys lead to the
   nearest node in their direction, Enter and the space bar press it. */

const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The node that an arrow key leads to from one; the same one where there is no other. */
export function nearestNode(nodes, from, key) {
  const [right, down] = DIRECTIONS[key];
  const middle = (made) => {
    const { left, top, width, height } = made.getBoundingClientRect();
    return [left + width / 2, top + height / 2];
  };
  const [x, y] = middle(from);
  let [best, least] = [from, Infinity];
  for (const made of nodes) {
    const [dx, dy] = [middle(made)[0] - x, middle(made)[1] - y];
    const ahead = right * dx + down * dy;
    const aside = Math.abs(down * dx + right * dy);
    const cost = ahead + 3 * aside; // straight ahead before anything else
    if (ahead > 2 && cost < least) [best, least] = [made, cost];
  }
  return best;
}

/** Only one node is reached by Tab: the last one that had the focus. Returns what makes sure that
    there is one. The listeners are on the box around the drawing: an SVG that listens for focus
    would be reached by Tab itself. */
export function walkGraph(graph, on, { nodes, press }) {
  let home = "";
  const settle = () => {
    const all = nodes();
    const there = all.find(({ node }) => node.name === home) ?? all.at(-1);
    for (const made of all) made.setAttribute("tabindex", made === there ? 0 : -1);
  };
  on(graph, "focusin", (event) => {
    home = event.target.closest("[data-node]")?.dataset.node ?? home;
    settle();
  });
  on(graph, "keydown", (event) => {
    const made = event.target.closest("[data-node]");
    if (!made || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in DIRECTIONS) nearestNode(nodes(), made, event.key).focus();
    else if (event.key === "Enter" || event.key === " ") press(made.dataset.node);
    else return;
    event.preventDefault();
  });
  return settle;
}
