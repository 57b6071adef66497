"""Games: who plays, over which networks, for which loss."""

from zoo.games.game import Game, Player
from zoo.games.gan import GAN
from zoo.games.vae import VAE

GAMES = {"gan": GAN, "vae": VAE}

__all__ = ["GAMES", "GAN", "VAE", "Game", "Player"]
