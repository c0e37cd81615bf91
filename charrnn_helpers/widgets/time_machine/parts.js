/* The parts of the figure `TimeMachine` that stay; what changes is drawn into them. */

import { element, shape, uniqueId } from "../ui/dom.js";
import { box, button, part, slider, speech } from "../ui/controls.js";
import { fromBox, inBox, objectionTo } from "./words.js";

const chart = (role) => shape("svg", { "data-role": role, role: "img", class: "rnn-chart" });
const title = (...children) => element("p", { class: "rnn-title" }, ...children);

/** A box of one line with its label, and what is wrong with its content. */
function textBox(role, label) {
  const [id, message] = [role, "message"].map(uniqueId);
  return [
    element("label", { for: id, class: "rnn-strong" }, label),
    part(role, "input", {
      id, type: "text", class: "rnn-input", autocomplete: "off", autocapitalize: "off",
      autocorrect: "off", spellcheck: "false", "aria-describedby": message,
    }),
    part(`${role}message`, "p", { id: message, class: "rnn-message", role: "alert" }),
  ];
}

/** A slider with its label and its value in words. */
function namedSlider(role, label, attributes) {
  const id = uniqueId(role);
  return box("rnn-slider", element("label", { for: id }, label),
    slider(role, { id, ...attributes }), part(`${role}value`, "span", { class: "rnn-number" }));
}

const buildTravel = () => box("rnn-row rnn-travel",
  button("play", "Play", "rnn-primary"),
  slider("scrub", { min: 0, "aria-label": "Checkpoint" }),
  part("moment", "p", { class: "rnn-number" }));

const buildWriting = () => box("rnn-part",
  title("What it writes, ", element("span", {}, "with the same dice at every checkpoint")),
  box("rnn-row rnn-asks", ...textBox("prompt", "Begin with"),
    namedSlider("temperature", "Temperature", { min: 0.1, max: 2, step: 0.1 }),
    button("again", "Draw again")),
  element("p", { class: "rnn-sample" }, part("start", "b"), part("written", "span")));

const buildReading = () => box("rnn-part",
  title("While it reads: ", part("mode", "span")),
  box("rnn-row rnn-asks", ...textBox("text", "Passage")),
  part("scroller", "div", {
    class: "rnn-scroll", tabindex: 0, role: "group", "aria-label": "Letters and hidden states",
  }, box("rnn-reader", part("letters", "ol"),
    box("rnn-states", part("states", "canvas", { role: "img" }), part("row", "div")))),
  box("rnn-row rnn-legend",
    namedSlider("unit", "Unit", { min: 0 }),
    element("span", { class: "rnn-scale" }, "−1", box("rnn-ramp"), "1")),
  part("spot", "p", { class: "rnn-spot rnn-number" }));

const buildReach = () => box("rnn-part",
  title("How far back the gradient reaches: ", element("span", {}, "share of the whole ",
    element("i", {}, "W"), element("sub", {}, "hh"), " gradient by distance (its projection)")),
  chart("reach"),
  element("p", { class: "rnn-key" }, "The line tells how far off a gradient is that is cut off there;"
    + " the horizon is where that has fallen to 10\u00a0% of its length."));

export const build = () => box("rnn-figure rnn-time-machine",
  buildTravel(), chart("course"), part("words", "p", { class: "rnn-words rnn-number" }), speech(),
  buildWriting(), buildReading(), buildReach());

/** A box whose content is taken over as long as it can be read, and explained if it cannot. */
export function ruleBox({ parts, on, get, set, watch }, role) {
  const message = parts[`${role}message`];
  const complain = (words) => {
    if (message.textContent !== words) message.textContent = words;
    parts[role].setAttribute("aria-invalid", words !== "");
  };
  const typed = () => fromBox(parts[role].value, get("characters"));
  const fill = () => {
    if (typed() !== get(role)) parts[role].value = inBox(get(role));
    complain("");
  };
  on(parts[role], "input", () => {
    const words = objectionTo(role, typed(), get("characters"));
    if (!words) set({ [role]: typed() });
    complain(words);
  });
  watch([role], fill);
  fill();
}
