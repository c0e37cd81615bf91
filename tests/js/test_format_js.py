"""Numbers as all figures write them in a sentence."""

import pytest

MODULES = {"format": ["ui/format.js"]}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (-0.0, "0"),
        (1, "1.0"),
        (0.96, "0.96"),
        (9.96, "10"),
        (0.012, "0.012"),
        (1234, "1200"),
        (0.00012, "1.2 × 10⁻⁴"),
        (-0.00012, "−1.2 × 10⁻⁴"),
        (5.63e-17, "5.6 × 10⁻¹⁷"),
        (99_999, "1.0 × 10⁵"),
        (3e250, "3.0 × 10²⁵⁰"),
    ],
)
def test_a_number_has_two_significant_digits(js, value, written):
    assert js.evaluate("(x) => format.scientific(x)", value).replace("\xa0", " ") == written


def test_what_is_no_number_is_not_multiplied(js):
    found = js.evaluate("() => [NaN, Infinity, -Infinity].map(format.scientific)")
    assert found == ["NaN", "∞", "−∞"]
