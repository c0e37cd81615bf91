/* The drawing of the figure `SentimentMeter`: rows, one a word, with the chance of "positive" after it and
   the state from which that is read; and words to tap. */

import { element, shape } from "../ui/dom.js";
import { diverging, percent, signed } from "../ui/format.js";
import { turnsOf, verdictAt } from "./words.js";

const MARKS = new Map([[".", "full stop"], [",", "comma"]]);
const spoken = (word) => MARKS.get(word) ?? word;

/** Make a row; what is in it comes later. */
function makeRow() {
  const path = shape("svg", { viewBox: "0 0 100 2", preserveAspectRatio: "none", "aria-hidden": "true" },
    shape("polyline", { class: "rnn-path" }));
  const track = element("span", { class: "rnn-track" }, element("i"), path, element("b"));
  return element("li", {}, element("button", { type: "button", class: "rnn-wordrow" },
    element("strong", {}), track, element("span", { class: "rnn-number" }),
    element("span", { class: "rnn-state" })));
}

/** The track of one row: a bar from the middle, and the path from the row before to the next. */
function drawTrack(track, probabilities, i) {
  const [bar, { firstChild: path }, dot] = track.children;
  const at = (j) => 100 * probabilities[j];
  const half = (j) => (at(i) + at(j)) / 2;
  const points = [
    ...(i > 0 ? [[half(i - 1), 0]] : []), [at(i), 1],
    ...(i < probabilities.length - 1 ? [[half(i + 1), 2]] : []),
  ];
  path.setAttribute("points", points.map(([x, y]) => `${x.toFixed(2)},${y}`).join(" "));
  bar.className = probabilities[i] > 0.5 ? "rnn-pro" : "rnn-contra";
  bar.style.left = `${Math.min(at(i), 50).toFixed(2)}%`;
  bar.style.width = `${Math.abs(at(i) - 50).toFixed(2)}%`;
  dot.style.left = `${at(i).toFixed(2)}%`;
}

function drawCells(box, h, t) {
  if (box.children.length !== h.length) box.replaceChildren(...h.map(() => element("i")));
  h.forEach((value, i) => {
    box.children[i].style.background = diverging(value);
    box.children[i].title = `unit ${i} of h${t}: ${signed(value, 3)}`;
  });
}

/** Draw the rows.

    states: one h a word; selected: a time step from 1; heard: how many words have been read, all of
    them unless the sentence is just being played. */
export function drawRows(list, words, probabilities, states, selected, heard) {
  const turns = turnsOf(probabilities);
  while (list.children.length > words.length) list.lastChild.remove();
  while (list.children.length < words.length) list.append(makeRow());
  words.forEach((word, i) => {
    const [t, p, button] = [i + 1, probabilities[i], list.children[i].firstChild];
    const [name, track, number, cells] = button.children;
    const turned = turns.includes(t) && t <= heard;
    button.dataset.step = t;
    button.dataset.probability = p; // all its digits
    button.tabIndex = t === selected ? 0 : -1;
    button.setAttribute("aria-current", t === selected);
    button.setAttribute("aria-label", `word ${t}, ${spoken(word)}: ${percent(p)} positive, `
      + `${verdictAt(p) ?? "open"}${turned ? "; the verdict turns" : ""}`);
    button.classList.toggle("rnn-turned", turned);
    button.parentNode.classList.toggle("rnn-unread", t > heard);
    name.textContent = t === words.length ? `${word} end` : word;
    number.textContent = percent(p);
    drawTrack(track, probabilities, i);
    drawCells(cells, states[i], t);
  });
}

/** Draw the words of one group, to be tapped. */
export function drawChips(box, words) {
  const same = box.children.length === words.length
    && words.every((word, i) => box.children[i].dataset.word === word);
  if (same) return;
  box.replaceChildren(...words.map((word, i) => element("button", {
    type: "button", class: "rnn-chip", "data-word": word, "aria-label": spoken(word),
    tabindex: i === 0 ? 0 : -1,
  }, word)));
}
