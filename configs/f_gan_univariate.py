"""f-GAN's experiment in one dimension: a Gaussian is fitted to a mixture of two Gaussians.

--set=game.loss.divergence=NAME chooses the divergence.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    descent = Spec("sgd", learning_rate=0.01)
    return schema.Experiment(
        name="f_gan_univariate",
        paper="Nowozin et al., 2016, arXiv:1606.00709, section 4.1, table 3",
        data=schema.Data("mixture", batch_size=1024),
        game=Spec(
            "gan",
            loss=Spec("f_gan", divergence=Spec("kl")),
            schedule="simultaneous",  # Algorithm 1, the single-step method
            prior=Spec("normal", size=1),
            # mean + std * z, which begins as N(0, 1)
            generator=Spec("mlp_generator", units=(), initializer="ones"),
            critic=Spec(
                "mlp_critic", units=(64, 64), activation="tanh", initializer="glorot_uniform"
            ),
        ),
        # The moving average of the weights is measured. At this rate the weights themselves circle
        # around the optimum, some hundredths away from it.
        optimizers={
            "critic": descent,
            "generator": descent.replace(use_ema=True, ema_momentum=0.999),
        },
        train=schema.Train(
            epochs=20, steps_per_epoch=1000, steps_per_execution=100, sample_every=5
        ),
    )
