"""The laws of bidirectional adversarial nets on finite sets.

The generator and the encoder are bijections of {1..n}.
"""

import math
from collections.abc import Iterator

import numpy as np

from zoo import law, losses
from zoo.divergences import conditions
from zoo.laws import adversarial

N = 6
SURE = 20.0  # a logit whose sigmoid is 1 to 1e-9, for pairs that only one side makes


def _value(encoder: np.ndarray, generator: np.ndarray) -> float:
    """max over D of E_x[log D(x, E(x))] + E_z[log(1 - D(G(z), z))]."""
    p, q = np.zeros([N, N]), np.zeros([N, N])  # of pairs (x, z)
    p[np.arange(N), encoder] = 1.0 / N
    q[generator, np.arange(N)] = 1.0 / N
    loss, both = losses.minimax(), (p > 0.0) & (q > 0.0)
    logits = np.where(p > 0.0, SURE, -SURE)
    logits[both] = adversarial.best_logits(loss, p[both], q[both])
    return -float(np.sum(adversarial.critic_loss(loss, p, q, logits)))


def laws() -> Iterator[law.Law]:
    generator = np.random.default_rng(0).permutation(N)
    inverse = np.argsort(generator)
    yield law.equal(
        "the critic's value where the encoder is the generator's inverse: -log(4)",
        -math.log(4.0),
        _value(inverse, generator),
        1e-7,
    )
    for wrong in (2, 3, N):
        moved = inverse.copy()
        moved[:wrong] = np.roll(moved[:wrong], 1)
        expected = -math.log(4.0) * (1.0 - wrong / N)
        yield law.equal(
            f"... where it is not at {wrong} of {N} points: -log(4) (1 - {wrong}/{N})",
            expected,
            _value(moved, generator),
            1e-7,
        )
    for name, loss in (("minimax", losses.minimax()), ("non-saturating", losses.non_saturating())):
        # a step that lowers the players' loss makes the encoder's pairs look generated,
        # and generated pairs look real
        slopes = [
            conditions.value(term, 1e-5) - conditions.value(term, -1e-5)
            for term in (loss.opponent_real, loss.opponent_fake)
        ]
        yield law.equal(
            f"generator and encoder, {name}: which way they push real and fake logits",
            [1.0, -1.0],
            np.sign(slopes),
        )
