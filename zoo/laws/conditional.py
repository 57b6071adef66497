"""The laws of games with labels, on finite sets of pairs (x, label) and on Gaussian classes."""

import math
from collections.abc import Iterator

import numpy as np
import tensorflow as tf
from scipy import special, stats

from zoo import games, law, likelihoods, losses, penalties, priors, seeds
from zoo.laws import adversarial
from zoo.networks import mlp

CLASSES, POINTS, FEATURES = 3, 5, 2
W, STD = 1.5, 0.7


def _sigmoid_loss(p: np.ndarray, q: np.ndarray) -> tuple[np.ndarray, float]:
    """Returns the best logits [...] between p and q [...], and minus the critic's loss."""
    loss = losses.minimax()
    logits = adversarial.best_logits(loss, p.ravel(), q.ravel()).reshape(p.shape)
    return logits, -float(np.sum(adversarial.critic_loss(loss, p, q, logits)))


def gan() -> Iterator[law.Law]:
    """A critic that takes the label compares p(x|y) with q(x|y), class by class."""
    draws = np.random.default_rng(0)
    label = draws.dirichlet(np.ones(CLASSES))[:, None]
    p, q = draws.dirichlet(np.ones(POINTS), size=(2, CLASSES))
    logits, value = _sigmoid_loss(label * p, label * q)
    yield law.equal(
        "the best critic of pairs, searched numerically: p(x|y) / (p(x|y) + q(x|y))",
        p / (p + q),
        special.expit(logits),
        1e-6,
    )
    m = 0.5 * (p + q)
    divergence = 0.5 * (special.rel_entr(p, m) + special.rel_entr(q, m)).sum(axis=1)
    yield law.equal(
        "the critic's value: -log(4) + 2 sum_y p(y) JSD(p(.|y), q(.|y))",
        -math.log(4.0) + 2.0 * float(label[:, 0] @ divergence),
        value,
        1e-7,
    )
    blind = (label * p).sum(axis=0), (label * q).sum(axis=0)
    yield law.at_most(
        "the value of a critic without labels: at most that", value, _sigmoid_loss(*blind)[1]
    )
    ignoring = np.broadcast_to(blind[0], p.shape)  # a generator that is right in all but labels
    m = 0.5 * (p + ignoring)
    divergence = 0.5 * (special.rel_entr(p, m) + special.rel_entr(ignoring, m)).sum(axis=1)
    yield law.equal(
        "a generator that ignores the label: a critic without labels cannot tell, -log(4)",
        -math.log(4.0),
        _sigmoid_loss(blind[0], (label * ignoring).sum(axis=0))[1],
        1e-7,
    )
    yield law.equal(
        "... one with labels can: -log(4) + 2 sum_y p(y) JSD(p(.|y), p)",
        -math.log(4.0) + 2.0 * float(label[:, 0] @ divergence),
        _sigmoid_loss(label * p, label * ignoring)[1],
        1e-7,
    )


def projection() -> Iterator[law.Law]:
    """Both p(y|x) are softmax(V phi(x)): log p(x, y) / q(x, y) = <v_y, phi(x)> + psi(phi(x)).

    Reference: Miyato and Koyama, 2018, section 3. arXiv:1802.05637
    """
    draws = np.random.default_rng(0)
    phi = draws.normal(size=(POINTS, FEATURES))
    real, fake = draws.normal(size=(2, CLASSES, FEATURES))
    p, q = (draws.dirichlet(np.ones(POINTS)) for _ in range(2))
    logits, _ = _sigmoid_loss(
        p[:, None] * special.softmax(phi @ real.T, axis=1),
        q[:, None] * special.softmax(phi @ fake.T, axis=1),
    )
    critic = mlp.critic(shape=(FEATURES,), units=(), classes=CLASSES, label="projection")
    psi = critic.get_layer("logits").kernel
    critic.get_layer("embedding").kernel.assign(real - fake)
    psi.assign(np.zeros(psi.shape))
    x = tf.constant(np.repeat(phi, CLASSES, axis=0), tf.float32)
    label = tf.constant(np.tile(np.arange(CLASSES), POINTS))
    rest = np.log(p / q) - special.logsumexp(phi @ real.T, axis=1)
    rest += special.logsumexp(phi @ fake.T, axis=1)
    yield law.equal(
        "the best logits - <v_y, phi(x)>, v = V_p - V_q: psi(x), the same for every label",
        rest[:, None],
        logits - critic([x, label]).numpy().reshape(POINTS, CLASSES),
        1e-5,
    )
    psi.assign(draws.normal(size=psi.shape))
    slopes = psi.numpy().T + (real - fake)[label.numpy()]
    penalty = penalties.r1(weight=4.0)(lambda x: critic([x, label]), x, x, None)
    yield law.equal(
        "R1 at fixed labels, phi(x) = x: weight / 2 mean |psi + v_y|^2",
        2.0 * np.mean(np.sum(slopes**2, axis=1)),
        float(penalty),
        1e-5,
    )


def vae() -> Iterator[law.Law]:
    """The bound is log p(x|y) where q(z|x,y) is the posterior.

    z ~ N(0, 1), x ~ N(w z + b_y, std^2)
    """
    shift = np.array([-2.0, 0.5, 3.0])
    total = W**2 + STD**2
    options = {"latent": 1, "shape": (1,), "units": (), "classes": CLASSES}
    encoder = mlp.encoder(**options)
    decoder = mlp.generator(**options, value_range=None)
    encoder.set_weights(
        [
            np.stack([np.r_[W, -W * shift] / total, np.zeros(1 + CLASSES)], axis=1),
            np.array([0.0, math.log(STD**2 / total)]),
        ]
    )
    decoder.set_weights([np.r_[W, shift][:, None], np.zeros(1)])
    game = games.VAE(
        encoder=encoder,
        decoder=decoder,
        prior=priors.normal(1),
        likelihood=likelihoods.gaussian(STD),
        classes=CLASSES,
    )
    x = np.linspace(-4.0, 4.0, 9)
    rows = seeds.Rows(tf.range(len(x), dtype=tf.int64))
    for label in range(CLASSES):
        model = game.latent_model(label)
        examples = tf.constant(x[:, None], tf.float32)
        z, log_ratio = model.log_ratio(examples, rows)
        yield law.equal(
            f"the bound of class {label} at the exact posterior: log N(x; b_y, w^2 + std^2)",
            stats.norm.logpdf(x, shift[label], math.sqrt(total)),
            (model.log_likelihood(examples, z) - log_ratio).numpy(),
            1e-5,
        )
