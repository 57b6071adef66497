"""WGAN-GP on a swiss roll, with the networks of the released toy code."""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    adam = Spec("adam", learning_rate=1e-4, beta_1=0.5, beta_2=0.9)  # the released toy code
    return schema.Experiment(
        name="wgan_gp_swiss_roll",
        paper="Gulrajani et al., 2017, arXiv:1704.00028, figure 1, and the released gan_toy.py",
        data=schema.Data("swiss_roll", batch_size=256),
        game=Spec(
            "gan",
            loss=Spec("wasserstein"),
            penalty=Spec("gradient_penalty", weight=0.1),  # the released toy code
            critic_updates=5,
            prior=Spec("normal", size=2),
            generator=Spec("mlp_generator", units=(512, 512, 512), initializer="he_normal"),
            critic=Spec(
                "mlp_critic", units=(512, 512, 512), activation="relu", initializer="he_normal"
            ),
        ),
        optimizers={"critic": adam, "generator": adam},
        train=schema.Train(epochs=100, steps_per_epoch=1000, sample_every=10),
    )
