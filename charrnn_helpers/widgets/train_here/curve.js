/* The loss against the epoch: PyTorch's curve, earlier runs, and the one that is being trained. */

import { element, shape } from "../ui/dom.js";

const WIDTH = 640;
const HEIGHT = 220;
const LEFT = 38;
const BOTTOM = 42;
const TOP = 10;
const RIGHT = 14;

/** Where things stand: x by epoch, y by loss. */
export function scales(epochs, highest) {
  return {
    x: (epoch) => LEFT + ((WIDTH - LEFT - RIGHT) * epoch) / epochs,
    y: (loss) => HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - TOP) * Math.min(loss, highest)) / highest,
  };
}

const line = (name, points) => shape("polyline", {
  class: `rnn-loss ${name}`, points: points.map((pair) => pair.map((n) => n.toFixed(1)).join(",")).join(" "),
});

const words = (x, y, text, attributes = {}) => shape("text", { x, y, ...attributes }, text);

function axes({ x, y }, epochs, highest) {
  const parts = [];
  for (let loss = 0; loss <= highest; loss++) {
    parts.push(shape("line", { class: "rnn-grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(loss), y2: y(loss) }),
      words(LEFT - 6, y(loss) + 4, loss, { "text-anchor": "end" }));
  }
  for (let i = 0; i <= 4; i++) {
    const epoch = Math.round((epochs * i) / 4);
    const anchor = i < 4 ? "middle" : "end"; // the last one would stick out
    parts.push(words(x(epoch), HEIGHT - BOTTOM + 18, epoch, { "text-anchor": anchor }));
  }
  parts.push(words((LEFT + WIDTH) / 2, HEIGHT - 4, "epoch", { "text-anchor": "middle" }));
  return parts;
}

/** Draw everything anew. `earlier` are the runs before this one: { lr, losses }. */
export function drawCurve(svg, { run, epoch, epochs, reference, earlier }) {
  const uniformLoss = Math.log(run.alphabet.length);
  const highest = Math.max(4, Math.ceil(uniformLoss));
  const place = scales(epochs, highest);
  const { x, y } = place;
  // The loss of epoch e, from 1, is that of the weights after e − 1 updates.
  const points = (losses) => losses.map((loss, e) => [x(e + 1), y(loss)])
    .filter(([, height]) => !Number.isNaN(height)); // none where training has diverged
  // Each level is named at the end where the curve is not.
  const level = (loss, text, at) => [
    shape("line", { class: "rnn-level", x1: LEFT, x2: WIDTH - RIGHT, y1: y(loss), y2: y(loss) }),
    words(...at, text, { "text-anchor": at[0] > LEFT + 9 ? "end" : "start", class: "rnn-name" }),
  ];
  const shown = run.losses.slice(0, Math.max(1, epoch));
  const end = epoch > 0 ? points(shown).at(-1) : undefined;
  svg.replaceChildren(
    ...axes(place, epochs, highest),
    ...level(uniformLoss, `guessing: ln ${run.alphabet.length}`, [WIDTH - RIGHT, y(uniformLoss) + 14]),
    ...level(run.floor, "the sentences known by heart", [LEFT + 8, y(run.floor) - 5]),
    ...earlier.map(({ losses }) => line("rnn-earlier", points(losses))),
    ...(reference.length > 0 ? [line("rnn-reference", points(reference))] : []),
    line("rnn-ahead", points(run.losses)),
    ...(shown.length > 0 ? [line("rnn-now", points(shown))] : []),
    ...(end ? [shape("circle", { class: "rnn-at", cx: end[0], cy: end[1], r: 4 })] : []));
}

/** The sentences as they are: each letter shaded by how likely the network thought it. */
export function drawLetters(list, run, probabilities) {
  list.replaceChildren(...run.padded.map((text, i) => element("li", { dir: "auto" },
    ...[...text].map((letter, t) => {
      const p = t === 0 ? null : probabilities[i][t - 1];
      const title = p === null ? "given" : `${(100 * p).toFixed(1)} %`;
      const cell = element("span", { class: p === null ? "rnn-given" : "rnn-letter", title },
        letter === " " ? "␣" : letter);
      if (p !== null) cell.style.setProperty("--rnn-p", `${(100 * p).toFixed(0)}%`);
      return cell;
    }))));
}
