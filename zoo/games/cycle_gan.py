"""CycleGAN: translators between two domains of images without pairs, each the other's inverse."""

import keras
import tensorflow as tf

from zoo import augmentations, cycles, losses
from zoo.games import critics, endings, endpoints, game, own_networks, parts

# of the draws: the translation into a domain, its critic's pass over it, and the augmentations of
# real and of translated images
SECTIONS = {"a": (1, 3, 5, 6), "b": (2, 4, 7, 8)}


class CycleGAN(game.Game):
    """Two translators, who move as one player, and a critic for each domain.

    critic_b: mean(critic_real(D_b(b))) + mean(critic_fake(D_b(G(a)))); critic_a likewise
    translators: mean(opponent_fake(D_b(G(a)))) + mean(opponent_fake(D_a(F(b))))
        + cycle_weight * (mean(|F(G(a)) - a|) + mean(|G(F(b)) - b|))
        + identity_weight * (mean(|G(b) - b|) + mean(|F(a) - a|))

    G is `a_to_b`, F is `b_to_a`. A batch holds as many images of `a` as of `b`, which are no pairs.
    The schedule is "simultaneous", since the released code takes the critics' gradients on the
    translations that the translators were trained on.

    The paper's squares have no factor 1/2 for the translators, and its weights are 10 and 5.
    `losses.least_squares` has that factor, so the paper's ratio is `cycle_weight=5.0` and
    `identity_weight=2.5` here; Adam does not see the common factor.

    Departs from the paper: the critics see the newest translations, not a pool of the last 50.

    Args:
        a_to_b: Built network G, [B, ...] -> [B, ...] of one shape, in `value_range`.
        b_to_a: Built network F, likewise.
        critic_a: Built network D_a, [B, ...] -> logits [B, 1], or [B, H', W', 1] of patches.
        critic_b: Built network D_b, likewise.
        loss: Any `AdversarialLoss`, or the name of one; the paper's is `losses.least_squares()`.
        cycle_weight: Weight of both cycles, at least 0.
        identity_weight: Weight of the identity terms, at least 0; 0 leaves them out. The paper
            has them where colours must be kept (section 5.2).
        augmentation: Change of every image that a critic sees, or the name of one, as in `GAN`; the
            cycles see plain images.
        value_range: (low, high) of the images; None for data without bounds.
        schedule: See `Game`.
        seed: See `Game`.

    Raises:
        ValueError: If the shapes differ, a critic ends in an activation, or a weight is negative.

    Logs, besides the losses: `a_accuracy` and `b_accuracy` of the critics, `a_logit_gap` and
    `b_logit_gap`, `a_cycle_error` and `b_cycle_error`, and `identity_error` where it counts.

    Reference: Zhu et al., 2017, equations 1 to 3 and section 5.2. arXiv:1703.10593
    """

    inputs = ("a", "b")

    def __init__(
        self,
        *,
        a_to_b: keras.Model,
        b_to_a: keras.Model,
        critic_a: keras.Model,
        critic_b: keras.Model,
        loss: losses.AdversarialLoss,
        cycle_weight: float = 10.0,
        identity_weight: float = 0.0,
        augmentation: augmentations.Augmentation | None = None,
        value_range: tuple[float, float] | None = (-1.0, 1.0),
        schedule: str = "simultaneous",
        seed: int = 0,
    ):
        super().__init__(schedule=schedule, seed=seed)
        loss = parts.part("loss", losses.LOSSES, loss)
        table = augmentations.table(value_range)
        self.augmentation = parts.part("augmentation", table, augmentation)
        a_to_b = own_networks.functional("a_to_b", a_to_b)
        example = a_to_b.input_shape[1:]
        b_to_a = own_networks.functional("b_to_a", b_to_a, example)
        critic_a = own_networks.functional("critic_a", critic_a, example)
        critic_b = own_networks.functional("critic_b", critic_b, example)
        networks = {"a_to_b": a_to_b, "b_to_a": b_to_a, "critic_a": critic_a, "critic_b": critic_b}
        taken = {name: tuple(network.input_shape[1:]) for name, network in networks.items()}
        given = {name: tuple(networks[name].output_shape[1:]) for name in ("a_to_b", "b_to_a")}
        if len({*taken.values(), *given.values()}) != 1:
            raise ValueError(
                "The translators and critics must take, and the translators give, images of one "
                f"shape. Received: inputs {taken}, outputs {given}"
            )
        logits = {name: networks[name].output_shape for name in ("critic_a", "critic_b")}
        if any(shape[-1] != 1 or len(shape) not in (2, 4) for shape in logits.values()):
            raise ValueError(f"A critic gives [B, 1] or [B, H', W', 1]. Received: {logits}")
        endings.check_linear("critic_a", critic_a, "since losses take logits")
        endings.check_linear("critic_b", critic_b, "since losses take logits")
        if not (cycle_weight >= 0.0 and identity_weight >= 0.0):
            raise ValueError(
                "`cycle_weight` and `identity_weight` must be at least 0. "
                f"Received: cycle_weight={cycle_weight}, identity_weight={identity_weight}"
            )
        self.a_to_b, self.b_to_a = a_to_b, b_to_a
        self.critic_a, self.critic_b = critic_a, critic_b
        self.loss, self.value_range = loss, value_range
        self.cycle_weight, self.identity_weight = cycle_weight, identity_weight

    def players(self) -> dict[str, game.Player]:
        return {
            "critic_a": game.Player((self.critic_a,), self._critic_a_loss),
            "translators": game.Player((self.a_to_b, self.b_to_a), self._translators_loss),
            "critic_b": game.Player((self.critic_b,), self._critic_b_loss),
        }

    def endpoints(self) -> dict[str, endpoints.Endpoint]:
        shape = tuple(self.a_to_b.input_shape[1:])

        def offered(name, network, domain):
            return endpoints.transforming(
                name,
                lambda x: _float(network(x, training=False)),
                shape,
                self.value_range,
                source=domain,
                result_range=self.value_range,
            )

        return offered("a_to_b", self.a_to_b, "a") | offered("b_to_a", self.b_to_a, "b")

    def _critic_a_loss(self, batch, noise):
        x_fake = tf.stop_gradient(self._translation("a", batch["b"], noise))
        return self._judged("a", batch["a"], x_fake, noise)

    def _critic_b_loss(self, batch, noise):
        x_fake = tf.stop_gradient(self._translation("b", batch["a"], noise))
        return self._judged("b", batch["b"], x_fake, noise)

    def _translation(self, domain: str, x, noise) -> tf.Tensor:
        translator = {"a": self.b_to_a, "b": self.a_to_b}[domain]
        with noise.section(SECTIONS[domain][0]):
            return _float(translator(x, training=True))

    def _logits_fake(self, domain: str, x_fake, noise) -> tf.Tensor:
        _, section, _, augmented = SECTIONS[domain]
        x_fake = critics.seen(self.augmentation, x_fake, noise, augmented)
        critic = {"a": self.critic_a, "b": self.critic_b}[domain]
        with noise.section(section):
            return _float(critic(x_fake, training=True))

    def _judged(self, domain: str, x, x_fake, noise):
        critic = {"a": self.critic_a, "b": self.critic_b}[domain]
        x = critics.seen(self.augmentation, x, noise, SECTIONS[domain][2])
        real = _float(critic(x, training=True))
        loss, logs = critics.loss(self.loss, real, self._logits_fake(domain, x_fake, noise))
        return loss, {f"{domain}_{name.removeprefix('critic_')}": v for name, v in logs.items()}

    def _translators_loss(self, batch, noise):
        a, b = batch["a"], batch["b"]
        a_fake, b_fake = self._translation("a", b, noise), self._translation("b", a, noise)
        loss = sum(
            tf.reduce_mean(self.loss.opponent_fake(self._logits_fake(domain, x_fake, noise)))
            for domain, x_fake in (("b", b_fake), ("a", a_fake))
        )
        logs = {
            "a_cycle_error": cycles.error(a, _float(self.b_to_a(b_fake, training=True))),
            "b_cycle_error": cycles.error(b, _float(self.a_to_b(a_fake, training=True))),
        }
        loss += self.cycle_weight * (logs["a_cycle_error"] + logs["b_cycle_error"])
        if self.identity_weight:
            logs["identity_error"] = cycles.error(b, _float(self.a_to_b(b, training=True)))
            logs["identity_error"] += cycles.error(a, _float(self.b_to_a(a, training=True)))
            loss += self.identity_weight * logs["identity_error"]
        return loss, logs


def _float(x) -> tf.Tensor:
    return tf.cast(x, tf.float32)
