"""DCGAN on scikit-learn's 8x8 digits.

The settings are the paper's. The networks have fewer levels and filters, since the images are
small.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    adam = Spec("adam", learning_rate=2e-4, beta_1=0.5)  # Radford et al., section 4
    # The paper does not average weights. Here samples come from averaged weights, since a run
    # this short may end at weights with bad samples.
    averaged = adam.replace(use_ema=True, ema_momentum=0.999)
    return schema.Experiment(
        name="dcgan_digits",
        paper="Radford et al., 2016, arXiv:1511.06434, section 4, scaled to 8x8",
        data=schema.Data("digits", batch_size=64),
        game=Spec(
            "gan",
            loss=Spec("non_saturating"),
            prior=Spec("uniform", size=100),
            generator=Spec("dcgan_generator", width=64, levels=2),
            critic=Spec("dcgan_critic", width=64, levels=2),
        ),
        optimizers={"critic": adam, "generator": averaged},
        train=schema.Train(epochs=150, sample_every=10, checkpoint_every=10),
    )
