"""The adversarial generator-encoder on MNIST.

The values are those of the released code for CIFAR-10, with fewer filters. Three of them differ
because training needed it: the size of the prior, the normalization of the generator, and the
weight of reconstructions. results/encoders/ has the reasons.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    def adam(moves: int) -> Spec:
        # The rate is halved three times, as in the released code, here after 12, 15 and 18 epochs.
        # In an epoch the encoder makes 468 moves and the generator twice as many.
        boundaries = [epochs * 468 * moves for epochs in (12, 15, 18)]
        return Spec(
            "adam",
            learning_rate=Spec(
                "piecewise_constant", boundaries=boundaries, values=[2e-4, 1e-4, 5e-5, 2.5e-5]
            ),
            beta_1=0.5,
        )

    return schema.Experiment(
        name="age_mnist",
        paper="Ulyanov et al., 2017, arXiv:1704.02304, section 4; "
        "values of the released code for CIFAR-10",
        data=schema.Data("mnist", batch_size=64),
        game=Spec(
            "age",
            # The paper's likelihoods of MNIST have 10 too. Of 16 coordinates some die: digits do
            # not need them, and without them the encoder's loss is lower.
            prior=Spec("sphere", size=10),
            # The released code normalises over the batch; this generator normalises each image. The
            # encoder's loss does not change when all codes move together. A generator that
            # normalises over the batch undoes that in training, so that it is seen only on single
            # images, whose reconstructions are then all alike.
            generator=Spec("dcgan_generator", width=32, kernel=4, normalization="layer"),
            encoder=Spec("dcgan_encoder", width=32, statistics=1),
            generator_updates=2,
            data_weight=15.0,
            latent_weight=1000.0,
        ),
        optimizers={"encoder": adam(1), "generator": adam(2)},
        train=schema.Train(epochs=20, sample_every=3),
    )
