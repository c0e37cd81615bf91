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
