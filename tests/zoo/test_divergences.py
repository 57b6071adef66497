"""Divergences in float32 against the paper's formulas in 400 digits, and against one another."""

import functools

import mpmath
import numpy as np
import pytest
import tensorflow as tf

from zoo import divergences, losses
from zoo.divergences import conditions
from zoo.laws import table

mpmath.mp.dps = 400
log, exp = mpmath.log, mpmath.exp
V = np.concatenate(
    [
        np.linspace(-80.0, 80.0, 321),
        np.linspace(-0.99, 0.99, 28),
        [1e-3, -1e-3, 1e-5, -1e-5, -2.003, -3.999, 16.9, 17.1],
    ]
)
V = V.astype(np.float32)
SMALLEST, LARGEST = float(np.finfo(np.float32).tiny), float(np.finfo(np.float32).max)


def softplus(v):
    return log(1 + exp(v))


def wright_omega(x):
    y = x if x < 1 else log(x)
    for _ in range(60):
        change = (y + exp(y) - x) / (1 + exp(y))
        y -= change
        if abs(change) < mpmath.mpf(10) ** -380:
            break
    return exp(y)


def jeffrey(t):
    w = wright_omega(1 - t)
    return w + 1 / w + t - 2


def weighted(pi):
    pi = mpmath.mpf(pi)
    return (
        lambda v: -pi * log(pi) - softplus(-v),
        lambda t: (1 - pi) * log((1 - pi) / (1 - pi * exp(t / pi))),
    )


def alpha(a):
    a = mpmath.mpf(a)
    activation = (lambda v: v) if a > 1 else (lambda v: 1 / (1 - a) - softplus(-v))
    return activation, lambda t: (max(mpmath.mpf(0), 1 + (a - 1) * t) ** (a / (a - 1)) - 1) / a


# activation and conjugate as the paper has them, to be composed naively
FORMULAS = {
    "total_variation": (lambda v: mpmath.tanh(v) / 2, lambda t: t),
    "kl": (lambda v: v, lambda t: exp(t - 1)),
    "reverse_kl": (lambda v: -exp(-v), lambda t: -1 - log(-t)),
    "pearson": (lambda v: v, lambda t: t * t / 4 + t),
    "neyman": (lambda v: 1 - exp(-v), lambda t: 2 - 2 * mpmath.sqrt(1 - t)),
    "squared_hellinger": (lambda v: 1 - exp(-v), lambda t: t / (1 - t)),
    "jeffrey": (lambda v: v, jeffrey),
    "jensen_shannon": (lambda v: log(2) - softplus(-v), lambda t: -log(2 - exp(t))),
    "gan": (lambda v: -softplus(-v), lambda t: -log(1 - exp(t))),
    **{f"jensen_shannon_weighted({pi})": weighted(pi) for pi in (0.1, 0.5, 0.9)},
    **{f"alpha({a:g})": alpha(a) for a in (-1.0, -0.5, 0.5, 1.5, 2.0, 3.0)},
}


def derivative(function, v):
    step = mpmath.mpf(10) ** -120
    return (function(v + step) - function(v - step)) / (2 * step)


def exact(function):
    """Values and slopes at V, NaN where float32 cannot hold the number."""
    rows = np.array(
        [
            [
                float(function(mpmath.mpf(float(v)))),
                float(derivative(function, mpmath.mpf(float(v)))),
            ]
            for v in V
        ]
    )
    held = (np.abs(rows) < LARGEST) & ((np.abs(rows) > SMALLEST) | (rows == 0.0))
    return np.where(held, rows, np.nan)


def coded(function):
    v = tf.constant(V)
    with tf.GradientTape() as tape:
        tape.watch(v)
        value = function(v)
    return np.stack([value.numpy(), tape.gradient(value, v).numpy()], axis=1)


@functools.cache
def expected(name, part):
    activation, conjugate = FORMULAS[name]
    return exact(activation if part == "activation" else lambda v: conjugate(activation(v)))


@pytest.mark.parametrize("part", ["activation", "conjugate_of_activation"])
@pytest.mark.parametrize("name", sorted(FORMULAS))
def test_float32_keeps_five_digits_of_value_and_slope_wherever_it_can_hold_them(name, part):
    right, computed = expected(name, part), coded(getattr(table.ROWS[name](), part))
    held = ~np.isnan(right)
    # slopes far out are below the smallest number for some rows; values never are
    assert held[:, 0].mean() > 0.5 and held[:, 1].mean() > 0.4
    np.testing.assert_allclose(computed[held], right[held], rtol=1e-5, atol=0.0)


def test_every_branch_of_every_divergence_has_its_formula_here():
    assert set(FORMULAS) == set(table.ROWS)
    assert {name.partition("(")[0] for name in FORMULAS} == set(divergences.DIVERGENCES)


@pytest.mark.parametrize("name", sorted(divergences.DIVERGENCES))
def test_a_row_keeps_every_law(name):
    rows = {key: row for key, row in table.ROWS.items() if key.partition("(")[0] == name}
    assert rows
    for key, row in rows.items():
        assert [
            law for law in conditions.laws(row(), table.F_1.get(key, 0.0)) if not law.holds
        ] == []


@pytest.mark.parametrize("name", sorted(table.ROWS))
def test_the_supremum_is_the_slope_of_f_at_infinity(name):
    row = table.ROWS[name]()
    slope = float(row.f_prime(tf.constant(1e30, tf.float64)))
    if np.isfinite(row.supremum):
        np.testing.assert_allclose(slope, row.supremum, rtol=0, atol=1e-9)
    else:
        assert slope > 60.0  # log(1e30) is 69


@pytest.mark.parametrize(
    ("row", "other", "scale"),
    [
        (divergences.alpha(2.0), divergences.pearson(), 0.5),
        (divergences.alpha(-1.0), divergences.neyman(), 0.5),
        (divergences.alpha(0.5), divergences.squared_hellinger(), 2.0),
        (divergences.jensen_shannon_weighted(0.5), divergences.jensen_shannon(), 0.5),
    ],
    ids=["pearson", "neyman", "hellinger", "jensen_shannon"],
)
def test_rows_that_are_multiples_of_each_other(row, other, scale):
    u = tf.constant(np.exp(np.linspace(-4.0, 4.0, 33)))
    np.testing.assert_allclose(row.f(u), scale * other.f(u), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("bad", [0.0, 1.0, float("inf")])
def test_alpha_at_its_limits_is_refused(bad):
    with pytest.raises(ValueError, match="neither 0 .* nor 1"):
        divergences.alpha(bad)


@pytest.mark.parametrize("bad", [0.0, 1.0, -0.1])
def test_a_weight_outside_its_interval_is_refused(bad):
    with pytest.raises(ValueError, match=r"`pi` must be in \(0, 1\)"):
        divergences.jensen_shannon_weighted(bad)


def test_a_divergence_from_its_function_is_the_row():
    made = divergences.from_function(lambda u: (u - 1.0) * tf.math.log(u), activation=tf.identity)
    row, v = divergences.jeffrey(), tf.constant(np.linspace(-60.0, 60.0, 49), tf.float32)
    np.testing.assert_allclose(
        made.conjugate_of_activation(v), row.conjugate_of_activation(v), rtol=1e-5
    )
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(v)
        computed, right = made.conjugate_of_activation(v), row.conjugate_of_activation(v)
    np.testing.assert_allclose(tape.gradient(computed, v), tape.gradient(right, v), rtol=1e-5)
    np.testing.assert_allclose(made.curvature, 2.0, rtol=1e-6)


@pytest.mark.parametrize(
    ("f", "activation", "conjugate", "message"),
    [
        (lambda u: -u * tf.math.log(u), tf.identity, None, "f is convex"),
        (lambda u: u * tf.math.log(u) + 1.0, tf.identity, None, r"f\(1\): expected 0, computed 1"),
        (lambda u: -tf.math.log(u), tf.identity, None, "sup u T"),  # T is not below 0
        (lambda u: u * tf.math.log(u), tf.negative, None, "the activation is increasing"),
        (lambda u: u * tf.math.log(u), tf.identity, tf.exp, "sup u T"),  # exp(T - 1) is right
    ],
    ids=["concave", "not zero at one", "outside the domain", "decreasing", "wrong conjugate"],
)
def test_a_function_that_breaks_a_law_is_refused(f, activation, conjugate, message):
    with pytest.raises(ValueError, match=f"must keep every law.*{message}"):
        divergences.from_function(f, activation, conjugate)


def value_and_slope(function):
    v = tf.constant(V)
    with tf.GradientTape() as tape:
        tape.watch(v)
        value = function(v)
    return value.numpy(), tape.gradient(value, v).numpy()


def test_f_gan_of_the_gan_divergence_is_minimax():
    for computed, right in zip(losses.f_gan("gan")[:4], losses.minimax()[:4], strict=True):
        for a, b in zip(value_and_slope(computed), value_and_slope(right), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6, atol=0.0)


def test_f_gan_of_jensen_shannon_is_minimax_up_to_a_constant():
    f_gan, minimax = losses.f_gan("jensen_shannon"), losses.minimax()
    for name, constant in (
        ("critic_real", -1),
        ("critic_fake", -1),
        ("opponent_real", 1),
        ("opponent_fake", 1),
    ):
        computed, right = (
            value_and_slope(getattr(f_gan, name)),
            value_and_slope(getattr(minimax, name)),
        )
        np.testing.assert_allclose(
            computed[0], right[0] + constant * np.log(2.0), rtol=1e-6, atol=1e-6
        )
        np.testing.assert_allclose(computed[1], right[1], rtol=1e-6, atol=0.0)


def test_the_alternative_of_the_gan_divergence_is_the_non_saturating_loss():
    for computed, right in zip(
        losses.f_gan("gan", generator="alternative")[:4], losses.non_saturating()[:4], strict=True
    ):
        for a, b in zip(value_and_slope(computed), value_and_slope(right), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6, atol=0.0)


def test_the_logs_are_the_bound_and_the_fractions_past_the_threshold():
    real, fake = (
        tf.constant([[2.0], [0.5], [3.0], [1.5]]),
        tf.constant([[0.0], [2.0], [-1.0], [0.5]]),
    )
    logs = losses.f_gan("kl", clip=2.5).logs(real, fake)
    # f'(1) is 1 for KL, whose activation is V
    bound = np.mean([2.0, 0.5, 2.5, 1.5]) - np.mean(np.exp(np.array([0.0, 2.0, -1.0, 0.5]) - 1.0))
    right = {
        "divergence_bound": bound,
        "threshold_real_share": 0.75,
        "threshold_fake_share": 0.25,
        "clipped_share": 0.125,
    }
    assert set(logs) == set(right)
    for name, value in right.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-6)


def test_clipped_logits_of_both_branches_and_signs_are_counted():
    real, fake = tf.constant([[-3.0], [3.0], [0.0], [0.0]]), tf.constant([[-3.0], [0.0]])
    assert float(losses.f_gan("kl", clip=2.5).logs(real, fake)["clipped_share"]) == 0.5


def test_a_clipped_critic_is_flat_outside():
    fake = losses.f_gan("kl", clip=2.0).critic_fake
    v = tf.constant([1.0, 3.0, -3.0])
    with tf.GradientTape() as tape:
        tape.watch(v)
        value = fake(v)
    np.testing.assert_allclose(value, np.exp([0.0, 1.0, -3.0]), rtol=1e-6)
    np.testing.assert_allclose(tape.gradient(value, v), [1.0, 0.0, 0.0], rtol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"divergence": "hellinger"},
            "Unknown divergence 'hellinger'.*Did you mean 'squared_hellinger'",
        ),
        ({"divergence": "kl", "generator": "alternate"}, "Did you mean 'alternative'"),
        ({"divergence": "kl", "clip": 0.0}, "`clip` must be above 0"),
        ({"divergence": "alpha"}, "'alpha' needs the options"),
    ],
    ids=["name", "generator", "clip", "options"],
)
def test_arguments_that_do_not_fit_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        losses.f_gan(**arguments)
