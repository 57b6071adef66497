"""The laws of the classifier's loss: its value, its slope, and the best constant logits."""

import math
from collections.abc import Iterator

import numpy as np
import tensorflow as tf
from scipy import optimize, special

from zoo import categorical, law


def laws() -> Iterator[law.Law]:
    labels = tf.constant([0, 1, 1, 2, 1, 2])
    frequencies = np.bincount(labels) / len(labels)

    def loss(logits) -> float:
        return -float(
            tf.reduce_mean(
                categorical.log_prob(
                    labels, tf.constant(logits, tf.float64) + tf.zeros([len(labels), 1], tf.float64)
                )
            )
        )

    yield law.equal("loss of equal logits: log(K)", math.log(3.0), loss([[0.5, 0.5, 0.5]]))
    best = optimize.minimize(lambda logits: loss(logits[None]), np.zeros(3), tol=1e-12)
    yield law.equal(
        "loss of the best logits for all: the entropy of the classes",
        float(special.entr(frequencies).sum()),
        best.fun,
        1e-9,
    )
    probabilities = special.softmax(best.x)
    for k in range(3):
        yield law.equal(
            f"... whose probability of class {k} is its frequency",
            frequencies[k],
            probabilities[k],
            1e-5,
        )
    logits, step = np.random.default_rng(0).normal(size=(1, 3)), 1e-6
    for k in range(3):
        up, down = (loss(logits + sign * step * np.eye(3)[k]) for sign in (1.0, -1.0))
        slope = special.softmax(logits)[0, k] - frequencies[k]
        yield law.equal(
            f"slope by the logit of class {k}: softmax(logits) - frequency",
            slope,
            (up - down) / (2.0 * step),
            1e-8,
        )
    yield law.equal(
        "loss of sure and right logits of 1000: 0",
        0.0,
        -float(categorical.log_prob(tf.constant([1]), tf.constant([[0.0, 1e3]]))[0]),
    )
    yield law.equal(
        "loss of sure and wrong ones: 1000",
        1e3,
        -float(categorical.log_prob(tf.constant([0]), tf.constant([[0.0, 1e3]]))[0]),
    )
