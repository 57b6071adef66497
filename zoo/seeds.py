"""Draws that are a function of one integer seed per row, the same in every runtime.

Threefry-2x32 with 20 rounds, written in int64 additions, multiplications, divisions and bitwise
masks, which TensorFlow, ONNX Runtime, Node and the browser all compute alike; no runtime's own
random operation is used.

Reference: Salmon et al., 2011, "Parallel random numbers: as easy as 1, 2, 3".
"""

import math

import tensorflow as tf

RANGE = (0, 2**63 - 1)  # of the seed of a row

_MASK = 0xFFFFFFFF
_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = 0x1BD11BDA  # Threefry's key schedule constant for 32-bit words


def threefry(
    key: tuple[tf.Tensor, tf.Tensor], counter: tuple[tf.Tensor, tf.Tensor]
) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns two pseudo-random words in [0, 2**32) for each key and counter.

    Args:
        key: Two int64 tensors of values in [0, 2**32).
        counter: Two int64 tensors of values in [0, 2**32), which broadcast against the key.
    """
    parity = tf.bitwise.bitwise_xor(
        tf.bitwise.bitwise_xor(key[0], key[1]), tf.constant(_PARITY, tf.int64)
    )
    keys = (key[0], key[1], parity)
    x0 = tf.bitwise.bitwise_and(counter[0] + keys[0], _MASK)
    x1 = tf.bitwise.bitwise_and(counter[1] + keys[1], _MASK)
    for group in range(5):
        for bits in _ROTATIONS[group % 2]:
            x0 = tf.bitwise.bitwise_and(x0 + x1, _MASK)
            x1 = tf.bitwise.bitwise_xor(_rotate(x1, bits), x0)
        x0 = tf.bitwise.bitwise_and(x0 + keys[(group + 1) % 3], _MASK)
        x1 = tf.bitwise.bitwise_and(x1 + keys[(group + 2) % 3] + (group + 1), _MASK)
    return x0, x1


def _rotate(x: tf.Tensor, bits: int) -> tf.Tensor:
    # a product of two words below 2**32 and 2**29 fits in int64; the common ONNX operators have no
    # shift
    high = tf.bitwise.bitwise_and(x * (1 << bits), _MASK)
    return tf.bitwise.bitwise_or(high, tf.truncatediv(x, tf.constant(1 << (32 - bits), tf.int64)))


class Rows:
    """A source of draws for a batch of rows, each a function of its own seed and of nothing else.

    Args:
        seed: [B] int64, in [0, 2**63). A program that checks no range draws for a negative seed
            what 2**64 more would give, as the same 64 bits.
    """

    def __init__(self, seed: tf.Tensor):
        seed = tf.cast(seed, tf.int64)
        low = tf.bitwise.bitwise_and(seed, _MASK)
        # without the lower bits the division is exact, so that a negative seed is not rounded to 0
        high = tf.truncatediv(seed - low, tf.constant(1 << 32, tf.int64))
        high = tf.bitwise.bitwise_and(high, _MASK)
        self._key = (low[:, tf.newaxis], high[:, tf.newaxis])
        self._index = 0

    def uniform(self, shape: tuple[int, ...] = ()) -> tf.Tensor:
        """Returns [B, *shape] float32 draws on the open interval (0, 1), multiples of 2**-24."""
        count = math.prod(shape)
        words = tf.concat(self._words((count + 1) // 2), axis=-1)[:, :count]
        return tf.reshape(_unit(words), [-1, *shape])

    def normal(self, shape: tuple[int, ...] = ()) -> tf.Tensor:
        """Returns [B, *shape] float32 draws of N(0, 1), by Box and Muller's transform."""
        count = math.prod(shape)
        first, second = self._words((count + 1) // 2)
        radius = tf.sqrt(-2.0 * tf.math.log(_unit(first)))
        angle = 2.0 * math.pi * _unit(second)
        draws = tf.concat([radius * tf.cos(angle), radius * tf.sin(angle)], axis=-1)[:, :count]
        return tf.reshape(draws, [-1, *shape])

    def _words(self, count: int) -> tuple[tf.Tensor, tf.Tensor]:
        counter = tf.range(count, dtype=tf.int64)[tf.newaxis, :]
        stream = tf.constant([[self._index]], tf.int64)
        self._index += 1
        return threefry(self._key, (counter, stream))


def _unit(words: tf.Tensor) -> tf.Tensor:
    # the top 23 bits and a half: exact in float32, never 0 nor 1
    return (
        tf.cast(tf.truncatediv(words, tf.constant(1 << 9, tf.int64)), tf.float32) + 0.5
    ) * 2.0**-23
