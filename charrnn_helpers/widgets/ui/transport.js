/* Going through time: play and pause, a step back or on, a slider, and columns that can be pressed.
   One set of names and one set of manners for all figures. */

import { prefersStill } from "./dom.js";
import { box, button } from "./controls.js";

/** The buttons, with the same words everywhere. */
export const transportButtons = (...more) => box("rnn-buttons",
  button("play", "Play", "rnn-primary"), button("back", "‹ Back"), button("next", "Next ›"), ...more);

/** Show where one is, in the controls that a figure has. */
function drawControls({ play, back, next, scrub }, { isPlaying, step, last, words }) {
  if (play) {
    play.textContent = isPlaying ? "Pause" : "Play";
    play.classList.toggle("rnn-playing", isPlaying);
  }
  back?.setAttribute("aria-disabled", step <= 1);
  next?.setAttribute("aria-disabled", step >= last);
  if (!scrub) return;
  scrub.max = last;
  scrub.value = step;
  if (words) scrub.setAttribute("aria-valuetext", words);
}

/** Let a reader go from 1 to last(), by the trait `step`.

    figure: of figure.js; its parts may be `play`, `back`, `next`, `scrub` (a slider) and any whose
    name is `columns`, in which elements with `data-step` can be pressed.
    beat: milliseconds from step to step. last(): asked at every step, as it may change meanwhile.
    tell(): says where one is, at the end, and when one goes there oneself; tellStep() if that shall
    be said differently.
    anew: Play begins at 1 wherever one looks, unless it goes on after Pause.
    Who prefers no motion is shown the end at once.

    Returns isPlaying(), play(), pause(), look(t), and draw(words), which brings the controls up to
    date; `words` describe the step for those who hear the slider. */
export function transport(figure, {
  beat, last, tell = () => {}, tellStep = tell, columns = "", anew = false,
}) {
  const { parts, on, get, set, show } = figure;
  let timer = null;
  let isHalted = false; // by Pause: it goes on from there

  const step = () => Math.min(Math.max(get("step"), 1), last());
  const pause = () => {
    clearInterval(timer);
    timer = null;
    isHalted = false;
    show();
  };
  const halt = () => {
    pause();
    isHalted = true;
  };
  const look = (t) => {
    pause();
    set({ step: Math.min(Math.max(t, 1), last()) });
  };
  const tick = () => {
    if (step() < last()) set({ step: step() + 1 });
    if (step() < last()) return;
    pause();
    tell();
  };
  const play = () => {
    if (prefersStill()) {
      look(last());
      tell();
      return;
    }
    if (step() >= last() || (anew && !isHalted)) set({ step: 1 });
    clearInterval(timer);
    timer = setInterval(tick, beat);
    show();
  };
  const go = (t) => {
    look(t);
    tellStep();
  };
  const press = (role, act) => parts[role] && on(parts[role], "click", act);

  press("play", () => (timer === null ? play() : halt()));
  press("back", () => go(step() - 1));
  press("next", () => go(step() + 1));
  if (parts.scrub) on(parts.scrub, "input", () => look(Number(parts.scrub.value)));
  press(columns, (event) => {
    const pressed = event.target.closest("[data-step], button"); // a column, or a control in it
    if (pressed?.dataset.step) go(Number(pressed.dataset.step));
  });
  figure.atEnd(() => clearInterval(timer));

  const draw = (words) =>
    drawControls(parts, { isPlaying: timer !== null, step: step(), last: last(), words });
  return { isPlaying: () => timer !== null, play, pause, look, draw };
}
