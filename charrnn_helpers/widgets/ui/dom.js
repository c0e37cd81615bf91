/* What every figure needs to put itself on a page. */

const FOCUSABLE = ["button", "input", "select", "summary", "textarea"];

/** Give an element its attributes and its children. */
function dress(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  // JupyterLab takes arrows and letters as commands, unless the very element in focus declines that.
  if (FOCUSABLE.includes(node.localName) || "tabindex" in attributes) {
    node.setAttribute("data-lm-suppress-shortcuts", "true");
  }
  node.append(...children);
  return node;
}

/** Make an element: attributes by name, children that are elements or plain text. */
export const element = (tag, attributes = {}, ...children) =>
  dress(document.createElement(tag), attributes, children);

/** The same for a shape in a picture. */
export const shape = (tag, attributes = {}, ...children) =>
  dress(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

let made = 0;

/** An id that no other figure on the page has. */
export function uniqueId(stem) {
  made += 1;
  return `rnn-${stem}-${made}-${Math.random().toString(36).slice(2, 8)}`;
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

/** Call back when an element has another size, and first when it has one, which is not before it is
    on the page; returns what ends that. */
export function watchSize(node, callback) {
  const observer = new ResizeObserver(callback);
  observer.observe(node);
  return () => observer.disconnect();
}

/** Call back once, when half of an element is first seen; returns what ends that. */
export function whenSeen(node, callback) {
  const observer = new IntersectionObserver((changes) => {
    if (!changes.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    callback();
  }, { threshold: 0.5 });
  observer.observe(node);
  return () => observer.disconnect();
}
