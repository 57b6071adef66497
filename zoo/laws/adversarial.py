"""The laws of losses on discrete distributions, where the best critic is known at each point.

All is float64.
"""

import math
from collections.abc import Iterator

import numpy as np
from scipy import optimize

from zoo import law, losses
from zoo.divergences import conditions

POINTS = 7
BOUND = 40.0  # logits are searched in [-BOUND, BOUND]


def _distributions():
    draws = np.random.default_rng(0)
    return draws.dirichlet(np.ones(POINTS)), draws.dirichlet(np.ones(POINTS))


def critic_loss(loss: losses.AdversarialLoss, p, q, logits):
    """The critic's loss, point by point."""
    return p * conditions.value(loss.critic_real, logits) + q * conditions.value(
        loss.critic_fake, logits
    )


def best_logits(loss: losses.AdversarialLoss, p, q) -> np.ndarray:
    """The minimum of the critic's loss at each point, by a search that knows no formula."""
    search = [
        optimize.minimize_scalar(
            lambda v, a=a, b=b: float(critic_loss(loss, a, b, v)),
            bounds=(-BOUND, BOUND),
            method="bounded",
            options={"xatol": 1e-10},
        )
        for a, b in zip(p, q)
    ]
    return np.array([result.x for result in search])


def _jensen_shannon(p, q) -> float:
    m = 0.5 * (p + q)
    return float(0.5 * np.sum(p * np.log(p / m)) + 0.5 * np.sum(q * np.log(q / m)))


def _sigmoid_critic(loss: losses.AdversarialLoss) -> Iterator[law.Law]:
    p, q = _distributions()
    best = best_logits(loss, p, q)
    yield law.equal(
        "the best critic, searched numerically: D = p / (p + q)",
        p / (p + q),
        1.0 / (1.0 + np.exp(-best)),
        1e-6,
    )
    value = -np.sum(critic_loss(loss, p, q, np.log(p / q)))
    yield law.equal(
        "the critic's value at the best critic: -log(4) + 2 JSD",
        -math.log(4.0) + 2.0 * _jensen_shannon(p, q),
        value,
    )
    equilibrium = np.sum(critic_loss(loss, p, p, np.zeros(POINTS)))
    yield law.equal("the critic's loss at equilibrium: log(4)", math.log(4.0), equilibrium)


def minimax() -> Iterator[law.Law]:
    loss = losses.minimax()
    yield from _sigmoid_critic(loss)
    zero = conditions.value(loss.opponent_fake, 0.0)
    yield law.equal("the generator's loss at equilibrium: -log(2)", -math.log(2.0), zero)


def non_saturating() -> Iterator[law.Law]:
    loss = losses.non_saturating()
    yield from _sigmoid_critic(loss)
    yield law.equal(
        "the generator's loss at equilibrium: log(2)",
        math.log(2.0),
        conditions.value(loss.opponent_fake, 0.0),
    )
    p, q = _distributions()
    # with D at its best and held, d/dq of E_q[-log D] is that of KL(q || p) - 2 JSD,
    # up to a constant, which moves no distribution
    direction = np.random.default_rng(1).normal(size=POINTS)
    direction -= direction.mean()
    slope = np.sum(direction * conditions.value(loss.opponent_fake, np.log(p / q)))

    def objective(size):
        moved = q + size * direction
        return np.sum(moved * np.log(moved / p)) - 2.0 * _jensen_shannon(p, moved)

    size = 1e-5
    yield law.equal(
        "the generator's gradient: that of KL(Q || P) - 2 JSD",
        (objective(size) - objective(-size)) / (2 * size),
        slope,
        1e-7,
    )


def least_squares() -> Iterator[law.Law]:
    p, q = _distributions()
    for fake, real, target in ((0.0, 1.0, 1.0), (-1.0, 1.0, 0.0)):
        loss, codes = (
            losses.least_squares(fake=fake, real=real, target=target),
            f"labels {fake:g}, {real:g}, {target:g}",
        )
        best = (real * p + fake * q) / (p + q)
        yield law.equal(
            f"the best critic, searched numerically: (b p + a q) / (p + q), {codes}",
            best,
            best_logits(loss, p, q),
            1e-6,
        )
    value = 2.0 * np.sum((p + q) * conditions.value(loss.opponent_fake, best))
    yield law.equal(
        "twice the generator's loss over both branches: sum (p - q)^2 / (p + q)",
        np.sum((p - q) ** 2 / (p + q)),
        value,
    )


def hinge() -> Iterator[law.Law]:
    loss, (p, q) = losses.hinge(), _distributions()
    best = best_logits(loss, p, q)
    yield law.equal(
        "the best critic, searched numerically: sign(p - q)", np.sign(p - q), best, 1e-6
    )
    value = np.sum(critic_loss(loss, p, q, best))
    yield law.equal(
        "the critic's loss at the best critic: 2 sum min(p, q)",
        2.0 * np.sum(np.minimum(p, q)),
        value,
        1e-6,
    )


def wasserstein() -> Iterator[law.Law]:
    """Integral probability metrics: sup E_P[V] - E_Q[V] over a set of bounded functions V.

    The supremum is a linear program's.
    """
    p, q = _distributions()
    x = np.sort(np.random.default_rng(2).uniform(-2.0, 2.0, POINTS))
    one, none = np.eye(POINTS), np.zeros((POINTS, POINTS))
    # the program's variables are V and, for the l1 ball, a bound on each abs(V);
    # the bounds' sum is at most 1
    l1 = (
        np.block([[one, -one], [-one, -one], [none[:1], np.ones((1, POINTS))]]),
        np.r_[np.zeros(2 * POINTS), 1.0],
    )
    pairs = [(i, j) for i in range(POINTS) for j in range(POINTS) if i != j]
    lipschitz = (
        np.array([np.r_[one[i] - one[j], none[0]] for i, j in pairs]),
        np.array([abs(x[i] - x[j]) for i, j in pairs]),
    )
    bounded = np.block([[one, none], [-one, none]]), np.ones(2 * POINTS)
    distance = np.sum(np.abs(np.cumsum(p - q))[:-1] * np.diff(x))
    for what, expected, limits in (
        ("l1 ball: the largest difference, max abs(p - q)", np.max(np.abs(p - q)), l1),
        (
            "1-Lipschitz: Wasserstein, the area between the distribution functions",
            distance,
            lipschitz,
        ),
        ("bounded by 1: twice total variation, sum abs(p - q)", np.sum(np.abs(p - q)), bounded),
    ):
        yield law.equal(
            f"sup E_P[V] - E_Q[V] over V, {what}", expected, _supremum(p, q, *limits), 1e-8
        )


def _supremum(p, q, matrix, limits) -> float:
    """Minus the least critic's loss over V with matrix @ (V, helpers) <= limits."""
    loss = losses.wasserstein()
    # the loss is linear in V, so that its values at unit vectors are the program's coefficients
    zero = np.sum(critic_loss(loss, p, q, np.zeros(POINTS)))
    coefficients = [np.sum(critic_loss(loss, p, q, unit)) - zero for unit in np.eye(POINTS)]
    bounds = [(None, None)] * POINTS + [(0.0, None)] * POINTS
    result = optimize.linprog(
        np.r_[coefficients, np.zeros(POINTS)], A_ub=matrix, b_ub=limits, bounds=bounds
    )
    return -float(np.sum(critic_loss(loss, p, q, result.x[:POINTS])))
