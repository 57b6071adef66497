"""LSGAN on MNIST with the 0-1 coding of labels.

--set=game.loss.fake=-1 --set=game.loss.target=0 chooses the other coding: -1 for generated
data, 1 for data, and 0 as the generator's target.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    adam = Spec("adam", learning_rate=2e-4, beta_1=0.5)  # DCGAN's
    return schema.Experiment(
        name="lsgan_mnist",
        paper="Mao et al., 2017, arXiv:1611.04076, equation 2 with the 0-1 coding",
        data=schema.Data("mnist", batch_size=64),
        game=Spec(
            "gan",
            loss=Spec("least_squares"),
            prior=Spec("uniform", size=100),
            generator=Spec("dcgan_generator", width=64),
            critic=Spec("dcgan_critic", width=64),
        ),
        optimizers={"critic": adam, "generator": adam},
        train=schema.Train(epochs=10),
    )
