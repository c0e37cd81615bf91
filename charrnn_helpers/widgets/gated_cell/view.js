/* The figure `GatedCell`: move the gates of one cell, see what it keeps. */

import { box, speech } from "../ui/controls.js";
import { newFigure } from "../ui/figure.js";

const TRAITS = /** @type {const} */ (["cell", "setting", "values", "cues", "step"]);

function render({ model, el }) {
  const figure = newFigure({ model, el }, TRAITS, box("rnn-figure rnn-gated-cell", speech()), () => {});
  figure.drawNow();
  return figure.end;
}

export default { render };
