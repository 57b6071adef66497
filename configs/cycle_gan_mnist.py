"""CycleGAN between MNIST's digits and their negatives.

Training sees no pairs, and the right translation is known, so that it can be measured. The paper's
networks are made for images of 128 and 256 pixels; these have a quarter of the channels, half of
the residual blocks, and patches of 34 pixels instead of 70.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    # In the paper the rate falls to 0 over the second half of the run. Here it is constant.
    adam = Spec("adam", learning_rate=2e-4, beta_1=0.5)
    translator = Spec("residual_translator", width=16, blocks=3)
    critic = Spec("patch_critic", width=32, levels=2)
    return schema.Experiment(
        name="cycle_gan_mnist",
        paper="Zhu et al., 2017, arXiv:1703.10593, sections 3 and 4",
        # In the paper a step takes one image of each domain. Its images are large.
        data=schema.Data("mnist,inverted:mnist", batch_size=16),
        game=Spec(
            "cycle_gan",
            loss=Spec("least_squares"),
            cycle_weight=5.0,  # the paper has 10, but its squares do not have the factor 1/2
            a_to_b=translator,
            b_to_a=translator,
            critic_a=critic,
            critic_b=critic,
        ),
        optimizers={"critic_a": adam, "translators": adam, "critic_b": adam},
        train=schema.Train(epochs=4, steps_per_epoch=1000),
    )
