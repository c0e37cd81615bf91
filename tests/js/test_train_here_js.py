"""A run of `TrainHere`: characters are counted, and of runs before only the losses stay."""

import math

import pytest

MODULES = {"run": ["train_here/run.js"]}
WEIGHTS = """(V) => {
  const table = (rows, columns) => Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) => Math.sin(i + 7 * j) / 2));
  return {
    cell: "rnn", W_xh: table(3, V), W_hh: table(3, 3), W_ho: table(V, 3),
    b_xh: table(1, 3)[0], b_hh: table(1, 3)[0], b_o: table(1, V)[0],
  };
}"""


@pytest.mark.parametrize("letters", ["ab", "😀😁"])  # the second two begin with the same unit
def test_known_by_heart_counts_characters(js, letters):
    a, b = letters
    padded = [f"{a}{a}{b}", f"{a}{b}{b}", f"{b}{a}{a}"]
    assert js.evaluate("(padded) => run.floorOf(padded)", padded) == pytest.approx(
        2 * math.log(2) / 6
    )


def test_of_each_epoch_only_the_weights_are_kept(js):
    kept = js.evaluate(
        f"""() => {{
            const [texts, weights] = [["aab", "abb"], ({WEIGHTS})(2)];
            const begun = run.begin({{ texts, characters: "ab", weights, lr: 0.1 }});
            for (let epoch = 0; epoch < 5; epoch++) run.oneEpoch(begun);
            return [begun.weights.map((one) => Object.keys(one).sort()), begun.losses.length];
        }}"""
    )
    names = sorted(["cell", "W_xh", "W_hh", "W_ho", "b_xh", "b_hh", "b_o"])
    assert kept == [[names] * 6, 5]


@pytest.mark.parametrize("text", ["😀b 😁c", "😀😁", "ab 😀"])
def test_what_is_written_is_as_long_as_the_sentence(js, text):
    (line,) = js.evaluate(
        f"""(text) => {{
            const characters = [...new Set(text)].sort().join("");
            const weights = ({WEIGHTS})([...characters].length);
            const begun = run.begin({{ texts: [text], characters, weights, lr: 0.1 }});
            return run.writings(begun, 0);
        }}""",
        text,
    )
    assert line["start"] == (text.split(" ")[0] if " " in text else text[0])
    assert line["written"].startswith(line["start"])
    assert len(line["written"]) == len(text)


def test_of_runs_before_only_rate_and_losses_stay(js):
    kept = js.evaluate(
        f"""() => {{
            const begin = (lr, texts = ["ab c"]) =>
              run.begin({{ texts, characters: "abc ", weights: ({WEIGHTS})(4), lr }});
            let [earlier, now] = [[], begin(0.1)];
            const kept = [];
            for (const next of [0.2, 0.3, 0.1, 0.4, 0.5].map((lr) => begin(lr))) {{
              run.oneEpoch(now);
              earlier = run.runsBefore(earlier, now, next);
              now = next;
              kept.push(earlier.map((one) => [Object.keys(one), one.lr, one.losses.length]));
            }}
            return [...kept, run.runsBefore(earlier, now, begin(0.1, ["abc"]))];
        }}"""
    )
    fields = ["lr", "losses"]
    rates = [[0.1], [0.1, 0.2], [0.2, 0.3], [0.2, 0.3, 0.1], [0.3, 0.1, 0.4]]
    assert kept == [*([[fields, lr, 1] for lr in run] for run in rates), []]
