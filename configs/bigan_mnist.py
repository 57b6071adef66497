"""BiGAN on MNIST with fully connected networks.

It makes the 400 epochs of the released code. Over the last 200 of them the rate falls to a
hundredth. After the last one the statistics of batch normalization are gathered anew. The published
trace of the released code has a row after 25 epochs too: --set=train.epochs=25.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    epoch = 390  # steps
    # the first epoch of the 200 that decay has the rate after one of 200 equal factors
    falling = Spec(
        "delayed_exponential_decay",
        initial_learning_rate=2e-4,
        delay_steps=199 * epoch,
        decay_steps=epoch,
        decay_rate=0.01 ** (1 / 200),
        staircase=True,
    )
    adam = Spec("adam", learning_rate=falling, beta_1=0.5, l2=2.5e-5)
    hidden = {"units": (1024, 1024), "initializer": ("normal", 0.02)}
    return schema.Experiment(
        name="bigan_mnist",
        paper="Donahue et al., 2017, arXiv:1605.09782, section 4.1 and table 1; "
        "values of the released code",
        data=schema.Data("mnist", batch_size=128, split="train[:50000]", value_range=(0.0, 1.0)),
        game=Spec(
            "bigan",
            loss=Spec("non_saturating"),
            prior=Spec("uniform", size=50),
            generator=Spec(
                "mlp_generator",
                normalization="plain_batch",
                skip=True,
                output_bias="zeros",
                **hidden,
            ),
            encoder=Spec(
                "mlp_encoder",
                activation="leaky_relu",
                normalization="plain_batch",
                normalize_first=False,
                statistics=1,
                code_range=(-1.0, 1.0),
                **hidden,
            ),
            critic=Spec(
                "joint_critic",
                activation="leaky_relu",
                normalization="plain_batch",
                join=1,
                **hidden,
            ),
        ),
        optimizers={"critic": adam, "generator": adam},
        train=schema.Train(epochs=400, sample_every=25, gather_statistics=1000),
    )
