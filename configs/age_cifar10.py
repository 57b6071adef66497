"""The adversarial generator-encoder on CIFAR-10, with the values of the released code."""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    def adam(moves: int) -> Spec:
        # The rate is halved as the epochs 39, 79 and 119 begin, counted from 0. In an epoch the
        # encoder makes 781 moves and the generator twice as many.
        falling = Spec(
            "piecewise_constant",
            boundaries=[epoch * 781 * moves - 1 for epoch in (39, 79, 119)],
            values=[2e-4, 1e-4, 5e-5, 2.5e-5],
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
        # These are the 150 epochs of the released code: a step here takes two batches, one of which
        # the encoder sees.
        train=schema.Train(epochs=300, sample_every=10),
    )
