"""The adversarial generator-encoder on CIFAR-10."""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    def adam(moves: int) -> Spec:
        # halved every 40 epochs of 781 encoder moves, in which the generator makes twice as many
        falling = Spec(
            "exponential_decay",
            initial_learning_rate=2e-4,
            decay_steps=40 * 781 * moves,
            decay_rate=0.5,
            staircase=True,
        )
        return Spec("adam", learning_rate=falling, beta_1=0.5)

    return schema.Experiment(
        name="age_cifar10",
        paper="Ulyanov et al., 2017, arXiv:1704.02304, section 4; values of the released code",
        data=schema.Data("cifar10", batch_size=64),
        game=Spec(
            "age",
            prior=Spec("sphere", size=128),
            generator=Spec("dcgan_generator", kernel=4),
            encoder=Spec("dcgan_encoder", statistics=1),
            generator_updates=2,
            data_weight=10.0,
            latent_weight=1000.0,
        ),
        optimizers={"encoder": adam(1), "generator": adam(2)},
        # the code's 150 epochs: a step here takes two batches, of which the encoder sees one
        train=schema.Train(epochs=300, sample_every=10),
    )
