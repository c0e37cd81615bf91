/* What the figure `VideoLabels` says: pure functions to strings. */

import { inNode, percent } from "../ui/format.js";

/** A label with its sign before it. */
export const signAndName = (label) => (inNode(label) === label ? label : `${inNode(label)} ${label}`);

/** The true label at a frame: the frame's own, or that of the whole clip. */
export const trueAt = ({ output }, { right }, t) => (output === "every step" ? right[t - 1] : right[0]);

/** What is known of one frame and of all frames before it.

    shown: { problem, example, T, t, black, answers, outputs }, black a Set of frames. */
export function aboutFrame(shown) {
  const { problem, example, T, t, black, answers, outputs } = shown;
  const wanted = trueAt(problem, example, t);
  const answer = answers[t - 1];
  const p = percent(outputs[t - 1][problem.labels.indexOf(answer)]);
  const judged = answer === wanted ? "That is correct." : `True is ${signAndName(wanted)}.`;
  if (problem.output === "every step") {
    return `Frame ${t} of ${T}${black.has(t) ? " is black" : ""}. The network says`
      + ` ${signAndName(answer)}, ${p}${black.has(t) ? ", from memory alone" : ""}.`
      + ` ${judged}`;
  }
  const so = t === T ? `After all ${T} frames` : `After ${t} of ${T} frames`;
  const dark = [...black].filter((one) => one <= t).length;
  return `${so}${dark ? `, ${dark} of them black,` : ""} the verdict is ${signAndName(answer)}, ${p}.`
    + ` ${judged}`;
}

/** How many labels are correct, of all frames read so far and of the black ones; for a clip, since
    when the verdict is. */
export function score({ problem, example, t, black, answers }) {
  const read = answers.slice(0, t).map((answer, i) => [i + 1, answer === trueAt(problem, example, i + 1)]);
  if (problem.output !== "every step") {
    const since = 1 + read.findLastIndex(([, isCorrect]) => !isCorrect) + 1;
    return since > t ? "not correct yet" : `correct since frame ${since}`;
  }
  const count = (some) => `${some.filter(([, isCorrect]) => isCorrect).length} of ${some.length}`;
  const dark = read.filter(([one]) => black.has(one));
  return `${count(read)} correct${dark.length ? `; in the dark ${count(dark)}` : ""}`;
}
