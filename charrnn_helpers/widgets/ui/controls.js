/* The controls of all figures. A part has a role, by which a figure finds it again. */

import { element, uniqueId } from "./dom.js";

/** An element that is drawn into, or listened to. */
export const part = (role, tag, attributes = {}, ...children) =>
  element(tag, { "data-role": role, ...attributes }, ...children);

export const box = (name, ...children) => element("div", { class: name }, ...children);

/** A button; `more` may hold an `aria-label` and the like. */
export const button = (role, label, name = "", more = {}) =>
  part(role, "button", { type: "button", class: `rnn-button ${name}`.trim(), ...more }, label);

/** A slider over whole numbers from 1, unless told otherwise. */
export const slider = (role, attributes) =>
  part(role, "input", { type: "range", min: 1, step: 1, ...attributes });

/** Radio buttons, one of which is chosen: [[role, label], …]. */
export function radios(legend, options, name = "rnn-row") {
  const group = uniqueId("choice");
  return element("fieldset", { class: name }, legend, ...options.map(([role, label]) =>
    element("label", { class: "rnn-choice" },
      part(role, "input", { type: "radio", name: group }), label)));
}

/** Where the figure speaks to those who cannot see it. */
export const speech = () => part("live", "p", { class: "rnn-hidden", "aria-live": "polite" });

/** The arrow keys of a row, and those of a list or of rows. */
export const SIDEWAYS = new Map([["ArrowLeft", -1], ["ArrowRight", 1]]);
const ALL_WAYS = new Map([...SIDEWAYS, ["ArrowUp", -1], ["ArrowDown", 1]]);

/** Go along the buttons in a box with the arrow keys; one of them at a time can be reached with Tab.

    on: of the figure; reached(button) is told of the one that has the focus now. */
export function walk(on, within, reached, arrows = ALL_WAYS) {
  on(within, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const all = [...within.querySelectorAll("button")];
    const at = all.indexOf(event.target.closest("button"));
    const by = new Map([...arrows, ["Home", -Infinity], ["End", Infinity]]).get(event.key);
    if (at < 0 || by === undefined) return;
    event.preventDefault();
    const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
    for (const one of all) one.tabIndex = one === next ? 0 : -1;
    next.focus();
    reached?.(next);
  });
}
