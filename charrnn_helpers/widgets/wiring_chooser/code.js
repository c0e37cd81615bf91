/* The code of a wiring, beside what the figure `WiringChooser` draws of it. */

import { element } from "../ui/dom.js";
import { markedLines } from "./words.js";

/** One line; a comment at its end stands back. */
function line(words, isMarked) {
  const [code, comment] = words.split(/(?=\s# )/);
  return element(isMarked ? "mark" : "span", { class: "rnn-codeline" }, code,
    ...(comment ? [element("i", {}, comment)] : []), "\n");
}

/** Draw the code, its lines marked that the wiring before does not have. */
export function drawCode(parts, { problem, before }) {
  const isSame = problem === before;
  const name = ({ input, output }) => `‘${input} → ${output}’`;
  parts.compared.textContent = isSame ? "The code"
    : `The code. Marked: what ${name(before)} does not have.`;
  const listed = problem.served && problem.code[0]?.heading === "" ? " (of the wiring that serves)" : "";
  parts.code.replaceChildren(...markedLines(problem.code, before.code).map(({ heading, lines }) =>
    element("div", {},
      element("p", { class: "rnn-heading" }, heading || `in this notebook${listed}`),
      element("pre", { tabindex: 0, role: "region", "aria-label": heading || "in this notebook" },
        element("code", {}, ...lines.map(([words, isNew]) => line(words, isNew && !isSame)))))));
}
