"""Factories of generators, critics and encoders: every one returns a functional `keras.Model` that is built."""

from zoo.networks import dcgan, maxout, mlp, residual

NETWORKS = {
    "dcgan_critic": dcgan.critic,
    "dcgan_generator": dcgan.generator,
    "maxout_critic": maxout.critic,
    "mlp_critic": mlp.critic,
    "mlp_encoder": mlp.encoder,
    "mlp_generator": mlp.generator,
    "residual_critic": residual.critic,
    "residual_generator": residual.generator,
}

__all__ = ["NETWORKS"]
