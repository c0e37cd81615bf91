"""What `GradientLedger` computes, also of networks that are larger than those of the book."""

from charrnn_helpers.bptt import kept_by

MODULES = {"facts": ["gradient_ledger/facts.js"]}


def test_a_weight_may_have_more_entries_than_a_function_takes_arguments(js):
    found = js.evaluate(
        """() => {
            const [H, V] = [200, 3];
            const table = (rows, columns) => Array.from({ length: rows }, (_, i) =>
              Array.from({ length: columns }, (_, j) => Math.sin(i + 7 * j) / 10));
            const weights = {
              cell: "lstm", W_xh: table(4 * H, V), W_hh: table(4 * H, H), W_ho: table(V, H),
              b_xh: table(1, 4 * H)[0], b_hh: table(1, 4 * H)[0], b_o: table(1, V)[0],
            };
            const { T, sumError, whole } = facts.examine(weights, "abc", "abc");
            return [T, sumError, whole.W_hh.flat().length];
        }"""
    )
    T, error, entries = found
    assert (T, entries) == (2, 160_000)
    assert 0 <= error < 1e-12


def test_chunks_keep_what_kept_by_keeps(js):
    found = js.evaluate(
        """() => {
            const ones = Array.from({ length: 7 }, () => Array(7).fill(1));
            return ["chunks", "horizon"].map((cutBy) => [1, 3, 5, 7].map((k) =>
              facts.keptOf(ones, facts.keptBy(cutBy, k))));
        }"""
    )
    for table, name in zip(found, ["chunk", "horizon"], strict=True):
        for kept, k in zip(table, [1, 3, 5, 7], strict=True):
            assert kept == kept_by(7, **{name: k}).int().tolist()
