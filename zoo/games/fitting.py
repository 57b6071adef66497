"""How Keras's `fit` trains a game: data, phases and graphs."""

import contextlib

import keras
import tensorflow as tf

from zoo.games import arguments, execution, feeding, first_batch, saving


class Fitted:
    """The part of a game that `fit` calls; the step itself is the game's."""

    _unseen = False  # whether the next batch is the first of a training, which is checked
    _endless = False  # whether the data set of the training has no end

    def fit(
        self,
        x=None,
        *,
        batch_size: int | None = None,
        steps_per_epoch: int | None = None,
        callbacks: list[keras.callbacks.Callback] | None = None,
        **options,
    ):
        """Trains as `keras.Model.fit` does, once the values of the first batch have been checked.

        They must be finite, in the range of the game's examples, and labels in that of the classes;
        see `input_ranges`. The first batch is that of the training: nothing is read twice. Without
        the check go games with a `train_step` of their own, which may scale the data.

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
            ValueError: If the data are not what `inputs` says, the steps do not fit together, or a
                value of the first batch is not finite or out of range.

        Warns:
            UserWarning: If the range of the examples begins below 0 and no value of the first batch
                does, as of data in [0, 1] for a game of [-1, 1].
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
        cardinality = x.cardinality() if isinstance(x, tf.data.Dataset) else x.cardinality
        self._endless = bool(cardinality == tf.data.INFINITE_CARDINALITY)
        self._unseen = self.steps_as_the_engine()
        return super().fit(x, shuffle=False, **options)

    def make_train_function(self, force: bool = False):
        # Keras's own nests a function that merges replicas in a loop, which fails with replicas
        if self.train_function is None or force:
            graphs = execution.function(
                self.train_step,
                self._in_phase,
                self.phases(),
                lambda: int(self.step.numpy()),
                self.steps_per_execution,
                self.distribute_strategy,
                jit_compile=self.jit_compile and self.distribute_strategy.num_replicas_in_sync == 1,
                run_eagerly=self.run_eagerly,
            )
            self.train_function = lambda iterator: graphs(self._checked(iterator))
        return self.train_function

    def input_ranges(self) -> dict[str, tuple[float, float] | None]:
        """Returns the range of values of each input, (low, high), or None where any value will do.

        They are those of the endpoints; of examples `x` that no endpoint takes, that of the
        examples which the game makes. A game without endpoints has none.
        """
        try:
            offered = self._calls.endpoints(self).values()
        except NotImplementedError:
            return {}
        made = [
            endpoint.ranges[name]
            for endpoint in offered
            for name in arguments.EXAMPLES
            if name in endpoint.ranges
        ]
        ranges = {"x": made[0]} if made else {}
        for endpoint in offered:
            ranges |= endpoint.input_ranges
        return {name: ranges[name] for name in self.inputs if name in ranges}

    def _checked(self, iterator):
        """Returns an iterator for a call of the graph; of the first, after a look at its batch."""
        if not self._unseen:
            return iterator
        self._unseen = False
        strategy, count = self.distribute_strategy, self.steps_per_execution
        parts, iterator = _taken(iterator, count, strategy, endless=self._endless)
        first_batch.check(parts, self.inputs, self.input_ranges())
        return iterator

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


def _taken(iterator, count: int, strategy: tf.distribute.Strategy, *, endless: bool):
    """Takes batches from an iterator, and returns them with an iterator that yields them again.

    Nothing is read twice, so neither the data set nor its order notices.

    Args:
        iterator: Iterator of `fit`, over a `tf.data.Dataset` or a distributed one.
        count: Number of batches to take; fewer if the data end before.
        strategy: Strategy of the replicas.
        endless: Whether the data set has no end.

    Returns:
        The first batch, as a list of what each replica of this machine gets, empty if there is
        none; and the iterator to be used in the place of the first `count` batches.
    """
    spec = iterator.element_spec
    leaves = tf.nest.flatten(spec)
    parts = tf.nest.flatten(spec, expand_composites=True)  # of each leaf, one for every replica
    replicas = len(parts) // max(1, len(leaves))
    if not all(isinstance(part, tf.TensorSpec) for part in parts):
        return [], iterator  # ragged or sparse, which no game takes
    batches: list = []
    for _ in range(count):
        try:
            flat = tf.nest.flatten(next(iterator), expand_composites=True)
        except (StopIteration, tf.errors.OutOfRangeError):
            break
        batches += [tf.nest.pack_sequence_as(spec, flat[i::replicas]) for i in range(replicas)]
    # with the same signature, so that the graph of the step is the same
    again = tf.data.Dataset.from_generator(
        lambda: batches, output_signature=tf.nest.pack_sequence_as(spec, parts[::replicas])
    )
    if endless:
        again = again.apply(tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY))
    if isinstance(iterator, tf.distribute.DistributedIterator):
        distributed = strategy.distribute_datasets_from_function(lambda _: again)
        return batches[:replicas], iter(distributed)
    return batches[:replicas], iter(again)
