"""Distances of features against closed forms, scipy in float64 and other implementations."""

import numpy as np
import ot
import pytest
from scipy import linalg, special

from zoo.metrics import features

RANDOM = np.random.default_rng(0)
MIX = RANDOM.normal(size=(6, 6))
X = RANDOM.normal(size=(500, 6)) @ MIX + 3.0
Y = RANDOM.normal(size=(400, 6)) @ (MIX + 0.5 * RANDOM.normal(size=(6, 6))) + 2.0


def whitened(x):
    """The same rows with the mean 0 and the covariance 1, exactly."""
    centred = x - x.mean(axis=0)
    return centred @ np.linalg.inv(np.linalg.cholesky(np.cov(centred.T))).T


def test_frechet_distance_of_gaussians_is_its_closed_form():
    z, std, shift = whitened(X), np.array([0.5, 1.0, 2.0, 3.0, 0.1, 1.5]), np.arange(6.0)
    expected = np.sum(shift**2) + np.sum((1.0 - std) ** 2)
    np.testing.assert_allclose(
        features.frechet_distance(z, whitened(Y) * std + shift), expected, rtol=1e-9
    )


def test_frechet_distance_does_not_see_how_far_apart_the_means_of_features_are():
    x = whitened(X) + 1e6 * np.arange(6.0)
    np.testing.assert_allclose(features.frechet_distance(x, x + 2.0), 6 * 2.0**2, rtol=1e-6)


@pytest.mark.parametrize("scale", [1e-5, 1.0, 1e3])
def test_frechet_distance_is_scipys_at_every_scale(scale):
    x, y = scale * X, scale * Y
    a, b = np.cov(x.T), np.cov(y.T)
    expected = (
        np.sum((x.mean(axis=0) - y.mean(axis=0)) ** 2)
        + np.trace(a + b)
        - 2.0 * np.trace(linalg.sqrtm(a @ b)).real
    )
    np.testing.assert_allclose(features.frechet_distance(x, y), expected, rtol=1e-7)


def test_frechet_distance_is_pots_distance_of_gaussians():
    expected = (
        ot.gaussian.bures_wasserstein_distance(
            X.mean(axis=0), Y.mean(axis=0), np.cov(X.T), np.cov(Y.T)
        )
        ** 2
    )
    np.testing.assert_allclose(features.frechet_distance(X, Y), expected, rtol=1e-7)


def test_all_three_are_torch_fidelitys():
    # torch-fidelity 0.4.0 on the same rows, computed once: fid_statistics_to_metric, kernel_mmd,
    # isc_features_to_metric; the first is the number of pytorch-fid 0.3.0 too
    np.testing.assert_allclose(features.frechet_distance(X, Y), 10.10809919647511, rtol=1e-7)
    np.testing.assert_allclose(
        features.kernel_distance(X[:400], Y)[0], 511.9279660883835, rtol=1e-9
    )
    np.testing.assert_allclose(features.classifier_score(X), 1.8513555458212785, rtol=1e-9)


def test_frechet_distance_of_a_set_to_itself_is_zero():
    np.testing.assert_allclose(features.frechet_distance(X, X), 0.0, atol=1e-6 * X.var())


def unbiased_kernel_distance(x, y):
    def kernel(a, b):
        return (a @ b.T / a.shape[1] + 1.0) ** 3

    def within(a):
        return (kernel(a, a).sum() - np.trace(kernel(a, a))) / (len(a) * (len(a) - 1))

    return within(x) + within(y) - 2.0 * kernel(x, y).mean()


def test_kernel_distance_is_the_unbiased_estimate_by_hand():
    np.testing.assert_allclose(
        features.kernel_distance(X, Y)[0], unbiased_kernel_distance(X, Y), rtol=1e-9
    )


def test_kernel_distance_is_the_mean_over_blocks_with_their_standard_error():
    blocks = [
        unbiased_kernel_distance(X[at : at + 100], Y[at : at + 100]) for at in range(0, 400, 100)
    ]
    value, error = features.kernel_distance(X[:400], Y, block=100)
    np.testing.assert_allclose(value, np.mean(blocks), rtol=1e-9)
    np.testing.assert_allclose(error, np.std(blocks, ddof=1) / 2.0, rtol=1e-6)


def test_kernel_distance_of_one_block_has_the_jackknifes_error():
    x, y = X[:40], Y[:30]
    left_out = [
        [unbiased_kernel_distance(np.delete(x, at, axis=0), y) for at in range(len(x))],
        [unbiased_kernel_distance(x, np.delete(y, at, axis=0)) for at in range(len(y))],
    ]
    expected = np.sqrt(sum((len(values) - 1) * np.var(values) for values in left_out))
    value, error = features.kernel_distance(x, y)
    np.testing.assert_allclose(value, unbiased_kernel_distance(x, y), rtol=1e-9)
    np.testing.assert_allclose(error, expected, rtol=1e-9)


def test_the_jackknifes_error_is_the_spread_over_draws():
    random = np.random.default_rng(2)
    results = [
        features.kernel_distance(random.normal(size=(40, 3)), random.normal(1.0, 1.0, (60, 3)))
        for _ in range(100)
    ]
    values, errors = np.transpose(results)
    np.testing.assert_allclose(np.sqrt(np.mean(errors**2)), values.std(), rtol=0.25)


@pytest.mark.parametrize("sizes", [(2, 2), (2, 40), (8, 500)])
def test_kernel_distance_needs_three_rows_in_each_block(sizes):
    with pytest.raises(ValueError, match="Both sets need 3 rows in each of the blocks"):
        features.kernel_distance(X[: sizes[0]], Y[: sizes[1]], block=100)


def test_kernel_distance_of_one_distribution_is_zero_in_the_mean():
    random = np.random.default_rng(1)
    value, error = features.kernel_distance(
        random.normal(size=(4000, 4)), random.normal(size=(4000, 4)), block=200
    )
    assert abs(value) < 4.0 * error
    assert value < 0.01


def test_classifier_score_is_one_for_one_answer_and_the_classes_for_sure_ones():
    np.testing.assert_allclose(
        features.classifier_score(np.tile(RANDOM.normal(size=5), (20, 1))), 1.0, rtol=1e-9
    )
    np.testing.assert_allclose(features.classifier_score(50.0 * np.eye(5)), 5.0, rtol=1e-9)
    logits = RANDOM.normal(size=(30, 4))
    p = special.softmax(logits, axis=1)
    expected = np.exp(
        np.mean(np.sum(special.rel_entr(p, np.broadcast_to(p.mean(axis=0), p.shape)), axis=1))
    )
    np.testing.assert_allclose(features.classifier_score(logits), expected, rtol=1e-9)


@pytest.mark.parametrize("bad", [X[:, :2], X[:1], X[:, :, None], np.full((5, 6), np.nan)])
def test_features_are_checked(bad):
    with pytest.raises(ValueError, match="Features must be"):
        features.frechet_distance(X, bad)
