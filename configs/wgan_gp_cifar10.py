"""WGAN-GP on CIFAR-10 without labels, with the paper's residual networks."""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    # The released gan_cifar_resnet.py makes as many, with a rate that falls to 0 in a straight
    # line.
    iterations = 100_000

    def adam(updates: int) -> Spec:
        falling = Spec(
            "polynomial_decay",
            initial_learning_rate=2e-4,
            decay_steps=updates,
            end_learning_rate=0.0,
        )
        return Spec("adam", learning_rate=falling, beta_1=0.0, beta_2=0.9)

    return schema.Experiment(
        name="wgan_gp_cifar10",
        paper="Gulrajani et al., 2017, arXiv:1704.00028, section 5.3 without labels, "
        "and the released gan_cifar_resnet.py",
        # In the released code the generator moves on 128 latents; here on 64, as the critic.
        data=schema.Data("cifar10", batch_size=64),
        game=Spec(
            "gan",
            loss=Spec("wasserstein"),
            penalty=Spec("gradient_penalty", weight=10.0),
            critic_updates=5,
            prior=Spec("normal", size=128),
            generator=Spec("residual_generator", width=128),
            critic=Spec("residual_critic", width=128),
        ),
        optimizers={"critic": adam(5 * iterations), "generator": adam(iterations)},
        train=schema.Train(epochs=100, steps_per_epoch=1000, sample_every=5),
    )
