"""CycleGAN between scikit-learn's 8x8 digits and their negatives.

The networks are smaller than those of `cycle_gan_mnist`, since the images are small.
"""

import dataclasses

from configs import cycle_gan_mnist, schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    large = cycle_gan_mnist.experiment()
    translator = Spec("residual_translator", width=8, levels=1, blocks=1)
    critic = Spec("patch_critic", width=8, levels=1)
    networks = {"a_to_b": translator, "b_to_a": translator, "critic_a": critic, "critic_b": critic}
    return dataclasses.replace(
        large,
        name="cycle_gan_digits",
        data=schema.Data("digits,inverted:digits", batch_size=16),
        game=large.game.replace(**networks),
        train=schema.Train(epochs=20),
    )
