"""Keras's callbacks that change learning rates or weights, over the optimizers of the players."""

import keras

from zoo import names
from zoo.games import scaling


class EveryOptimizer:
    """The optimizers of a game in the place where callbacks look for the one of a model.

    `LearningRateScheduler`, `ReduceLROnPlateau`, `SwapEMAWeights` and TensorBoard go through
    `optimizers`, one after the other: each player's rate is scheduled from its own value, and is
    logged as `learning_rate_PLAYER`. `ForPlayer` applies a callback to one player alone.

    Args:
        game: A compiled game.
    """

    built = True

    def __init__(self, game):
        self._game = game

    @property
    def optimizers(self) -> list["NamedOptimizer"]:
        """The optimizers, each under the name of its player, in the order of the players."""
        items = self._game.optimizers.items()
        return [NamedOptimizer(name, scaling.inner(one)) for name, one in items]

    @property
    def iterations(self) -> keras.Variable:
        """Number of steps that have been made."""
        return self._game.step

    @property
    def variables(self) -> list[keras.Variable]:
        """The variables of all optimizers."""
        return [v for one in self._game.optimizers.values() for v in one.variables]


class NamedOptimizer:
    """One player's optimizer, whose name is the player's; all else is the optimizer's own.

    Args:
        player: Name of the player.
        optimizer: Its optimizer.
    """

    def __init__(self, player: str, optimizer):
        self.name, self._optimizer = player, optimizer

    @property
    def learning_rate(self):
        """The present learning rate; setting it sets the optimizer's."""
        return self._optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value):
        self._optimizer.learning_rate = value

    def __getattr__(self, name: str):
        return getattr(self._optimizer, name)


class ForPlayer(keras.callbacks.CallbackList):
    """A Keras callback that acts on the optimizer of one player alone.

    Args:
        player: Name of the player.
        callback: A callback that works on `model.optimizer`.

    Raises:
        ValueError: When training begins, if the game has no such player.

    Example:
        >>> halved = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
        >>> callbacks = [ForPlayer("critic", halved)]
    """

    def __init__(self, player: str, callback: keras.callbacks.Callback):
        self._player = player
        super().__init__([callback])

    def set_model(self, model) -> None:
        """Takes the game that is trained."""
        if model is not None:
            if self._player not in model.optimizers:
                raise ValueError(names.unknown("player", self._player, model.optimizers))
            super().set_model(_OfPlayer(model, self._player))


class _OfPlayer:
    """A game whose optimizer is that of one player."""

    def __init__(self, game, player: str):
        object.__setattr__(self, "_game", game)
        object.__setattr__(self, "optimizer", scaling.inner(game.optimizers[player]))

    def __getattr__(self, name: str):
        return getattr(self._game, name)

    def __setattr__(self, name: str, value) -> None:
        setattr(self._game, name, value)
