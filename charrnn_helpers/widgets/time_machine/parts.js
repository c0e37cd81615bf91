/* The parts of the figure `TimeMachine` that stay; what changes is drawn into them. */

import { element, shape, uniqueId } from "../ui/dom.js";
import { fromBox, inBox, objectionTo } from "./words.js";

const part = (role, tag, attributes, ...children) =>
  element(tag, { "data-role": role, ...attributes }, ...children);
const box = (name, ...children) => element("div", { class: name }, ...children);
const button = (role, label, name = "") =>
  part(role, "button", { type: "button", class: `rnn-button ${name}` }, label);
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
function slider(role, label, attributes) {
  const id = uniqueId(role);
  return box("rnn-slider", element("label", { for: id }, label),
    part(role, "input", { id, type: "range", step: 1, ...attributes }),
    part(`${role}value`, "span", { class: "rnn-number" }));
}

/** Build the figure into `el`; returns its parts by their roles. */
export function buildMachine(el, { last, H }) {
  const root = box("rnn-figure rnn-time-machine",
    box("rnn-row rnn-travel", button("play", "Play", "rnn-primary"),
      part("checkpoint", "input", {
        type: "range", min: 0, max: last, step: 1, "aria-label": "Checkpoint",
      }),
      part("moment", "p", { class: "rnn-number" })),
    chart("course"),
    part("words", "p", { class: "rnn-words rnn-number" }),
    part("live", "p", { class: "rnn-hidden", "aria-live": "polite" }),
    box("rnn-part",
      title("What it writes, ", element("span", {}, "with the same dice at every checkpoint")),
      box("rnn-row rnn-asks", ...textBox("prompt", "Begin with"),
        slider("temperature", "Temperature", { min: 0.1, max: 2, step: 0.1 }),
        button("again", "Draw again")),
      element("p", { class: "rnn-sample" }, part("start", "b", {}), part("written", "span", {}))),
    box("rnn-part",
      title("While it reads: ", part("mode", "span", {})),
      box("rnn-row rnn-asks", ...textBox("text", "Passage")),
      part("scroller", "div", {
        class: "rnn-scroll", tabindex: 0, role: "group", "aria-label": "Letters and hidden states",
      }, box("rnn-reader", part("letters", "ol", {}),
        box("rnn-states", part("states", "canvas", { role: "img" }), part("row", "div", {})))),
      box("rnn-row rnn-legend",
        slider("unit", "Unit", { min: 0, max: H }),
        element("span", { class: "rnn-scale" }, "−1", box("rnn-ramp"), "1")),
      part("spot", "p", { class: "rnn-spot rnn-number" })),
    box("rnn-part",
      title("How far back the gradient reaches: ", element("span", {}, "share of the whole ",
        element("i", {}, "W"), element("sub", {}, "hh"), " gradient by distance (its projection)")),
      chart("reach"),
      element("p", { class: "rnn-key" }, "The line tells how far off a gradient is that is cut off there;"
        + " the horizon is where that has fallen to 10\u00a0% of its length.")));
  el.append(root);
  const roles = [...root.querySelectorAll("[data-role]")];
  return { root, ...Object.fromEntries(roles.map((node) => [node.dataset.role, node])) };
}

/** A box whose content is taken over as long as it can be read, and explained if it cannot; returns
    what puts the trait's text into it. */
export function ruleBox(parts, role, on, now, take) {
  const message = parts[`${role}message`];
  const complain = (words) => {
    if (message.textContent !== words) message.textContent = words;
    parts[role].setAttribute("aria-invalid", words !== "");
  };
  const typed = () => fromBox(parts[role].value, now().characters);
  on(parts[role], "input", () => {
    const words = objectionTo(role, typed(), now().characters);
    if (!words) take({ [role]: typed() });
    complain(words);
  });
  return () => {
    if (typed() !== now()[role]) parts[role].value = inBox(now()[role]);
    complain("");
  };
}
