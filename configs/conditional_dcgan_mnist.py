"""The class-conditional GAN on MNIST, with the networks of `dcgan_mnist`.

Generator and critic take the label. The DCGAN paper's own network for MNIST takes it at every
layer.
"""

import dataclasses

from configs import dcgan_mnist, schema


def experiment() -> schema.Experiment:
    plain = dcgan_mnist.experiment()
    # The paper does not average weights. Here samples come from averaged weights, since a run
    # this short may end at weights with bad samples.
    averaged = plain.optimizers["generator"].replace(use_ema=True, ema_momentum=0.999)
    return dataclasses.replace(
        plain,
        name="conditional_dcgan_mnist",
        paper="Mirza and Osindero, 2014, arXiv:1411.1784, over Radford et al., 2016",
        game=plain.game.replace(conditional=True),
        optimizers=plain.optimizers | {"generator": averaged},
    )
