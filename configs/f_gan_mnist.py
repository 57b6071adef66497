"""f-GAN on MNIST with the paper's networks.

--set=game.loss.divergence=NAME chooses the divergence.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    adam = Spec("adam", learning_rate=2e-4, beta_1=0.5)
    return schema.Experiment(
        name="f_gan_mnist",
        paper="Nowozin et al., 2016, arXiv:1606.00709, section 4.2, table 4",
        # The Parzen evaluation of the first GAN chooses its bandwidth on the other 10,000 images.
        data=schema.Data("mnist", batch_size=4096, split="train[:50000]", value_range=(0.0, 1.0)),
        game=Spec(
            "gan",
            loss=Spec("f_gan", divergence=Spec("kl")),
            schedule="simultaneous",  # Algorithm 1, the single-step method
            prior=Spec("uniform", size=100),
            generator=Spec(
                "mlp_generator",
                units=(1200, 1200),
                normalization="batch",
                initializer=("normal", 0.05),
                output_bias="zeros",
            ),
            critic=Spec(
                "mlp_critic", units=(240, 240), activation="elu", initializer=("normal", 0.05)
            ),
        ),
        optimizers={"critic": adam, "generator": adam},
        # The paper trains for an hour on a GPU, which is about as many steps.
        train=schema.Train(epochs=15, steps_per_epoch=500, sample_every=1),
    )
