/* The parts of the figure `WiringChooser` that stay; what changes is drawn into them. */

import { element, shape, uniqueId } from "../ui/dom.js";
import { box, button, part, speech } from "../ui/controls.js";
import { KINDS_OF_INPUT, KINDS_OF_OUTPUT } from "./words.js";

/** One of the two choices: a group of radio buttons, each with its name and its kind. */
function choice(role, title, kinds) {
  const group = uniqueId(role);
  return part(role, "fieldset", { class: "rnn-choices" },
    element("legend", { class: "rnn-title" }, title),
    ...kinds.map(([value, name, more]) => element("label", { class: "rnn-option" },
      part(`${role}-${value}`, "input", { type: "radio", name: group, value }),
      element("span", {}, element("b", {}, name), element("span", {}, more)))));
}

const buildAbout = () => box("rnn-about",
  box("rnn-row",
    part("wiring", "p", { class: "rnn-name-of-wiring" }),
    part("result", "p", { class: "rnn-result" })),
  part("says", "p"));

const buildExamples = () => part("examples", "div", { class: "rnn-row rnn-examples" },
  button("back", "‹ Back"), part("which", "span", { class: "rnn-number" }),
  button("next", "Next ›"), button("again", "Run again"));

export const build = () => box("rnn-figure rnn-wiring-chooser",
  box("rnn-both",
    choice("input", "What goes in", KINDS_OF_INPUT),
    choice("output", "What comes out", KINDS_OF_OUTPUT)),
  buildAbout(),
  buildExamples(),
  part("scroller", "div", { class: "rnn-scroll" },
    shape("svg", { class: "rnn-wiring", role: "group", "data-role": "graph" })),
  part("words", "p", { class: "rnn-words" }),
  speech(),
  box("rnn-code", part("compared", "p", { class: "rnn-title" }), part("code", "div")));
