"""The page's linear algebra is NumPy's, also for the matrices that are hard."""

import numpy as np
import pytest

from charrnn_helpers.diagnostics import recurrent_matrix

MODULES = {"matrix": ["nn/matrix.js"]}


def call(js, name, *given):
    return js.evaluate(
        "([name, ...given]) => pure(name, ...given)",
        [name, *(np.asarray(g).tolist() for g in given)],
    )


def radius(A):
    return np.abs(np.linalg.eigvals(A)).max()


@pytest.mark.parametrize("seed", range(5))
def test_products_and_sums(js, seed):
    generator = np.random.default_rng(seed)
    n, m, k = generator.integers(1, 9, 3)
    A, C = generator.normal(size=(n, m)), generator.normal(size=(m, k))
    x, y, z = generator.normal(size=m), generator.normal(size=n), generator.normal(size=n)
    for measured, expected in [
        (call(js, "add", y, z), y + z),
        (call(js, "dot", y, z), y @ z),
        (call(js, "norm", y), np.linalg.norm(y)),
        (call(js, "scale", A, -2.5), -2.5 * A),
        (call(js, "multiply", A, x), A @ x),
        (call(js, "multiplyTransposed", A, y), A.T @ y),
        (call(js, "transpose", A), A.T),
        (call(js, "product", A, C), A @ C),
        (call(js, "identity", n), np.eye(n)),
    ]:
        np.testing.assert_allclose(measured, expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 16, 32])
@pytest.mark.parametrize("seed", range(4))
def test_radius_and_norm_of_random_matrices(js, size, seed):
    A = np.random.default_rng([size, seed]).normal(size=(size, size))
    assert call(js, "spectralRadius", A) == pytest.approx(radius(A), rel=1e-9)
    assert call(js, "spectralNorm", A) == pytest.approx(np.linalg.norm(A, 2), rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_the_norm_of_matrices_that_are_not_square(js, seed):
    n, m = np.random.default_rng(seed).integers(1, 12, 2)
    A = np.random.default_rng(seed).normal(size=(n, m))
    assert call(js, "spectralNorm", A) == pytest.approx(np.linalg.norm(A, 2), rel=1e-12)


@pytest.mark.parametrize("kind", ["default", "orthogonal", "identity", "non-normal"])
@pytest.mark.parametrize("size", [1, 2, 16, 17, 24, 48])
@pytest.mark.parametrize("wanted", [0.5, 1.0, 1.3])
def test_radius_and_norm_of_every_kind_that_the_book_draws(js, kind, size, wanted):
    W = recurrent_matrix(kind, size, wanted).numpy()
    assert call(js, "spectralRadius", W) == pytest.approx(wanted, rel=1e-9)
    assert call(js, "spectralNorm", W) == pytest.approx(np.linalg.norm(W, 2), rel=1e-12)


@pytest.mark.parametrize("angle", [0.0, 0.1, 1.0, np.pi / 2, np.pi])
def test_pairs_of_complex_eigenvalues(js, angle):
    turn = 0.8 * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    skew = np.array([[1.0, 30.0], [0.0, 1.0]])
    sheared = skew @ turn @ np.linalg.inv(skew)  # same eigenvalues, far from orthogonal
    for A in (turn, sheared):
        assert call(js, "spectralRadius", A) == pytest.approx(0.8, rel=1e-9)
        assert call(js, "spectralNorm", A) == pytest.approx(np.linalg.norm(A, 2), rel=1e-12)


NILPOTENT = {
    "zero": np.zeros((5, 5)),
    "zero, 1×1": np.zeros((1, 1)),
    "a chain": np.eye(6, k=1),
    "above the diagonal": np.triu(np.ones((9, 9)), 1),
    "below the diagonal": np.tril(np.full((9, 9), -3.0), -1),
    "no triangle": np.array([[1.0, 1.0], [-1.0, -1.0]]),
}


@pytest.mark.parametrize("name", NILPOTENT)
def test_nilpotent_matrices_have_radius_zero(js, name):
    A = NILPOTENT[name]
    assert call(js, "spectralRadius", A) == 0
    assert call(js, "spectralNorm", A) == pytest.approx(np.linalg.norm(A, 2), rel=1e-12)


def test_matrices_in_blocks_have_the_radius_of_the_largest(js):
    generator = np.random.default_rng(1)
    blocks = [generator.normal(size=(n, n)) for n in (3, 1, 4)]
    A = np.triu(generator.normal(size=(8, 8)), 4)
    for block, start in zip(blocks, (0, 3, 4), strict=True):
        A[start : start + len(block), start : start + len(block)] = block
    places = generator.permutation(8)  # the blocks need not lie beside each other
    shuffled = A[np.ix_(places, places)]
    expected = max(map(radius, blocks))
    assert call(js, "spectralRadius", A) == pytest.approx(expected, rel=1e-9)
    assert call(js, "spectralRadius", shuffled) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("seed", range(60))
def test_matrices_with_few_entries(js, seed):
    generator = np.random.default_rng(seed)
    n = generator.integers(3, 9)
    A = generator.normal(size=(n, n)) * (generator.random((n, n)) < 0.25)
    measured = call(js, "spectralRadius", A)
    if measured == 0:
        assert not np.linalg.matrix_power(A, n).any()  # where eigvals is not exact
    else:
        assert measured == pytest.approx(radius(A), rel=1e-9)


@pytest.mark.parametrize("number", [-3.5, 2.0, 1e-200, -1e200])
def test_a_single_number(js, number):
    assert call(js, "spectralRadius", [[number]]) == pytest.approx(abs(number), rel=1e-12)
    assert call(js, "spectralNorm", [[number]]) == pytest.approx(abs(number), rel=1e-12)


@pytest.mark.parametrize("size", [1e-250, 1e-150, 1e150, 1e250])
def test_very_small_and_very_large_matrices(js, size):
    A = np.random.default_rng(2).normal(size=(6, 6))
    assert call(js, "spectralRadius", size * A) == pytest.approx(size * radius(A), rel=1e-9)
    expected = size * np.linalg.norm(A, 2)
    assert call(js, "spectralNorm", size * A) == pytest.approx(expected, rel=1e-9)


def test_integers_are_numbers_too(js):
    assert call(js, "spectralRadius", [[2, 1], [0, 3]]) == pytest.approx(3, rel=1e-12)
    assert call(js, "spectralNorm", [[3, 0], [4, 0]]) == pytest.approx(5, rel=1e-12)
