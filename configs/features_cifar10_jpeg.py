"""A small classifier of CIFAR-10's colour pictures, read as a folder of JPEG files.

    zoo train --config=features_cifar10_jpeg --set=data.name=folder:DIR

DIR/CLASS holds the pictures of a class; a tenth is held out, and measures the accuracy. Its last
hidden layer is the feature space of `fd_cifar10_jpeg_features` and the related metrics, for colour
pictures of every size.
"""

import dataclasses

from configs import features_mnist, schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    digits = features_mnist.experiment()
    epochs = 30
    falling = Spec("cosine_decay", initial_learning_rate=3e-3, decay_steps=epochs * 351)
    return dataclasses.replace(
        digits,
        name="features_cifar10_jpeg",
        data=schema.Data(
            "folder:cifar10_jpeg/train",
            batch_size=128,
            value_range=(0.0, 1.0),
            size=(32, 32),
            flip=True,
        ),
        game=Spec(
            "supervised",
            classifier=Spec(
                "convolutional_classifier", classes=10, widths=((32, 32), (64, 64), (128, 128))
            ),
        ),
        optimizers={"classifier": Spec("adam", learning_rate=falling)},
        train=schema.Train(epochs=epochs),
    )
