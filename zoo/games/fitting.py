"""How Keras's `fit` trains a game: data, phases and graphs."""

import contextlib

import keras
import tensorflow as tf

from zoo.games import execution, feeding, saving


class Fitted:
    """The part of a game that `fit` calls; the step itself is the game's."""

    def fit(
        self,
        x=None,
        *,
        batch_size: int | None = None,
        steps_per_epoch: int | None = None,
        callbacks: list[keras.callbacks.Callback] | None = None,
        **options,
    ):
        """Trains as `keras.Model.fit` does.

        Args:
            x: A `tf.data.Dataset` of batches [turns * B, ...], endless or finite; or arrays of
                examples [N, ...], which are shuffled and batched here. Their order is a function of
                `seed` and `step`, so that training that is continued sees the same batches. Either
                is what `inputs` says: a dict, a tuple, or one tensor.
            batch_size: B, for arrays; 32 unless given.
            steps_per_epoch: As in Keras. If `steps_per_execution` is above 1, it is needed and must
                be a multiple of it.
            callbacks: Keras's, or the user's own.
            **options: Keras's: epochs, initial_epoch, verbose.

        Raises:
            ValueError: If the data are not what `inputs` says, or the steps do not fit together.
        """
        if not isinstance(x, (tf.data.Dataset, tf.distribute.DistributedDataset)):
            x, per_epoch = feeding.of_arrays(
                x,
                self.inputs,
                size=(batch_size or 32) * self.turns,
                seed=self.seed,
                start=self.step.numpy,
            )
            steps_per_epoch = steps_per_epoch or per_epoch
        elif saving.backed_up(callbacks):
            first = int(self.step.numpy())
            x, steps_per_epoch = saving.resumable(
                x, steps_per_epoch, lambda: self.step.numpy() - first
            )
        if saving.backed_up(callbacks):
            backup = saving.Backup(int(self.step.numpy()), steps_per_epoch)
            callbacks = [*keras.tree.flatten(callbacks), backup]
        several = self.steps_per_execution
        if several > 1 and (steps_per_epoch is None or steps_per_epoch % several):
            raise ValueError(
                f"`steps_per_epoch` must be a multiple of `steps_per_execution`={several}. "
                f"Received: {steps_per_epoch}"
            )
        options |= {"callbacks": callbacks, "steps_per_epoch": steps_per_epoch}
        return super().fit(x, shuffle=False, **options)

    def make_train_function(self, force: bool = False):
        # Keras's own nests a function that merges replicas in a loop, which fails with replicas
        if self.train_function is None or force:
            self.train_function = execution.function(
                self.train_step,
                self._in_phase,
                self.phases(),
                lambda: int(self.step.numpy()),
                self.steps_per_execution,
                self.distribute_strategy,
                jit_compile=self.jit_compile and self.distribute_strategy.num_replicas_in_sync == 1,
                run_eagerly=self.run_eagerly,
            )
        return self.train_function

    def check_phases(self) -> None:
        """Raises ValueError if no phase begins at step 0, or a phase has a player of its own."""
        phases, players = self.phases(), self.players()
        strangers = {name for moving in phases.values() for name in moving} - set(players)
        if 0 not in phases or strangers:
            raise ValueError(
                f"`phases` must begin at step 0 and name only players of {sorted(players)}. "
                f"Received: first steps {sorted(phases)}, other players {sorted(strangers)}"
            )

    @contextlib.contextmanager
    def _in_phase(self, first: int):
        """Makes `train_step` that of the phase which begins at step `first`."""
        before, self._phase = self._phase, first
        try:
            yield
        finally:
            self._phase = before

    def moving(self) -> dict:
        """Returns the players of the phase in which a step is being made."""
        phases = self.phases()
        if self._phase is None and len(phases) > 1:  # called by the user, not by `fit`
            if not tf.executing_eagerly():
                raise ValueError(
                    "The players change during training, and a graph of `train_step` has one set "
                    f"of players: use `fit`. Received: phases from the steps {sorted(phases)}"
                )
            step = int(tf.convert_to_tensor(self.step.value))
            return phases[max(first for first in phases if first <= step)]
        return phases[self._phase or 0]
