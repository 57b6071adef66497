"""Adversarial variational Bayes on binarized MNIST, with 8 latent dimensions.

The posterior is a black box: its density is unknown. The networks are fully connected, as in one
variant of the released code. The paper's best results are those of convolutional networks.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    # the variant full0 of the released code
    network = {"units": (300, 300), "activation": "softplus", "initializer": "glorot_uniform"}
    return schema.Experiment(
        name="avb_mnist",
        paper="Mescheder et al., 2017, arXiv:1701.04722, section 6.2, table 2; "
        "values of the released code",
        data=schema.Data("mnist", batch_size=128, split="train[:55000]", value_range=(0.0, 1.0)),
        game=Spec(
            "avb",
            contrast=Spec("standard"),
            likelihood=Spec("bernoulli"),
            binarize=True,
            prior=Spec("normal", size=8),
            encoder=Spec("implicit_encoder", noise=32, every_layer=True, **network),
            decoder=Spec("mlp_generator", value_range=None, output_bias="zeros", **network),
            adversary=Spec("bilinear_critic"),
        ),
        optimizers={
            "adversary": Spec("adam", learning_rate=1e-4, beta_1=0.5),
            "autoencoder": Spec("adam", learning_rate=5e-5, beta_1=0.5),
        },
        # The paper makes 2,500,000 steps.
        train=schema.Train(epochs=5828, sample_every=100),
    )
