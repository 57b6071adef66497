"""Pages of small untrained models, made once; onnxruntime-web where it can be had."""

import importlib.util
import pathlib

import numpy as np
import pytest

import zoo
from export.web import onnxruntime_web, pages

ROOT = pathlib.Path(__file__).parents[3]


def _by_path(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


browser = _by_path("browser")


def conditional_gan():
    """A GAN of grey pictures of 6 x 5 pixels with three classes, from latents in a box."""
    return zoo.games.GAN(
        generator=zoo.networks.mlp_generator(latent=4, shape=(6, 5, 1), units=(8,), classes=3),
        critic=zoo.networks.mlp_critic(shape=(6, 5, 1), units=(8,), classes=3),
        loss=zoo.losses.hinge(),
        prior=zoo.priors.uniform(4, -2.0, 1.0),
    )
