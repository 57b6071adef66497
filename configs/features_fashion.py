"""A small classifier of Fashion-MNIST.

Its last hidden layer is the feature space of `fd_fashion_features` and the related metrics.
"""

import dataclasses

from configs import features_mnist, schema


def experiment() -> schema.Experiment:
    digits = features_mnist.experiment()
    return dataclasses.replace(
        digits, name="features_fashion", data=dataclasses.replace(digits.data, name="fashion_mnist")
    )
