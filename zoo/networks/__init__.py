"""Factories of generators, critics and encoders; each returns a built functional `keras.Model`."""

from zoo.networks import (
    classifier,
    dcgan,
    implicit,
    joint,
    lens,
    maxout,
    mlp,
    residual,
    translation,
)

NETWORKS = {
    "basis_encoder": implicit.bases,
    "bilinear_critic": joint.bilinear,
    "convolutional_classifier": classifier.convolutional,
    "dcgan_critic": dcgan.critic,
    "dcgan_encoder": dcgan.encoder,
    "dcgan_generator": dcgan.generator,
    "implicit_encoder": implicit.encoder,
    "joint_critic": joint.critic,
    "joint_dcgan_critic": joint.convolutional,
    "maxout_critic": maxout.critic,
    "mlp_critic": mlp.critic,
    "mlp_encoder": mlp.encoder,
    "mlp_generator": mlp.generator,
    "mlp_lens": lens.mlp,
    "patch_critic": translation.patch_critic,
    "residual_critic": residual.critic,
    "residual_generator": residual.generator,
    "residual_lens": lens.residual,
    "residual_translator": translation.translator,
}

__all__ = ["NETWORKS"]
