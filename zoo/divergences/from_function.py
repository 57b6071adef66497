"""A divergence of the user's own, from its f alone."""

import math

import tensorflow as tf

from zoo import gradients
from zoo.divergences import conditions, divergence, stable

WIDEST = 200.0  # abs(log(u)) within which the conjugate's supremum is sought
FARTHEST = 1e6  # abs(V) within which the best V is
HALVINGS = 64  # of an interval, to 1e-13 of the wider


def from_function(
    f: divergence.Pointwise,
    activation: divergence.Pointwise,
    conjugate: divergence.Pointwise | None = None,
) -> divergence.Divergence:
    """Makes a divergence of f, and refuses it if it breaks a law that the table's rows keep.

    f*(T) = sup_u u T - f(u), where f'(u) = T

    The derivative is TensorFlow's. The supremum, unless given, is sought by halving an interval of
    log(u), in float64, with its exact slope u. The result trains as any row does:
    `losses.f_gan(from_function(...))`.

    Args:
        f: u -> f(u) for u > 0, convex, f(1) = 0, of TensorFlow operations, for float32 and float64.
        activation: V -> T, increasing, from all numbers into the conjugate's domain,
            T < f'(infinity).
        conjugate: T -> f*(T), where it is known in closed form.

    Returns:
        The divergence.

    Raises:
        ValueError: If a law does not hold; says which, what it expects, and what was computed.

    Example:
        >>> kl = from_function(lambda u: u * tf.math.log(u), activation=tf.identity)
        >>> round(float(kl.conjugate(tf.constant(1.0))), 6)
        1.0

    Reference: Nowozin et al., 2016, section 2. arXiv:1606.00709
    """

    def f_prime(u):
        return gradients.by_input(f, u)[1]

    def ratio(t):  # the u with f'(u) = t
        t = tf.cast(t, tf.float64)
        return tf.exp(_root(lambda log_u: f_prime(tf.exp(log_u)) - t, t, WIDEST))

    def supremum(t):
        u = ratio(t)
        return tf.cast(u * tf.cast(t, tf.float64) - f(u), t.dtype)

    def optimum(r):
        t = f_prime(tf.cast(r, tf.float64))
        return tf.cast(_root(lambda v: activation(v) - t, t, FARTHEST), r.dtype)

    if conjugate is None:
        conjugate = stable.sloped(supremum, lambda t: tf.cast(ratio(t), t.dtype))
    near, far = (float(_difference(f_prime, step)) for step in (1e-5, 1e-3))
    smooth = abs(near - far) < 0.01 * abs(near)  # a corner's curvature grows as the step shrinks
    row = divergence.Divergence(
        f=f,
        f_prime=f_prime,
        activation=activation,
        conjugate=conjugate,
        conjugate_of_activation=lambda v: conjugate(activation(v)),
        optimum=optimum,
        threshold=float(f_prime(tf.constant(1.0, tf.float64))),
        curvature=near if smooth else math.inf,
    )
    broken = [law for law in conditions.laws(row) if not law.holds]
    if broken:
        lines = "; ".join(
            f"{law.what}: expected {law.expected:.6g}, computed {law.computed:.6g}"
            for law in broken
        )
        raise ValueError(
            f"A divergence must keep every law. Received one that breaks {len(broken)}: {lines}"
        )
    return row


def _root(increasing, like: tf.Tensor, limit: float) -> tf.Tensor:
    """Halves [-limit, limit] towards the root of an increasing function, for every number."""
    high = tf.fill(tf.shape(like), tf.constant(limit, tf.float64))
    low = -high
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        below = increasing(middle) < 0.0
        low, high = tf.where(below, middle, low), tf.where(below, high, middle)
    return 0.5 * (low + high)


def _difference(f_prime, step: float):
    up, down = (f_prime(tf.constant(1.0 + sign * step, tf.float64)) for sign in (1.0, -1.0))
    return (up - down) / (2.0 * step)
