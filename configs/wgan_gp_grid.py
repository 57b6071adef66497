"""WGAN-GP on 25 Gaussians on a grid, with networks a half and a quarter as wide as the released code's."""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    iterations = 100_000  # as the released code, whose rate is 1e-4

    def adam(updates: int) -> Spec:
        # a higher rate that falls to 0 gives finer modes; a still higher one folds the plane; beta1 is Algorithm 1's
        falling = Spec("cosine_decay", initial_learning_rate=2e-3, decay_steps=updates)
        return Spec("adam", learning_rate=falling, beta_1=0.0, beta_2=0.9)

    return schema.Experiment(
        name="wgan_gp_grid",
        paper="Gulrajani et al., 2017, arXiv:1704.00028, figure 2, and the released gan_toy.py, scaled to a CPU",
        data=schema.Data("grid", batch_size=128),  # 256 in the released code
        game=Spec(
            "gan",
            loss=Spec("wasserstein"),
            penalty=Spec("gradient_penalty", weight=0.1),  # the released toy code
            critic_updates=5,
            prior=Spec("normal", size=2),
            # three layers of 512 in the released code; the generator moves a fifth as often, and its width costs little
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
