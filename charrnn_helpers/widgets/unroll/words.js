/* What the figure `Unroll` says: pure functions to strings, and names set as in the formulas. */

import { ENTRIES, UNITS, entryGradient, entryName, entryValue, parseNode } from "./net.js";
import { element } from "../ui/dom.js";
import { signed } from "../ui/format.js";

/** A number with three decimals; no minus sign before a zero. */
export const three = (v) => signed(Math.abs(v) < 0.0005 ? 0 : v, 3);

const times = (k) => (k === 1 ? "once" : `${k} times`);

const listed = (names) => (names.length < 2 ? names.join("")
  : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`);

const upTo = (kind, from, to) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => `${kind}_${from + i}`);

/** Text with its names as in the formulas: h_2 with a lowered 2, in italics. */
export function typeset(words) {
  return words.split(/([A-Za-z]_(?:xh|hh|ho|[hoτt]|\d))/).map((part, i) => {
    if (i % 2 === 0) return part;
    const [letter, index] = part.split("_");
    return element("span", { class: "rnn-name" }, element("i", {}, letter),
      element("sub", {}, index));
  });
}

/** The one sentence about what is looked at. */
export function sentence(name, { folded, weights, steps: k, gradients }, numbers) {
  if (folded) {
    return "One network. Its loop hands h_t over to the next time step. Unfold it to see "
      + `${k === 1 ? "one step" : `${k} steps`} side by side.`;
  }
  const [kind, t] = parseNode(name);
  if (kind) return aboutNode(kind, t, k) + (gradients ? aboutGradient(kind, t, k, numbers) : "");
  if (name) return aboutWeight(name, { weights, k, gradients }, numbers);
  return `${k} ${k === 1 ? "step" : "steps"} in: from h_0 = 0 and ${listed(upTo("x", 1, k))} the`
    + ` network gives o_${k} = ${three(numbers.o[k])}, its output for step ${k + 1}.`
    + (gradients ? ` ∂ is how fast o_${k} changes with a number.` : "");
}

function aboutNode(kind, t, k) {
  if (kind === "x") {
    return `x_${t} is an input: it depends on nothing, and reaches `
      + `${listed([...upTo("h", t, k), ...upTo("o", t, k)])}.`;
  }
  if (t === 0) return "h_0 = 0 is where every run starts: it depends on nothing.";
  return `${kind}_${t} depends on ${listed([...upTo("x", 1, t), "h_0"])}`
    + (kind === "o" ? `, and on the past only through h_${t}.` : ".");
}

function aboutGradient(kind, t, k, { dx, dh }) {
  if (kind === "o") return "";
  const by = kind === "x" ? three(dx[t]) : `(${dh[t].map(three).join(", ")})`;
  return ` ∂o_${k}/∂${kind}_${t} = ${by}.`;
}

function aboutWeight(name, { weights, k, gradients }, numbers) {
  const entry = ENTRIES.find((one) => entryName(one) === name);
  const used = `used ${times(k)}${k === 1 ? "" : ", once in each time step"}`;
  if (!entry) return `${name} is ${used}${k === 1 ? "" : ": always the same weight"}.`;
  const slope = gradients
    ? ` ∂o_${k}/∂${name} = ${three(entryGradient(numbers, entry))}, all its uses together.` : "";
  return `${name} = ${three(entryValue(weights, entry))} is one number, ${used}.${slope}`;
}

/** How a node's numbers come about: for each of its numbers, lines of text. */
export function computation(name, { weights, inputs }, { h, o }) {
  const [kind, t] = parseNode(name);
  if (kind === "o") {
    const terms = UNITS.map((j) => [["W_ho", 0, j], `h_${t}[${j + 1}]`, h[t][j]]);
    return [[`o_${t}`, ...sums(weights, terms, ["b_o", 0]), `= ${three(o[t])}`]];
  }
  if (kind === "h" && t > 0) {
    return UNITS.map((i) => {
      const terms = [[["W_xh", i, 0], `x_${t}`, inputs[t - 1]],
        ...UNITS.map((j) => [["W_hh", i, j], `h_${t - 1}[${j + 1}]`, h[t - 1][j]])];
      const lines = sums(weights, terms, ["b_h", i]).map((line) => `= tanh(${line.slice(2)})`);
      return [`h_${t}[${i + 1}]`, ...lines.slice(0, 2), `${lines[2]} = ${three(h[t][i])}`];
    });
  }
  return [];
}

/** A sum of products and a bias: its names, its numbers, and for a state its result. */
function sums(weights, terms, bias) {
  const inPlace = (v) => (three(v).startsWith("−") ? `(${three(v)})` : three(v));
  const symbols = terms.map(([entry, other]) => `${entryName(entry)}·${other}`);
  const numbers = terms.map(([entry, , v]) => `${inPlace(entryValue(weights, entry))}·${inPlace(v)}`);
  const total = terms.reduce((sum, [entry, , v]) => sum + entryValue(weights, entry) * v,
    entryValue(weights, bias));
  const lines = [
    `= ${[...symbols, entryName(bias)].join(" + ")}`,
    `= ${[...numbers, inPlace(entryValue(weights, bias))].join(" + ")}`,
  ];
  return bias[0] === "b_h" ? [...lines, `= ${three(total)}`] : lines;
}
