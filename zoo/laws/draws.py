"""The laws of random draws: what the compiler changes in them."""

from collections.abc import Iterator

import tensorflow as tf

from zoo import law, noise

BATCH, WIDTH = 64, 3


def laws() -> Iterator[law.Law]:
    for kind in ("normal", "uniform"):
        plain, compiled = _drawn(tf.constant(2, tf.int64), kind)
        yield law.equal(
            f"{kind} draws of a function that XLA compiles are the plain ones, bit for bit",
            plain,
            compiled,
            0.0,
        )


@tf.function(autograph=False)
def _drawn(step: tf.Tensor, kind: str) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the same draw twice: plain, and in a function that XLA compiles.

    The step is an argument, since TensorFlow itself computes what depends on constants alone.
    """

    def draw(source: noise.Noise) -> tf.Tensor:
        return tf.identity(getattr(source, kind)((WIDTH,)))

    sources = [
        noise.Noise(seed=1, step=step, player=0, move=0, batch=BATCH) for _ in ("plain", "compiled")
    ]
    return draw(sources[0]), tf.function(lambda: draw(sources[1]), jit_compile=True)()
