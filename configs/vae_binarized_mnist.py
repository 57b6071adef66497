"""The variational autoencoder on MNIST that was binarized once, as log likelihoods are published.

The data set is TFDS's `binarized_mnist`; --set=data.name=npz:FILE reads a file with the arrays
`train`, `valid` and `test`. Each epoch is measured by the bound on the validation split, and the
checkpoint with the best one is kept: `zoo evaluate RUN --best --metrics=iwae` measures it on the
test split.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    # PyTorch's initial weights, the released code's. Biases start at 0 here, and not at random.
    network = {"units": (400,), "activation": "relu", "initializer": ("fan_in", 1 / 3)}
    # 500 steps in an epoch; the last step before a boundary still has the rate before it
    boundaries = [epochs * 500 - 1 for epochs in (200, 350)]
    falling = Spec(
        "piecewise_constant",
        boundaries=boundaries,
        values=[1e-4 * 10 ** (-fifths / 5) for fifths in range(3)],
    )
    return schema.Experiment(
        name="vae_binarized_mnist",
        paper="Kingma and Welling, 2014, arXiv:1312.6114; data, networks and training of the "
        "released code of Chadebec et al., 2022, arXiv:2206.08309, reproducibility/vae.py",
        data=schema.Data("binarized_mnist", batch_size=100, value_range=(0.0, 1.0)),
        game=Spec(
            "vae",
            likelihood=Spec("bernoulli"),
            prior=Spec("normal", size=40),
            encoder=Spec("mlp_encoder", **network),
            decoder=Spec("mlp_generator", value_range=None, output_bias="zeros", **network),
        ),
        optimizers={"autoencoder": Spec("adam", learning_rate=falling)},
        train=schema.Train(
            epochs=500,
            sample_every=50,
            checkpoint_every=10,
            evaluate_every=1,
            metric="elbo",
            evaluate_split="validation",
        ),
    )
