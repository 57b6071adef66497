"""The hand-written step of a GAN: any loss, with a gradient penalty, clipped or normalised weights,
labels, or an augmentation."""

import tensorflow as tf

from by_hand import adversarial, steps

FAKE, AUGMENTED_REAL, AUGMENTED_FAKE = 1, 3, 4  # sections of the game's draws


class GAN(steps.Step):
    """A critic and a generator, in turns or on one forward pass.

    Args:
        networks: The generator and the critic by name.
        players: See `steps.Step`.
        draws: See `steps.Step`.
        prior: The game's prior.
        loss: Name in `adversarial.LOSSES`.
        penalty: Weight of the gradient penalty; 0 for none.
        clip: Limit of the critic's weights; None for none.
        vectors: For spectral normalization the start of the power iteration by the position of the
            kernel among the critic's weights; empty for none.
        augmentation: Change of what the critic sees, or None.
        critic_updates: Moves of the critic in a step. Each takes its own stride of the batch.
        simultaneous: Whether both move on one forward pass, as in TensorFlow's tutorial of DCGAN.
        all_logs: See `steps.Step`.
        others: Names of further logs.
    """

    def __init__(
        self,
        networks: dict,
        players: dict,
        draws,
        *,
        prior,
        loss: str,
        penalty: float = 0.0,
        clip: float | None = None,
        vectors: dict | None = None,
        augmentation=None,
        critic_updates: int = 1,
        simultaneous: bool = False,
        all_logs: bool = True,
        others: tuple[str, ...] = (),
    ):
        names = [*adversarial.critic_logs(loss), *["penalty"] * bool(penalty), *others]
        super().__init__(players, draws, logs=names, all_logs=all_logs)
        self.generator, self.critic, self.prior = networks["generator"], networks["critic"], prior
        self.name, self.loss = loss, adversarial.LOSSES[loss]
        self.penalty, self.clip, self.augmentation = penalty, clip, augmentation
        self.vectors = {i: tf.Variable(value) for i, value in (vectors or {}).items()}
        self.critic_updates, self.simultaneous = critic_updates, simultaneous

    def step(self, batch):
        if self.simultaneous:
            return self.both(batch)
        logs = {}
        for move in range(self.critic_updates):
            logs |= self.critic_move(self.part(batch, move), move)
        return logs | self.generator_move(self.part(batch, 0))

    def part(self, batch, move: int):
        return {name: rows[move :: self.critic_updates] for name, rows in batch.items()}

    def fake(self, batch, source):
        z = steps.latents(self.prior, source)
        return self.generator(given(z, batch), training=True)

    def real(self, batch, source):
        return batch["x"]

    def seen(self, x, source, section: int):
        if self.augmentation is None:
            return x
        with source.section(section):
            return self.augmentation(x, source)

    def logits(self, x, batch, *, own: bool):
        """Returns the critic's logits; in its own moves the power iteration is kept."""
        if not self.vectors:
            return self.critic(given(x, batch), training=True)
        weights = [tf.convert_to_tensor(v.value) for v in self.critic.trainable_variables]
        for i, vector in self.vectors.items():
            matrix = tf.reshape(weights[i], [-1, weights[i].shape[-1]])
            fixed, right = tf.stop_gradient(matrix), tf.convert_to_tensor(vector)
            left = tf.math.l2_normalize(tf.linalg.matvec(fixed, right))
            right = tf.math.l2_normalize(tf.linalg.matvec(fixed, left, transpose_a=True))
            left = tf.math.l2_normalize(tf.linalg.matvec(fixed, right))
            if own:
                vector.assign(right)
            weights[i] = weights[i] / tf.einsum("i,ij,j->", left, matrix, right)
        return self.critic.stateless_call(weights, [], given(x, batch), training=True)[0]

    def critic_move(self, batch, move: int):
        source, logs = self.draws.of_move(0, move), {}
        with source.current():
            x = self.seen(self.real(batch, source), source, AUGMENTED_REAL)
            x_fake = self.seen(self.fake(batch, source), source, AUGMENTED_FAKE)
            with self.tape("critic") as tape:
                real = self.logits(x, batch, own=True)
                with source.section(FAKE):
                    fake = self.logits(x_fake, batch, own=True)
                loss = self.loss.critic_real(real) + self.loss.critic_fake(fake)
                if self.penalty:
                    logs["penalty"] = self.slope(x, x_fake, batch, source)
                    loss += logs["penalty"]
        gradients = self.gradients(tape, "critic", loss, logs)
        self.critic_update(gradients)
        return logs | (adversarial.logged(self.name, real, fake) if self.all_logs else {})

    def slope(self, x, x_fake, batch, source):
        eps = source.uniform((1,) * (x.shape.rank - 1))
        between = eps * x + (1.0 - eps) * x_fake
        with tf.GradientTape(watch_accessed_variables=False) as inner:
            inner.watch(between)
            logits = self.critic(given(between, batch), training=True)
        squares = tf.square(inner.gradient(logits, between))
        slope = tf.sqrt(tf.reduce_sum(squares, axis=list(range(1, x.shape.rank))) + 1e-12)
        return self.penalty * tf.reduce_mean(tf.square(slope - 1.0))

    def critic_update(self, gradients):
        self.apply("critic", gradients)
        if self.clip:
            for variable in self.variables["critic"]:
                variable.assign(tf.clip_by_value(variable.value, -self.clip, self.clip))

    def generator_move(self, batch):
        source, logs = self.draws.of_move(1, 0), {}
        with source.current(), self.tape("generator") as tape:
            x_fake = self.seen(self.fake(batch, source), source, AUGMENTED_FAKE)
            with source.section(FAKE):
                loss = self.loss.opponent_fake(self.logits(x_fake, batch, own=False))
        self.apply("generator", self.gradients(tape, "generator", loss, logs))
        return logs

    def both(self, batch):
        source, logs = self.draws.of_move(0, 0), {}
        with (
            source.current(),
            self.tape("critic") as critic_tape,
            self.tape("generator") as generator_tape,
        ):
            x_fake = self.fake(batch, source)
            real = self.logits(batch["x"], batch, own=True)
            with source.section(FAKE):
                fake = self.logits(x_fake, batch, own=True)
            critic_loss = self.loss.critic_real(real) + self.loss.critic_fake(fake)
            generator_loss = self.loss.opponent_fake(fake)
        gradients = self.gradients(critic_tape, "critic", critic_loss, logs)
        others = self.gradients(generator_tape, "generator", generator_loss, logs)
        self.critic_update(gradients)
        self.apply("generator", others)
        return logs | (adversarial.logged(self.name, real, fake) if self.all_logs else {})


def given(x, batch):
    """Returns what a network is called with: x, or [x, label] where the batch has labels."""
    return [x, batch["label"]] if "label" in batch else x


def settings(game, options: dict) -> dict | None:
    """Returns the keyword arguments of `GAN`, or None for what it cannot compute."""
    loss = adversarial.chosen(options["loss"])
    constraint = options.get("constraint")
    penalty = options["penalty"] if "penalty" in options else None
    if (
        loss is None
        or (penalty is not None and set(penalty.options) - {"weight"})
        or (game.schedule == "simultaneous" and (penalty or game.augmentation))
    ):
        return None
    made = {"prior": game.prior, "loss": loss, "augmentation": game.augmentation}
    made |= {"critic_updates": game.critic_updates}
    made |= {"simultaneous": game.schedule == "simultaneous"}
    made["penalty"] = penalty.options["weight"] if penalty else 0.0
    if constraint is not None and constraint.name == "weight_clip":
        made["clip"] = constraint.options.get("limit", 0.01)
    elif constraint is not None:
        # the power iteration's vectors are the model's own variables, in the order of its kernels
        kernels = [i for i, v in enumerate(game.critic.trainable_variables) if len(v.shape) > 1]
        starts = game.critic.non_trainable_variables[-len(kernels) :]
        made["vectors"] = {i: v.numpy() for i, v in zip(kernels, starts, strict=True)}
    return made


def of(game, options: dict, draws, *, all_logs: bool) -> GAN | None:
    """Returns the peer of a game, or None if this step cannot compute it."""
    chosen = settings(game, options)
    return chosen and GAN(*steps.copies(game), draws, **chosen, all_logs=all_logs)
