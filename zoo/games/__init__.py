"""Games: who plays, over which networks, for which loss."""

import keras

from zoo.games.age import AGE
from zoo.games.avb import AVB
from zoo.games.bigan import BiGAN
from zoo.games.cycle_gan import CycleGAN
from zoo.games.game import Game, Player
from zoo.games.gan import GAN
from zoo.games.scheduling import ForPlayer
from zoo.games.supervised import Supervised
from zoo.games.tan import TAN
from zoo.games.vae import VAE

GAMES = {
    "age": AGE,
    "avb": AVB,
    "bigan": BiGAN,
    "cycle_gan": CycleGAN,
    "gan": GAN,
    "supervised": Supervised,
    "tan": TAN,
    "vae": VAE,
}

# under these names `.keras` files have them
for _game in GAMES.values():
    keras.saving.register_keras_serializable("zoo")(_game)

__all__ = [
    "AGE",
    "AVB",
    "GAMES",
    "BiGAN",
    "CycleGAN",
    "ForPlayer",
    "GAN",
    "TAN",
    "VAE",
    "Game",
    "Player",
    "Supervised",
]
