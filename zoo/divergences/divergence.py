"""Divergence: one row of the table."""

import math
from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

Pointwise = Callable[[tf.Tensor], tf.Tensor]


class Divergence(NamedTuple):
    """One row of the table; functions are pointwise, shape in = shape out.

    Attributes:
        f: u -> f(u), convex, u > 0.
        f_prime: u -> f'(u).
        activation: V -> T in the domain of the conjugate, increasing.
        conjugate: T -> f*(T) = sup_u u T - f(u), for the laws; training takes the next one.
        conjugate_of_activation: V -> f*(activation(V)), finite wherever its value is, with its
            exact slope.
        optimum: p / q -> the V at which the bound is tight.
        threshold: f'(1); activation(V) above it says "p > q".
        curvature: f''(1); D_f is curvature / 2 * chi-squared for distributions that are close.
        supremum: Supremum of the conjugate's domain: T < supremum, or T <= supremum.
        between_gaussians: d -> D_f(N(d, 1) || N(0, 1)), where it has a closed form.
    """

    f: Pointwise
    f_prime: Pointwise
    activation: Pointwise
    conjugate: Pointwise
    conjugate_of_activation: Pointwise
    optimum: Pointwise
    threshold: float
    curvature: float
    supremum: float = math.inf
    between_gaussians: Callable[[float], float] | None = None
