"""WGAN with weight clipping on MNIST."""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    # The rate is that of Algorithm 1. rho and epsilon are the defaults of PyTorch, which the
    # released code uses: it adds 1e-8 to the root, and Keras adds epsilon under it.
    rmsprop = Spec("rmsprop", learning_rate=5e-5, rho=0.99, epsilon=1e-16)
    return schema.Experiment(
        name="wgan_mnist",
        paper="Arjovsky et al., 2017, arXiv:1701.07875, Algorithm 1",
        data=schema.Data("mnist", batch_size=64),
        game=Spec(
            "gan",
            loss=Spec("wasserstein"),
            constraint=Spec("weight_clip", limit=0.01),
            critic_updates=5,
            prior=Spec("normal", size=100),
            generator=Spec("dcgan_generator", width=64),
            critic=Spec("dcgan_critic", width=64),
        ),
        optimizers={"critic": rmsprop, "generator": rmsprop},
        train=schema.Train(epochs=50),
    )
