"""WGAN-GP on 25 Gaussians on a grid, scaled to a CPU.

The generator's layers are half as wide as the released code's, and the critic's a quarter as wide.
The learning rate starts higher and falls to 0.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    iterations = 100_000  # as in the released code

    def adam(updates: int) -> Spec:
        # The released code has a rate of 1e-4. A higher one that falls to 0 gives narrower modes,
        # and a still higher one folds the plane. beta_1 is that of Algorithm 1.
        falling = Spec("cosine_decay", initial_learning_rate=2e-3, decay_steps=updates)
        return Spec("adam", learning_rate=falling, beta_1=0.0, beta_2=0.9)

    return schema.Experiment(
        name="wgan_gp_grid",
        paper="Gulrajani et al., 2017, arXiv:1704.00028, figure 2, and the released gan_toy.py, "
        "scaled to a CPU",
        data=schema.Data("grid", batch_size=128),  # 256 in the released code
        game=Spec(
            "gan",
            loss=Spec("wasserstein"),
            penalty=Spec("gradient_penalty", weight=0.1),  # the released toy code
            critic_updates=5,
            prior=Spec("normal", size=2),
            # The released code has three layers of 512. The generator moves a fifth as often as the
            # critic, so that its width costs little.
            generator=Spec("mlp_generator", units=(256, 256, 256), initializer="he_normal"),
            critic=Spec(
                "mlp_critic", units=(128, 128, 128), activation="relu", initializer="he_normal"
            ),
        ),
        optimizers={"critic": adam(5 * iterations), "generator": adam(iterations)},
        train=schema.Train(
            epochs=100, steps_per_epoch=1000, steps_per_execution=100, sample_every=4
        ),
    )
