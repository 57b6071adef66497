"""Keras's ways of saving, made exact for a game, or refused with what to use instead."""

import contextlib
import hashlib

import keras
import numpy as np
import tensorflow as tf

from zoo.games import copying, scaling

DIGEST = "digest"
SUFFIX = ".weights.h5"


class Saved(copying.Copied):
    """What Keras's saving asks of a model, for a model with several optimizers.

    `save_weights` and `load_weights`, and so `keras.callbacks.ModelCheckpoint(...,
    save_weights_only=True)` and `BackupAndRestore`, hold the weights, every player's optimizer and
    the step. So do `get_weights` and `set_weights`, with which `EarlyStopping` keeps the best, and
    `tf.train.Checkpoint(model=game)`. Training that is continued from any of them is the
    uninterrupted training, bit for bit on one machine.
    """

    def state(self) -> list[keras.Variable]:
        """Returns all variables that a continued run needs, in a fixed order, each once."""
        variables = [*self.variables, *self.metrics_variables]
        for name in self.players():
            variables += getattr(self, f"{name}_optimizer").variables
        return list({id(v): v for v in variables}.values())

    @contextlib.contextmanager
    def averaged_weights(self):
        """Replaces weights by their moving averages (`use_ema=True`) while the context lasts.

        The context's value says whether there are averages.
        """
        averaged = []
        for name, player in self.players().items():
            optimizer = scaling.inner(getattr(self, f"{name}_optimizer", None))
            # before the first move the average is 0
            if optimizer is not None and optimizer.use_ema and int(optimizer.iterations.numpy()):
                averaged.append((optimizer, player.trainable_variables))
        weights = [weight for _, weights in averaged for weight in weights]
        before = [weight.numpy() for weight in weights]
        try:
            for optimizer, own in averaged:
                optimizer.finalize_variable_values(own)
            yield bool(averaged)
        finally:
            for weight, value in zip(weights, before):
                weight.assign(value)

    def save(self, filepath, overwrite: bool = True, **options) -> None:
        """Writes the whole game to a `.keras` file, if its parts are names; see `get_config`."""
        self.get_config()  # refuses before anything is written
        super().save(filepath, overwrite=overwrite, **options)

    def save_weights(self, filepath, overwrite: bool = True) -> None:
        """Writes the weights, the optimizers and the step, whole or not at all.

        Args:
            filepath: A file that ends in `.weights.h5`.
            overwrite: Whether a file that is there may be replaced without a question.

        Raises:
            ValueError: If the game is not compiled, or the name ends otherwise.
        """
        self._need_optimizers("save_weights")
        path = str(filepath)
        if path.endswith(SUFFIX) and (overwrite or not tf.io.gfile.exists(path)):
            partial = f"{path.removesuffix(SUFFIX)}.partial{SUFFIX}"
            super().save_weights(partial)
            tf.io.gfile.rename(partial, path, overwrite=True)
        else:  # Keras asks, or refuses the name
            super().save_weights(path, overwrite=overwrite)

    def load_weights(self, filepath) -> None:
        """Reads what `save_weights` wrote, into a game with the same networks and optimizers.

        Raises:
            ValueError: If the game is not compiled, or the file is of another one; the game then
                stays as it was.
        """
        self._need_optimizers("load_weights")
        before, self._digest = self.get_weights(), None
        try:
            super().load_weights(filepath)
            if self._digest != self._state_digest():
                raise ValueError("What was read is not what was saved.")
        except (ValueError, KeyError) as error:
            self.set_weights(before)
            raise ValueError(
                "`load_weights` needs a file that `save_weights` wrote of a game with the same "
                f"networks and the same optimizers. Received: {filepath}: {error}"
            ) from error

    def get_weights(self) -> list[np.ndarray]:
        """Returns the weights with the step, and a compiled game's optimizers."""
        return [variable.numpy() for variable in self._lasting()]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Takes what `get_weights` gave.

        Raises:
            ValueError: If the number or the shapes of the arrays differ.
        """
        variables = self._lasting()
        needed = [tuple(variable.shape) for variable in variables]
        if needed != [tuple(np.shape(value)) for value in weights]:
            raise ValueError(
                f"`set_weights` needs the {len(needed)} arrays that `get_weights` gives of the "
                f"same game, with the same optimizers. Received: {len(weights)} arrays"
            )
        for variable, value in zip(variables, weights):
            variable.assign(value)

    def save_own_variables(self, store) -> None:
        super().save_own_variables(store)
        store[DIGEST] = np.frombuffer(self._state_digest(), np.uint8)

    def load_own_variables(self, store) -> None:
        self._digest = np.asarray(store[DIGEST]).tobytes()
        super().load_own_variables({key: store[key] for key in store.keys() if key != DIGEST})

    def _lasting(self) -> list[keras.Variable]:
        """Returns the state without the sums of the epoch's logs, which every epoch resets."""
        sums = {id(variable) for variable in self.metrics_variables}
        state = self.state() if self.compiled else self.variables
        return [variable for variable in state if id(variable) not in sums]

    def _state_digest(self) -> bytes:
        digest = hashlib.sha256()
        for value in self.get_weights():
            digest.update(f"{value.dtype} {value.shape}".encode() + value.tobytes())
        return digest.digest()

    def _need_optimizers(self, call: str) -> None:
        if not self.compiled:
            raise ValueError(
                f"`{call}` needs a compiled game, since the file holds the optimizers too. "
                "Received: a game without `compile`"
            )


class Backup(keras.callbacks.Callback):
    """Lets `keras.callbacks.BackupAndRestore` go on inside an epoch, where Keras repeats its start.

    The steps of the epoch that a backup already holds are passed over: they train nothing and read
    no batch. It stands last among the callbacks.

    Args:
        first: Number of steps that the game had made when `fit` was called.
        steps_per_epoch: Number of steps of an epoch.
    """

    def __init__(self, first: int, steps_per_epoch: int):
        super().__init__()
        self._first, self._steps, self._begun = first, steps_per_epoch, False

    def on_epoch_begin(self, epoch, logs=None):
        if self._begun:
            return
        self._begun = True
        done = int(self.model.step.numpy()) - self._first
        if not done:
            return  # nothing was restored
        inside = done - epoch * self._steps
        if not 0 <= inside <= self._steps:
            raise ValueError(
                "A backup is continued with the same data, batch size and steps per epoch. "
                f"Received: {done} steps by the start of epoch {epoch + 1}, {self._steps} an epoch"
            )
        model, train = self.model, self.model.train_function

        def passed_over(iterator):
            nonlocal inside
            if inside <= 0:
                model.train_function = train
                return train(iterator)
            inside -= model.steps_per_execution
            return {}

        model.train_function = passed_over


def backed_up(callbacks) -> bool:
    """Returns whether `keras.callbacks.BackupAndRestore` is among the callbacks of `fit`."""
    listed = getattr(callbacks, "callbacks", None) or keras.tree.flatten(callbacks)
    return any(isinstance(one, keras.callbacks.BackupAndRestore) for one in listed)


def resumable(
    data: tf.data.Dataset, steps_per_epoch: int | None, done
) -> tuple[tf.data.Dataset, int]:
    """Returns a data set that begins behind the steps that a backup holds, and the steps per epoch.

    Args:
        data: The user's batches; an epoch's end in them begins them again.
        steps_per_epoch: As in `fit`.
        done: Returns how many steps are done when training begins.

    Raises:
        ValueError: If the length of an epoch is not known.
    """
    if not isinstance(data, tf.data.Dataset) or steps_per_epoch is None and data.cardinality() < 0:
        raise ValueError(
            "`BackupAndRestore` needs arrays, or a tf.data.Dataset whose length is known: give "
            "`steps_per_epoch`, or use tf.data.experimental.assert_cardinality. Received: "
            f"{type(data).__name__} without"
        )
    steps_per_epoch = steps_per_epoch or int(data.cardinality())

    def behind(_):
        count = tf.numpy_function(lambda: np.int64(done()), [], tf.int64, stateful=True)
        return data.repeat().skip(tf.ensure_shape(count, []))

    endless = tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)
    return tf.data.Dataset.from_tensors(0).flat_map(behind).apply(endless), steps_per_epoch
