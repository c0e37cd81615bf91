/* How characters, labels, numbers and values are shown. */

/** A character as it is shown: a space would be invisible. */
export const visible = (character) => (character === " " ? "␣" : character);

/** A number with a real minus sign. */
export const signed = (value, digits) => value.toFixed(digits).replace("-", "−");

export const percent = (p) => `${(100 * p).toFixed(1)} %`;

/** A whole number as an exponent: −12 is ⁻¹². */
export const superscript = (n) =>
  String(n).replace("-", "⁻").replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]);

/** A number with two significant digits, so that it fits a sentence: 0.00012 is 1.2 × 10⁻⁴. */
export function scientific(value) {
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return String(value).replace("-", "−").replace("Infinity", "∞");
  const [mantissa, exponent] = value.toExponential(1).split("e").map(Number);
  if (exponent < -2 || exponent > 3) { // never cut in two
    return `${signed(mantissa, 1)}\u00a0×\u00a010${superscript(exponent)}`;
  }
  return signed(mantissa * 10 ** exponent, Math.max(0, 1 - exponent));
}

/** The colour of a value from −1 to 1; the page's own background at 0. The theme names the ends. */
export function diverging(value) {
  const share = (100 * Math.min(1, Math.abs(value))).toFixed(1);
  const end = value < 0 ? "--rnn-negative" : "--rnn-positive";
  return `color-mix(in srgb, var(${end}) ${share}%, var(--rnn-ground))`;
}

/** Signs for labels that have one. */
export const GLYPHS = new Map(Object.entries({
  left: "←", right: "→", up: "↑", down: "↓", clockwise: "↻", "counter-clockwise": "↺", still: "•",
  "<stop>": "stop", "<start>": "start", " ": "␣",
  positive: "☺ positive", negative: "☹ negative",
}));

/** A label as it stands in a node of a graph, or below a frame. */
export const inNode = (label) => GLYPHS.get(label) ?? label;

const [MOST_QUOTED, MOST_LETTERS] = [3, 20];

function clipped(word) {
  const letters = [...word];
  return letters.length > MOST_LETTERS ? `${letters.slice(0, MOST_LETTERS).join("")}…` : word;
}

/** Words in quotation marks, however many and long they are: "‘a’, ‘b’, ‘c’ or 7 more". */
export function quoted(words, conjunction) {
  const first = words.slice(0, MOST_QUOTED).map((word) => `‘${clipped(word)}’`);
  const all = words.length > MOST_QUOTED ? [...first, `${words.length - MOST_QUOTED} more`] : first;
  return all.length < 2 ? all.join("") : `${all.slice(0, -1).join(", ")} ${conjunction} ${all.at(-1)}`;
}
