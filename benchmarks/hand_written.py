"""The training step that a user would write by hand, against which `Game.fit` is measured.

It is a `tf.function` with one gradient tape for each move, on Keras networks and optimizers.
"""

import time

import keras
import tensorflow as tf


class Random:
    """Random draws from TensorFlow's own generator."""

    def __init__(self, prior: str, latent: int, batch: int):
        self.prior, self.shape, self.batch = prior, [batch, latent], batch

    def latents(self, player: int, move: int) -> tf.Tensor:
        return (
            tf.random.uniform(self.shape, -1.0, 1.0)
            if self.prior == "uniform"
            else tf.random.normal(self.shape)
        )

    def weights(self, player: int, move: int) -> tf.Tensor:
        return tf.random.uniform([self.batch, 1, 1, 1])


class HandWritten:
    """A GAN with the non-saturating loss, or with Wasserstein's and a gradient penalty.

    Args:
        generator: Built network.
        critic: Built network.
        optimizers: (critic's, generator's).
        draws: Random draws, an object with the methods of `Random`.
        wasserstein: Whether the loss is Wasserstein's instead of the non-saturating one.
        penalty: Weight of the gradient penalty; 0 for none.
        critic_updates: Moves of the critic in a step. Each move takes its own stride of the batch.
        all_logs: Whether to keep running means of all that the game logs, or of the losses only.
    """

    def __init__(
        self,
        generator,
        critic,
        optimizers,
        draws,
        *,
        wasserstein=False,
        penalty=0.0,
        critic_updates=1,
        all_logs=True,
    ):
        self.generator, self.critic = generator, critic
        self.critic_optimizer, self.generator_optimizer = optimizers
        self.draws, self.wasserstein, self.penalty = draws, wasserstein, penalty
        self.critic_updates, self.all_logs = critic_updates, all_logs
        self.critic_optimizer.build(critic.trainable_variables)
        self.generator_optimizer.build(generator.trainable_variables)
        self.names = ["critic_loss", "critic_gradient_norm", "critic_accuracy", "logit_gap"] + [
            "penalty"
        ] * bool(penalty)
        self.names = (
            self.names + ["generator_loss", "generator_gradient_norm"]
            if all_logs
            else ["critic_loss", "generator_loss"]
        )
        self.totals, self.count = tf.Variable(tf.zeros([len(self.names)])), tf.Variable(0.0)

    def means(self) -> dict[str, float]:
        """Returns the means of the logs since the start, and starts again."""
        means = dict(zip(self.names, (self.totals / self.count).numpy().tolist()))
        self.totals.assign(tf.zeros_like(self.totals))
        self.count.assign(0.0)
        return means

    def critic_move(self, x, move):
        x_fake = self.generator(self.draws.latents(0, move), training=True)
        logs = {}
        with tf.GradientTape() as tape:
            logits_real, logits_fake = (
                self.critic(x, training=True),
                self.critic(x_fake, training=True),
            )
            if self.wasserstein:
                loss = tf.reduce_mean(logits_fake) - tf.reduce_mean(logits_real)
            else:
                loss = tf.reduce_mean(tf.nn.softplus(-logits_real)) + tf.reduce_mean(
                    tf.nn.softplus(logits_fake)
                )
            if self.penalty:
                eps = self.draws.weights(0, move)
                between = eps * x + (1.0 - eps) * x_fake
                with tf.GradientTape(watch_accessed_variables=False) as inner:
                    inner.watch(between)
                    logits = self.critic(between, training=True)
                slope = tf.sqrt(
                    tf.reduce_sum(tf.square(inner.gradient(logits, between)), axis=[1, 2, 3])
                    + 1e-12
                )
                logs["penalty"] = self.penalty * tf.reduce_mean(tf.square(slope - 1.0))
                loss += logs["penalty"]
        gradients = tape.gradient(loss, self.critic.trainable_variables)
        self.critic_optimizer.apply(gradients, self.critic.trainable_variables)
        logs["critic_loss"] = loss
        if self.all_logs:
            logs["critic_gradient_norm"] = tf.linalg.global_norm(gradients)
            logs["critic_accuracy"] = tf.reduce_mean(tf.cast(logits_real > logits_fake, tf.float32))
            logs["logit_gap"] = tf.reduce_mean(logits_real) - tf.reduce_mean(logits_fake)
        return logs

    def generator_move(self):
        z = self.draws.latents(1, 0)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([v.value for v in self.generator.trainable_variables])
            logits = self.critic(self.generator(z, training=True), training=True)
            loss = (
                -tf.reduce_mean(logits)
                if self.wasserstein
                else tf.reduce_mean(tf.nn.softplus(-logits))
            )
        gradients = tape.gradient(loss, self.generator.trainable_variables)
        self.generator_optimizer.apply(gradients, self.generator.trainable_variables)
        return {"generator_loss": loss} | (
            {"generator_gradient_norm": tf.linalg.global_norm(gradients)} if self.all_logs else {}
        )

    def step(self, x):
        logs = {}
        for move in range(self.critic_updates):
            logs = self.critic_move(x[move :: self.critic_updates], move)
        logs |= self.generator_move()
        self.totals.assign_add(tf.stack([logs[name] for name in self.names]))
        self.count.assign_add(1.0)

    def train_function(self, steps: int):
        """Returns a graph function that takes an iterator and makes `steps` steps."""

        @tf.function
        def several(iterator):
            for _ in tf.range(steps):
                self.step(next(iterator)["x"])

        return several


def of(experiment, game, *, draws=None, all_logs: bool = True) -> HandWritten:
    """Returns the hand-written peer of a game, with the same weights and optimizer settings.

    Args:
        experiment: The experiment of the game.
        game: The compiled game.
        draws: Random draws to use instead of TensorFlow's own.
        all_logs: Whether to keep means of all logs; see `HandWritten`.
    """
    generator, critic = (
        keras.models.clone_model(game.generator),
        keras.models.clone_model(game.critic),
    )
    generator.set_weights(game.generator.get_weights())
    critic.set_weights(game.critic.get_weights())
    optimizers = [type(o).from_config(o.get_config()) for o in game.optimizers.values()]
    options = experiment.game.options
    return HandWritten(
        generator,
        critic,
        optimizers,
        draws or Random(options["prior"].name, game.prior.size, experiment.data.batch_size),
        wasserstein=options["loss"].name == "wasserstein",
        penalty=options["penalty"].options["weight"] if "penalty" in options else 0.0,
        critic_updates=game.critic_updates,
        all_logs=all_logs,
    )


class Fit:
    """`Game.fit`, timed from the end of its first call of the graph to the end of its last."""

    def __init__(self, game, batches):
        self.game, self.batches, self.inner = game, batches, game.steps_per_execution

    def seconds(self, steps: int) -> float:
        ends = []
        clock = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: ends.append(time.perf_counter())
        )
        self.game.fit(
            self.batches,
            steps_per_epoch=steps + self.game.steps_per_execution,
            callbacks=[clock],
            verbose=0,
        )
        return ends[-1] - ends[0]


class Loop:
    """The hand-written step in a hand-written loop, timed without the first call of the graph."""

    def __init__(self, peer, batches, inner: int):
        self.function, self.batches, self.inner = peer.train_function(inner), batches, inner

    def seconds(self, steps: int) -> float:
        iterator = iter(self.batches)
        self.function(iterator)
        began = time.perf_counter()
        for _ in range(steps // self.inner):
            self.function(iterator)
        return time.perf_counter() - began


def competitors(experiment, game, batches, inner: int) -> dict[str, Fit | Loop]:
    """Returns `fit` and its two peers on one data set, with `inner` steps in a call of a graph."""
    return {
        "fit": Fit(game, batches),
        "hand_written": Loop(of(experiment, game, all_logs=True), batches, inner),
        "hand_written_losses_only": Loop(of(experiment, game, all_logs=False), batches, inner),
    }
