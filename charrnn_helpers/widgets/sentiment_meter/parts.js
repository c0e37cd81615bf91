/* The parts of `SentimentMeter`. Its rows, one a word, have the chance of "positive" after it, and the
   state from which that is read. Below are the words to tap. */

import { element, shape, uniqueId } from "../ui/dom.js";
import { diverging, percent, signed } from "../ui/format.js";
import { turnsOf, verdictAt } from "./words.js";

const MARKS = { ".": "full stop", ",": "comma" };
const spoken = (word) => MARKS[word] ?? word;

/** The parts of the figure that stay; what changes is drawn into them. */
export function buildMeter(el, given) {
  const [box, message, example, group, way] =
    ["sentence", "message", "example", "group", "way"].map(uniqueId);
  const part = (role, tag, attributes, ...children) =>
    element(tag, { "data-role": role, ...attributes }, ...children);
  const button = (role, label, kind = "") =>
    part(role, "button", { type: "button", class: `rnn-button ${kind}` }, label);
  const radio = (role, name, ...label) => element("label", { class: "rnn-choice" },
    part(role, "input", { type: "radio", name }), element("span", {}, ...label));
  const div = (name, ...children) => element("div", { class: name }, ...children);
  const long = (letters) => element("span", { class: "rnn-long" }, letters); // not on a phone
  const root = div("rnn-figure rnn-sentiment-meter",
    div("rnn-row",
      element("label", { for: box, class: "rnn-strong" }, "Sentence"),
      part("sentence", "input", {
        id: box, type: "text", class: "rnn-input", autocomplete: "off", autocapitalize: "off",
        autocorrect: "off", spellcheck: "false", enterkeyhint: "done", "aria-describedby": message,
      }),
      button("play", "Read", "rnn-primary"),
      part("message", "p", { id: message, class: "rnn-message", role: "alert" }),
      div("rnn-examples", element("label", { for: example }, "or take"),
        part("examples", "select", { id: example, class: "rnn-input" }))),
    part("live", "p", { class: "rnn-hidden", "aria-live": "polite" }),
    div("rnn-says", part("verdict", "strong", {}), part("turn", "span", {}), part("truth", "span", {})),
    div("rnn-reading",
      element("div", { class: "rnn-axis", "aria-hidden": "true" }, element("span", {}, "word"),
        element("span", {}, element("b", {}, "neg", long("ative")), element("b", {}, "pos", long("itive"))),
        element("span", {}), element("span", {}, "hidden state", part("units", "span", { class: "rnn-long" }))),
      part("rows", "ol", { class: "rnn-wordrows", "aria-label": "The sentence, word by word" })),
    part("words", "p", { class: "rnn-words" }),
    div("rnn-palette",
      element("fieldset", { class: "rnn-row" }, element("legend", {}, "Words to tap"),
        ...given.groups.map(([name]) => radio(`group-${name}`, group, name))),
      element("fieldset", { class: "rnn-row" }, element("legend", {}, "A tap"),
        radio("append", way, "adds it at the end"),
        radio("replace", way, "puts it in place of ", part("target", "b", {})),
        button("remove", "Delete")),
      part("chips", "div", { class: "rnn-chips", role: "group", "aria-label": "Words to tap" })));
  el.append(root);
  const roles = [...root.querySelectorAll("[data-role]")];
  return { root, ...Object.fromEntries(roles.map((node) => [node.dataset.role, node])) };
}

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
    box.children[i].title = `unit ${i + 1} of h${t}: ${signed(value, 3)}`;
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

/** Go along buttons with the arrow keys; one of them at a time can be reached with Tab.

    found: all of them, in order; reached(button) is told of the one that has the focus now. */
export function walk(box, on, found, reached) {
  const MOVES = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 };
  on(box, "keydown", (event) => {
    const [all, { key }] = [found(), event];
    const at = all.indexOf(event.target.closest("button"));
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = { Home: 0, End: all.length - 1 }[key] ?? (key in MOVES ? at + MOVES[key] : null);
    if (to === null) return;
    event.preventDefault();
    const next = all[Math.min(Math.max(to, 0), all.length - 1)];
    for (const button of all) button.tabIndex = button === next ? 0 : -1;
    next.focus();
    reached(next);
  });
}
