"""Adversarially learned inference on MNIST: BiGAN's game with an encoder that draws its codes.

The paper has no experiment on MNIST. The values are those for CIFAR-10, with DCGAN's networks and
half of their filters, and with the data and the epochs of the rows that it is compared with in
results/encoders/.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    # The released code's beta2 is 1e-3, by which the library Blocks means 1 - beta_2.
    adam = Spec("adam", learning_rate=1e-4, beta_1=0.5, beta_2=0.999)
    filters = {"width": 32, "initializer": ("normal", 0.01)}
    return schema.Experiment(
        name="ali_mnist",
        paper="Dumoulin et al., 2017, arXiv:1606.00704, section 4 and appendix A, for CIFAR-10",
        data=schema.Data("mnist", batch_size=100, split="train[:50000]"),
        game=Spec(
            "bigan",
            loss=Spec("non_saturating"),
            prior=Spec("normal", size=64),
            generator=Spec("dcgan_generator", **filters),
            encoder=Spec("dcgan_encoder", kernel=5, **filters),
            # as the paper's, dropout and no normalization
            critic=Spec(
                "joint_dcgan_critic",
                normalization="none",
                dropout_input=0.2,
                dropout_hidden=0.5,
                **filters,
            ),
        ),
        optimizers={"critic": adam, "generator": adam},
        train=schema.Train(epochs=25, sample_every=5),
    )
