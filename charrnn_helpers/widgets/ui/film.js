/* The pictures of a network that goes through a text: a film strip of its hidden states, and bars for
   what may come next. Drawn into elements that the figure made. */

import { element, watchSize } from "./dom.js";
import { diverging, percent, signed, visible } from "./format.js";

/** One frame of the film: the character, and below it the cells of its state; units are counted from
    0, as in Python. */
function column(character, h, units, t, kind) {
  const cells = Array.from({ length: units }, (_, i) => {
    const cell = element("i", h ? { title: `unit ${i} of h${t}: ${signed(h[i], 3)}` } : {});
    if (h) cell.style.background = diverging(h[i]);
    return cell;
  });
  return element("div", h ? { class: `rnn-column ${kind}`, "data-step": t } : { class: "rnn-column" },
    element("b", {}, visible(character)), ...cells);
}

/** Scroll a long strip sideways, and nothing else, until the frame can be seen. */
function bringIntoSight(frame, scroller) {
  if (scroller.clientWidth === 0) { // the strip is drawn before it is on the page
    const end = watchSize(scroller, () => {
      if (scroller.clientWidth === 0) return;
      end();
      if (scroller.contains(frame)) bringIntoSight(frame, scroller);
    });
    return;
  }
  const [inner, outer] = [frame.getBoundingClientRect(), scroller.getBoundingClientRect()];
  if (inner.left < outer.left) scroller.scrollLeft -= outer.left - inner.left + 4;
  if (inner.right > outer.right) scroller.scrollLeft += inner.right - outer.right + 4;
}

/** Draw the film strip up to now, frames for what is still to come, and the scrubber at time step t.

    parts: { root, strip, scrub, moment, filmtitle }; states: one { h } per character of the text. */
export function drawFilm(parts, { prompt, text, length }, states, t) {
  const [letters, start, units] = [[...text], [...prompt].length, states[0].h.length];
  parts.root.style.setProperty("--rnn-columns", length);
  parts.root.style.setProperty("--rnn-units", units);
  const heading = (name, from, to) => {
    const made = element("span", { class: `rnn-span rnn-${name}` }, name);
    made.style.gridColumn = `${from} / ${to}`;
    return made;
  };
  const columns = Array.from({ length }, (_, i) =>
    column(letters[i] ?? "", states[i]?.h, units, i + 1, i < start ? "rnn-read" : "rnn-written"));
  const selected = columns[t - 1];
  selected.classList.add("rnn-selected");
  parts.strip.replaceChildren(
    heading("read", 1, start + 1), heading("written", start + 1, length + 1), ...columns);
  parts.strip.setAttribute("aria-label", `Film strip of hidden states: ${units} cells for each of the`
    + ` ${letters.length} characters so far, ${start} read and ${letters.length - start} written.`
    + " Numbers for the selected time step are below.");
  bringIntoSight(selected, parts.strip.parentNode);
  const state = element("i", {}, "h", element("sub", {}, "t"));
  parts.filmtitle.replaceChildren("Hidden state ", state, `: ${units} cells per character`);
  parts.scrub.max = length;
  parts.scrub.value = t;
  const kind = t > start ? "written" : "read";
  parts.scrub.setAttribute("aria-valuetext",
    `${t} of ${letters.length}: ${letters[t - 1] === " " ? "space" : letters[t - 1]}, ${kind}`);
  parts.moment.replaceChildren(element("i", {}, "t"), ` = ${t}: ‘${visible(letters[t - 1])}’, ${kind}`);
}

/** Draw one bar per character, in an order that never changes, and mark the one that came next.

    probabilities: [[character, p], …]; next: that character, if it is known; how: what to say of it. */
export function drawBars(parts, probabilities, next, how) {
  if (parts.bars.children.length !== probabilities.length) {
    parts.bars.replaceChildren(...probabilities.map(() => element("li", {},
      element("b", {}), element("span", { class: "rnn-track" }, element("i")),
      element("span", { class: "rnn-number" }), element("em"))));
  }
  probabilities.forEach(([character, p], i) => {
    const row = parts.bars.children[i];
    const [letter, track, number, mark] = row.children;
    row.dataset.character = character;
    row.dataset.probability = p; // all its digits
    row.classList.toggle("rnn-chosen", character === next);
    letter.textContent = visible(character);
    track.firstChild.style.width = `${(100 * p).toFixed(2)}%`;
    number.textContent = percent(p);
    mark.textContent = character === next ? "◂" : "";
  });
  parts.key.replaceChildren(...(next ? [element("em", {}, "◂"), ` ${how}`] : []));
}

/** List the numbers of one state. */
export function drawNumbers(parts, h, t) {
  parts.numberstitle.replaceChildren(`The ${h.length} numbers of `, element("i", {}, "h"),
    element("sub", {}, t));
  parts.numbers.replaceChildren(...h.map((value) => element("li", {}, signed(value, 3))));
}
