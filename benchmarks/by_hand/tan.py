"""The hand-written step of a tempered adversarial network while it has its lens."""

import math

import tensorflow as tf

from by_hand import gan, steps

LENS = 2  # section of the game's draws


class TAN(gan.GAN):
    """A GAN whose critic sees data through a lens that moves last.

    Args:
        networks: The generator, the critic and the lens by name.
        players: See `steps.Step`.
        draws: See `steps.Step`.
        horizon: Step at which the lens has let go.
        error_weight: Weight of the lens's squared error.
        **others: See `gan.GAN`.
    """

    def __init__(self, networks, players, draws, *, horizon: int, error_weight: float, **others):
        logs = ("lens_weight", "lens_error", "lens_distance")
        super().__init__(networks, players, draws, **others, others=logs)
        self.lens, self.horizon, self.error_weight = networks["lens"], horizon, error_weight
        self.made = tf.Variable(0.0)  # steps

    def real(self, batch, source):
        with source.section(LENS):
            return self.lens(batch["x"], training=True)

    def step(self, batch):
        logs = super().step(batch) | self.lens_move(self.part(batch, 0))
        self.made.assign_add(1.0)
        return logs

    def lens_move(self, batch):
        source, x = self.draws.of_move(2, 0), batch["x"]
        weight = 1.0 - tf.sin(math.pi / 2.0 * self.made / self.horizon)
        with source.current(), self.tape("lens") as tape:
            x_lens = self.real(batch, source)
            seen = self.seen(x_lens, source, gan.AUGMENTED_REAL)
            squares = tf.reduce_sum(tf.square(x - x_lens), axis=list(range(1, x.shape.rank)))
            error = tf.reduce_mean(squares)
            adversarial = self.loss.opponent_real(self.logits(seen, batch, own=False))
            loss = weight * adversarial + self.error_weight * error
        logs = {"lens_weight": weight, "lens_error": error}
        if self.all_logs:
            x_fake = self.fake(batch, source)
            gap = tf.reduce_mean(x_lens, axis=0) - tf.reduce_mean(x_fake, axis=0)
            logs["lens_distance"] = tf.norm(gap)
        self.apply("lens", self.gradients(tape, "lens", loss, logs))
        return logs


def of(game, options: dict, draws, *, all_logs: bool) -> TAN | None:
    """Returns the peer of a game, or None if this step cannot compute it."""
    chosen = gan.settings(game, options)
    if chosen is None or chosen["simultaneous"] or game.horizon is None:
        return None
    features = math.prod(game.lens.output_shape[1:])
    chosen["error_weight"] = 1.0 / features if options.get("reduction") == "mean" else 1.0
    networks = steps.copies(game)
    return TAN(*networks, draws, horizon=game.horizon, **chosen, all_logs=all_logs)
