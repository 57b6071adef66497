"""The 2-D toys against the coordinates of WGAN-GP's released code."""

import numpy as np
import pytest

from train.data import toys


def test_ring_modes_lie_on_a_circle_of_radius_sqrt_2():
    centres, std = toys.modes("ring")
    assert centres.shape == (8, 2)
    np.testing.assert_allclose(np.hypot(*centres.T), np.sqrt(2.0), rtol=1e-12)
    np.testing.assert_allclose(
        np.sort(np.arctan2(centres[:, 1], centres[:, 0]) % (2 * np.pi)),
        np.arange(8) * np.pi / 4,
        atol=1e-12,
    )
    np.testing.assert_allclose(std, 0.02 / 1.4142135623730951, rtol=1e-12)


def test_grid_modes_are_the_25_lattice_points():
    centres, std = toys.modes("grid")
    lattice = {(x, y) for x in (-4, -2, 0, 2, 4) for y in (-4, -2, 0, 2, 4)}
    assert {
        tuple(round(value) for value in centre) for centre in centres * 2.8284271247461903
    } == lattice
    np.testing.assert_allclose(std, 0.05 / 2.8284271247461903, rtol=1e-12)


@pytest.mark.parametrize("name", ["ring", "grid"])
def test_mixture_holds_each_mode_equally_often_with_its_std(name):
    centres, std = toys.modes(name)
    points = toys.points(name)
    assert points.shape == (100_000, 2) and points.dtype == np.float32
    offsets = points[:, None] - centres[None]
    nearest = np.argmin(np.sum(offsets**2, axis=-1), axis=1)
    assert np.ptp(np.bincount(nearest, minlength=len(centres))) <= 1
    residuals = offsets[np.arange(len(points)), nearest]
    np.testing.assert_allclose(residuals.std(axis=0), std, rtol=0.02)  # 6 standard errors
    np.testing.assert_allclose(residuals.mean(axis=0), 0.0, atol=6 * std / np.sqrt(len(points)))


def test_mixture_is_shuffled():
    points = toys.points("grid")
    assert (
        len(np.unique(np.round(points[:25] * np.sqrt(8.0)), axis=0)) < 25
    )  # in a cycle of the modes it would be 25


def test_swiss_roll_has_the_radii_of_the_formula():
    radius = np.hypot(
        *toys.points("swiss_roll").T
    )  # t / 7.5 with t uniform in [1.5 pi, 4.5 pi], and noise of 0.25 / 7.5
    np.testing.assert_allclose(radius.mean(), 3.0 * np.pi / 7.5, rtol=0.01)
    np.testing.assert_allclose(
        [radius.min(), radius.max()], np.array([1.5, 4.5]) * np.pi / 7.5, atol=5 * 0.25 / 7.5
    )


@pytest.mark.parametrize("name", toys.TOYS)
def test_points_are_a_function_of_the_seed(name):
    np.testing.assert_array_equal(toys.points(name, 100), toys.points(name, 100))
    assert not np.array_equal(toys.points(name, 100), toys.points(name, 100, seed=1))


def test_unknown_toy_is_named_with_the_nearest():
    with pytest.raises(ValueError, match="'rings'.*Did you mean 'ring'"):
        toys.points("rings")
    with pytest.raises(ValueError, match="'swiss_roll'"):
        toys.modes("swiss_roll")


def test_the_mixture_on_the_line_has_its_moments():
    x = toys.points("mixture").astype(np.float64)
    assert x.shape == (100_000, 1)
    mean = 0.33 * -1.0 + 0.67 * 2.0
    second = 0.33 * (0.255**2 + 1.0) + 0.67 * (1.415**2 + 4.0)
    std = np.sqrt(second - mean**2)
    np.testing.assert_allclose(x.mean(), mean, atol=5 * std / np.sqrt(len(x)))
    np.testing.assert_allclose(x.std(), std, rtol=0.015)
    np.testing.assert_array_equal(x, toys.points("mixture"))
