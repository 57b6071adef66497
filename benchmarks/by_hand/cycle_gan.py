"""The hand-written step of CycleGAN: one forward pass for both translators and both critics."""

import tensorflow as tf

from by_hand import adversarial, steps


class CycleGAN(steps.Step):
    """Two translators that move together, and a critic for each domain.

    Args:
        networks: `a_to_b`, `b_to_a`, `critic_a` and `critic_b`.
        players: See `steps.Step`.
        draws: See `steps.Step`.
        loss: Name in `adversarial.LOSSES`.
        cycle_weight: Weight of both cycles.
        all_logs: See `steps.Step`.
    """

    def __init__(self, networks, players, draws, *, loss, cycle_weight, all_logs=True):
        names = [f"{d}_{name}" for d in "ab" for name in ("accuracy", "logit_gap", "cycle_error")]
        super().__init__(players, draws, logs=names, all_logs=all_logs)
        self.networks, self.name, self.loss = networks, loss, adversarial.LOSSES[loss]
        self.cycle_weight = cycle_weight

    def step(self, batch):
        networks, logs, losses = self.networks, {}, {}
        with (
            self.tape("critic_a") as tape_a,
            self.tape("critic_b") as tape_b,
            self.tape("translators") as tape,
        ):
            fakes = {
                "a": networks["b_to_a"](batch["b"], training=True),
                "b": networks["a_to_b"](batch["a"], training=True),
            }
            losses["translators"] = 0.0
            for domain, x_fake in fakes.items():
                critic = networks[f"critic_{domain}"]
                real, fake = critic(batch[domain], training=True), critic(x_fake, training=True)
                losses[f"critic_{domain}"] = self.loss.critic_real(real) + self.loss.critic_fake(
                    fake
                )
                losses["translators"] += self.loss.opponent_fake(fake)
                if self.all_logs:
                    about = adversarial.logged(self.name, real, fake)
                    logs[f"{domain}_accuracy"] = about["critic_accuracy"]
                    logs[f"{domain}_logit_gap"] = about["logit_gap"]
            for domain, other, back in (("a", "b", "b_to_a"), ("b", "a", "a_to_b")):
                cycle = networks[back](fakes[other], training=True)
                logs[f"{domain}_cycle_error"] = tf.reduce_mean(tf.abs(batch[domain] - cycle))
                losses["translators"] += self.cycle_weight * logs[f"{domain}_cycle_error"]
        tapes = {"critic_a": tape_a, "critic_b": tape_b, "translators": tape}
        gradients = {
            name: self.gradients(one, name, losses[name], logs) for name, one in tapes.items()
        }
        for name, values in gradients.items():
            self.apply(name, values)
        return logs


def of(game, options: dict, draws, *, all_logs: bool) -> CycleGAN | None:
    """Returns the peer of a game, or None if this step cannot compute it."""
    loss = adversarial.chosen(options["loss"])
    other = game.schedule != "simultaneous" or game.augmentation or game.identity_weight
    if loss is None or other:
        return None
    chosen = {"loss": loss, "cycle_weight": game.cycle_weight, "all_logs": all_logs}
    return CycleGAN(*steps.copies(game), draws, **chosen)
