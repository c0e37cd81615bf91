/* What every figure does: it is built once, drawn after every change, and ends without a trace. */

import { update, watch } from "./dom.js";

/** What a figure's own code has of it; see newFigure.

    @template {string} Trait
    @typedef {{
      parts: any,
      get: (name: string) => any,
      now: () => Record<Trait, any>,
      set: (changed: Record<string, unknown>) => void,
      on: (node: EventTarget, event: string, callback: (event: any) => unknown) => void,
      watch: (names: readonly string[], callback: () => unknown) => void,
      atEnd: (callback: () => unknown) => void,
      say: (words: string) => void,
      show: () => void,
      drawNow: () => void,
      end: () => void,
    }} Figure */

/** Put a figure on the page.

    traits: the names of those that it shows; root: its outermost element, in which `data-role`
    names the parts that are drawn into; draw: draws all that follows from the traits, and returns
    the traits that Python is told. What is returned here is all that a figure's own code needs:

    parts     the elements by their roles, and the `root`
    now()     the traits by their names, and get(name), set(changed)
    on        listens to an element until the figure ends
    watch     is called when one of these traits has changed
    show()    draws once, after all that happens now has happened; drawNow() at once
    say       tells those who cannot see
    atEnd     is called when the figure ends
    end()     what `render` returns

    @template {string} Trait
    @param {{ model: any, el: HTMLElement }} place
    @param {readonly Trait[]} traits
    @param {HTMLElement} root
    @param {(figure: Figure<Trait>) => Record<string, unknown> | void} draw
    @returns {Figure<Trait>} */
export function newFigure({ model, el }, traits, root, draw) {
  el.append(root);
  const parts = { root };
  for (const node of root.querySelectorAll("[data-role]")) parts[node.getAttribute("data-role")] = node;
  const listening = new AbortController();
  const { signal } = listening;
  const endings = [() => listening.abort(), () => root.remove()];
  let waiting = false; // to be drawn

  /** @type {Figure<Trait>} */
  const figure = {
    parts,
    get: (name) => model.get(name),
    now: () => /** @type {Record<Trait, any>} */ (
      Object.fromEntries(traits.map((name) => [name, model.get(name)]))),
    set: (changed) => update(model, changed),
    on: (node, event, callback) => node.addEventListener(event, callback, { signal }),
    watch: (names, callback) => void endings.push(watch(model, names, callback)),
    atEnd: (callback) => void endings.push(callback),
    say: (words) => {
      parts.live.textContent = words;
    },
    drawNow: () => update(model, draw(figure) ?? {}),
    show() {
      if (!waiting) queueMicrotask(() => {
        waiting = false;
        if (!signal.aborted) figure.drawNow();
      });
      waiting = true;
    },
    end: () => endings.forEach((ending) => ending()),
  };
  figure.watch(traits, figure.show);
  return figure;
}

/** Which element has the focus, in the document or in the shadow tree in which the figure lies. */
export const focused = (node) => node.getRootNode().activeElement;

/** What follows from these traits, computed anew only after one of them has changed. */
export function derived(get, names, compute) {
  let [before, found] = [null, null];
  return () => {
    const now = names.map(get);
    if (before?.every((value, i) => value === now[i])) return found;
    found = compute(...now);
    before = now;
    return found;
  };
}
