"""Adversarially learned inference on CIFAR-10: BiGAN's game with an encoder that draws its codes.

The networks are DCGAN's. The paper's are deeper, and its critic has maxout layers.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    # The released code's beta2 is 1e-3, by which the library Blocks means 1 - beta_2.
    adam = Spec("adam", learning_rate=1e-4, beta_1=0.5, beta_2=0.999)
    return schema.Experiment(
        name="ali_cifar10",
        paper="Dumoulin et al., 2017, arXiv:1606.00704, section 4 and appendix A",
        data=schema.Data("cifar10", batch_size=100),
        game=Spec(
            "bigan",
            loss=Spec("non_saturating"),
            prior=Spec("normal", size=64),
            generator=Spec("dcgan_generator", initializer=("normal", 0.01)),
            encoder=Spec("dcgan_encoder", kernel=5, initializer=("normal", 0.01)),
            critic=Spec("joint_dcgan_critic"),
        ),
        optimizers={"critic": adam, "generator": adam},
        train=schema.Train(epochs=6475, sample_every=25),
    )
