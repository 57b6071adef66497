"""The adversarial generator-encoder on MNIST's 28x28 digits."""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    def adam(moves: int) -> Spec:
        # halved three times, as in the released code: here after 12, 15 and 18 epochs of 468 encoder moves; the generator makes twice as many
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
        paper="Ulyanov et al., 2017, arXiv:1704.02304, section 4; values of the released code for CIFAR-10",
        data=schema.Data("mnist", batch_size=64),
        game=Spec(
            "age",
            # as in the paper's likelihoods of MNIST; of 16, some coordinates die: digits do without them, and the encoder gains
            prior=Spec("sphere", size=10),
            # by layer, where the code has it by batch: the encoder's loss does not mind all codes drawing together, and a generator
            # that normalises over the batch undoes it in training; over a single image it shows as reconstructions that are alike
            generator=Spec("dcgan_generator", width=32, kernel=4, normalization="layer"),
            encoder=Spec("dcgan_encoder", width=32, statistics=1),
            generator_updates=2,
            data_weight=15.0,
            latent_weight=1000.0,
        ),
        optimizers={"encoder": adam(1), "generator": adam(2)},
        train=schema.Train(epochs=20, sample_every=3),
    )
