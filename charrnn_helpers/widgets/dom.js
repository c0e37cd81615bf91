/* What every figure needs to put itself on a page. */

/** Make an element: attributes by name, children that are elements or plain text. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** The same for a shape in a picture. */
export function shape(tag, attributes = {}, ...children) {
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) drawn.setAttribute(name, value);
  drawn.append(...children);
  return drawn;
}

let made = 0;

/** An id that no other figure on the page has. */
export function uniqueId(stem) {
  made += 1;
  return `rnn-${stem}-${made}-${Math.random().toString(36).slice(2, 8)}`;
}

/** A character as it is shown: a space would be invisible. */
export const visible = (character) => (character === " " ? "␣" : character);

/** A number with a real minus sign. */
export const signed = (value, digits) => value.toFixed(digits).replace("-", "−");

export const percent = (p) => `${(100 * p).toFixed(1)} %`;

/** The colour of a value from −1 to 1; the page's own background at 0. The theme names the ends. */
export function diverging(value) {
  const share = (100 * Math.min(1, Math.abs(value))).toFixed(1);
  const end = value < 0 ? "--rnn-negative" : "--rnn-positive";
  return `color-mix(in srgb, var(${end}) ${share}%, var(--rnn-ground))`;
}

export const prefersStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Change traits of the model and tell Python, if there is one. */
export function update(model, traits) {
  for (const [name, value] of Object.entries(traits)) model.set(name, value);
  model.save_changes();
}

/** Call back when one of the traits changes; returns what ends that. */
export function watch(model, traits, callback) {
  for (const trait of traits) model.on(`change:${trait}`, callback);
  return () => traits.forEach((trait) => model.off(`change:${trait}`, callback));
}
