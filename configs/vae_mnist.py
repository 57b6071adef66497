"""The variational autoencoder on MNIST, with 40 latent dimensions and dynamic binarization.

The paper trains on grey levels, under which a Bernoulli likelihood is not a likelihood. Here each
pixel is drawn anew at every visit, with its grey level as the probability of white.
"""

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
            binarize=True,
            prior=Spec("normal", size=40),
            # Encoder and decoder have one hidden layer of 400, as the model with the published
            # likelihood that results/encoders/ compares with. The paper's have 500.
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
        # The paper has Adagrad with a rate that was chosen on the first iterations.
        optimizers={"autoencoder": Spec("adam", learning_rate=1e-3)},
        train=schema.Train(epochs=500, sample_every=10),
    )
