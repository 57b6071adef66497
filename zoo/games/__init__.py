"""Games: who plays, over which networks, for which loss."""

from zoo.games.game import Game, Player
from zoo.games.gan import GAN

GAMES = {"gan": GAN}

__all__ = ["GAMES", "GAN", "Game", "Player"]
