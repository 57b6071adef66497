"""The variational autoencoder on MNIST with 40 latent dimensions and dynamic binarization."""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    return schema.Experiment(
        name="vae_mnist",
        paper="Kingma and Welling, 2014, arXiv:1312.6114, section 5",
        data=schema.Data("mnist", batch_size=100, split="train[:50000]", value_range=(0.0, 1.0)),
        game=Spec(
            "vae",
            likelihood=Spec("bernoulli"),
            binarize=True,  # the paper takes grey levels as they are, whose likelihood is none
            prior=Spec("normal", size=40),
            # one hidden layer a side, of 400 where the paper has 500: the size of the published value that is compared with
            encoder=Spec(
                "mlp_encoder", units=(400,), activation="tanh", initializer="glorot_uniform"
            ),
            decoder=Spec(
                "mlp_generator",
                units=(400,),
                activation="tanh",
                initializer="glorot_uniform",
                value_range=None,
                output_bias="zeros",
            ),
        ),
        # Adagrad in the paper, whose rate was chosen on the first iterations
        optimizers={"autoencoder": Spec("adam", learning_rate=1e-3)},
        train=schema.Train(epochs=500, sample_every=10),
    )
