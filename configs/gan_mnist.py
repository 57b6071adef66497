"""The first GAN, on MNIST.

The loss is the non-saturating one, as in the paper's experiments. --set=game.loss=minimax chooses
the saturating one.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    updates = 125_000  # 250 epochs of 50,000 images in batches of 100

    def sgd(rate: float) -> Spec:
        # The rate is divided by 1.000004 at each update. The momentum rises from 0.5 to 0.7 over
        # the first 250 epochs.
        falling = Spec(
            "exponential_decay",
            initial_learning_rate=rate,
            decay_steps=1000,
            decay_rate=1.000004**-1000,
        )
        rising = Spec(
            "polynomial_decay",
            initial_learning_rate=0.5,
            decay_steps=updates,
            end_learning_rate=0.7,
        )
        return Spec("sgd", learning_rate=falling, momentum=rising)

    return schema.Experiment(
        name="gan_mnist",
        paper="Goodfellow et al., 2014, arXiv:1406.2661, table 1, MNIST; "
        "values of the released mnist.yaml",
        data=schema.Data("mnist", batch_size=100, split="train[:50000]", value_range=(0.0, 1.0)),
        game=Spec(
            "gan",
            loss=Spec("non_saturating"),
            schedule="simultaneous",  # as the released code updates; Algorithm 1 alternates
            prior=Spec("uniform", size=100, low=-(3.0**0.5), high=3.0**0.5),
            generator=Spec("mlp_generator", units=(1200, 1200), initializer=("uniform", 0.05)),
            critic=Spec(
                "maxout_critic", units=(240, 240), pieces=5, initializer=("uniform", 0.005)
            ),
        ),
        # The released code halves the critic's loss. For gradient descent that is half the rate.
        optimizers={"critic": sgd(0.05), "generator": sgd(0.1)},
        # With train.evaluate_every and train.metric=parzen, held-out images choose a checkpoint.
        # The first 1000 of them choose the bandwidth and are left out.
        train=schema.Train(
            epochs=250, sample_every=10, checkpoint_every=1, evaluate_split="train[50000:]"
        ),
    )
