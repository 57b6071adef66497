"""A small classifier of MNIST.

Its last hidden layer is the feature space of `fd_mnist_features` and the related metrics.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    steps = 16 * 468
    return schema.Experiment(
        name="features_mnist",
        paper="none: a network of the project's own, of the kind of "
        "Springenberg et al., 2015, arXiv:1412.6806",
        data=schema.Data("mnist", batch_size=128, value_range=(0.0, 1.0)),
        game=Spec("supervised", classifier=Spec("convolutional_classifier", classes=10)),
        optimizers={
            "classifier": Spec(
                "adam",
                learning_rate=Spec("cosine_decay", initial_learning_rate=3e-3, decay_steps=steps),
            )
        },
        train=schema.Train(epochs=16),
    )
