"""Copies of a game, in memory, in a pickle and in a `.keras` file: it is made again by its class.

Networks and optimizers are copied by Keras. Parts of the game, such as its loss, are functions: a
copy in memory has the same ones, a pickle needs such as pickle takes, and a file needs their names.
"""

import copy
import inspect
import pickle

import keras

PLAIN = (str, int, float, bool, type(None))


class _Made:
    """What a game was made with. It is no list or dict, into which Keras's saving would look."""

    def __init__(self, named: dict):
        self.named = named


class Copied:
    """The part of a game that makes it again."""

    def __new__(cls, *positional, **named):
        made = super().__new__(cls, *positional, **named)
        bound = inspect.signature(cls.__init__).bind(made, *positional, **named)
        others = {key for key, p in bound.signature.parameters.items() if p.kind is p.VAR_KEYWORD}
        _, *given = bound.arguments.items()  # the game itself is the first one
        given = {key: value for key, value in given if key not in others} | bound.kwargs
        object.__setattr__(made, "made_with", _Made(given))
        return made

    def __copy__(self):
        return self.__deepcopy__({})

    def __deepcopy__(self, memo):
        """Returns a game of its own, with copies of the networks and the same parts."""
        named = {
            key: copy.deepcopy(value, memo) if isinstance(value, keras.Layer) else value
            for key, value in self.made_with.named.items()
        }
        return _again(type(self), named, self._settings(), self.get_weights())

    def __reduce__(self):
        for key, value in self.made_with.named.items():
            try:
                pickle.dumps(value)
            except (pickle.PicklingError, AttributeError, TypeError) as error:
                raise pickle.PicklingError(
                    "A game is pickled with parts that pickle takes, such as names: loss='hinge', "
                    f"prior=16. Received: `{key}`, of which pickle says: {error}"
                ) from error
        return _again, (type(self), self.made_with.named, self._settings(), self.get_weights())

    def get_config(self) -> dict:
        """Returns what the game was made with, for a `.keras` file.

        Raises:
            NotImplementedError: If that is more than networks, numbers and names.
        """
        for key, value in self.made_with.named.items():
            items = value if isinstance(value, (tuple, list)) else [value]
            if not all(isinstance(item, (*PLAIN, keras.Layer)) for item in items):
                raise NotImplementedError(
                    f"A game is saved as a whole if its parts are names, and `{key}` is none: give "
                    "it by its name, as in loss='hinge' and prior=16. Or: Use "
                    "`save_weights('NAME.weights.h5')`, with which a game that the same code has "
                    "built continues exactly (in ModelCheckpoint: save_weights_only=True), or "
                    "`zoo.export`."
                )
        return {
            key: keras.saving.serialize_keras_object(value)
            for key, value in self.made_with.named.items()
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """Returns the game that `get_config` describes."""
        deserialize = keras.saving.deserialize_keras_object
        named = {key: deserialize(value, custom_objects) for key, value in config.items()}
        return cls(**named)

    def get_compile_config(self) -> dict:
        """Returns the optimizers and the settings of `compile`, for a `.keras` file."""
        if not self.compiled:
            return {}
        serialize = keras.saving.serialize_keras_object
        optimizers = {name: serialize(one) for name, one in self.optimizers.items()}
        return {**self._settings()[1], "optimizer": optimizers}

    def compile_from_config(self, config: dict) -> None:
        """Compiles the game as `get_compile_config` says."""
        deserialize = keras.saving.deserialize_keras_object
        optimizers = {name: deserialize(one) for name, one in config["optimizer"].items()}
        self.compile(**{**config, "optimizer": optimizers})

    def _settings(self) -> tuple | None:
        """Returns the class and config of each optimizer, and the settings; None if there are none.

        Classes rather than Keras's names of them, so that they need not be registered.
        """
        if not self.compiled:
            return None
        optimizers = {n: (type(one), one.get_config()) for n, one in self.optimizers.items()}
        return optimizers, {
            "steps_per_execution": "auto" if self.automatic_steps else self.steps_per_execution,
            "jit_compile": self.jit_compile,
            "run_eagerly": self.run_eagerly,
            "accumulate": self.accumulate,
        }


def _again(kind: type, named: dict, settings: tuple | None, weights: list):
    """Returns a game that is made, compiled and trained like another one."""
    game = kind(**named)
    if settings is not None:
        optimizers, options = settings
        game.compile({n: kind.from_config(c) for n, (kind, c) in optimizers.items()}, **options)
    game.set_weights(weights)
    return game
