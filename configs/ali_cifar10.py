"""Adversarially learned inference on CIFAR-10: BiGAN's game with an encoder that draws."""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    # the released code's beta2 of 1e-3 is Blocks' 1 - beta2
    adam = Spec("adam", learning_rate=1e-4, beta_1=0.5, beta_2=0.999)
    return schema.Experiment(
        name="ali_cifar10",
        paper="Dumoulin et al., 2017, arXiv:1606.00704, section 4 and appendix A",
        data=schema.Data("cifar10", batch_size=100),
        game=Spec(
            "bigan",
            loss=Spec("non_saturating"),
            prior=Spec("normal", size=64),
            # DCGAN's networks in the place of the paper's, which are deeper, with maxout in the critic
            generator=Spec("dcgan_generator", initializer=("normal", 0.01)),
            encoder=Spec("dcgan_encoder", kernel=5, initializer=("normal", 0.01)),
            critic=Spec("joint_dcgan_critic"),
        ),
        optimizers={"critic": adam, "generator": adam},
        train=schema.Train(epochs=6475, sample_every=25),
    )
