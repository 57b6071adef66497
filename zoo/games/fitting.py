"""How Keras's `fit` trains a game: data, phases and graphs."""

import keras
import tensorflow as tf

from zoo import replicas
from zoo.games import arguments, datasets, execution, feeding, first_batch, saving

ABORTED = "Collective ops is aborted"
LONGEST = 32  # steps of an execution that is chosen by itself


class Fitted:
    """The part of a game that `fit` calls; the step itself is the game's."""

    _unseen = False  # whether the next batch is the first of a training, which is checked
    _endless = False  # whether the data set of the training has no end
    automatic_steps = False  # whether `fit` chooses `steps_per_execution`

    def fit(
        self,
        x=None,
        y=None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: list[keras.callbacks.Callback] | None = None,
        validation_split: float = 0.0,
        validation_data=None,
        shuffle: bool = True,
        *,
        steps_per_epoch: int | None = None,
        **options,
    ):
        """Trains as `keras.Model.fit` does, once the values of the first batch have been checked.

        They must be finite, in the range of the game's examples, and labels in that of the classes;
        see `input_ranges`. The first batch is that of the training: nothing is read twice. Without
        the check go games with a `train_step` of their own, which may scale the data.

        Args:
            x: Arrays of examples [N, ...], which are shuffled and batched here. Their order is a
                function of `seed` and `step`, so that training that is continued sees the same
                batches. Or batches [turns * B, ...]: a `tf.data.Dataset`, endless or finite, a
                `keras.utils.PyDataset`, which is read by one thread, or a Python generator. If
                their size must be fixed, batches of a PyDataset or a generator that have not the
                size of the first one are left out. What `x` holds is what `inputs` says: a dict, a
                tuple, or one tensor.
            y: The second array of what `inputs` says, such as labels. A game with one input does
                not use it.
            batch_size: B, for arrays; 32 unless given.
            epochs: As in Keras.
            verbose: As in Keras.
            callbacks: Keras's, or the user's own; see `ForPlayer` too.
            validation_split: As in Keras: the fraction of arrays, from their end, that is not
                trained on and is evaluated after each epoch.
            validation_data: As in Keras: what `evaluate` takes, after each epoch. Its logs have
                the prefix `val_`.
            shuffle: Whether arrays are shuffled.
            steps_per_epoch: As in Keras. If `steps_per_execution` is above 1, it is needed and must
                be a multiple of it; "auto" is the largest number up to 32 that divides it.
            **options: Keras's: initial_epoch, validation_steps, validation_batch_size,
                validation_freq.

        Raises:
            ValueError: If the data are not what `inputs` says, the steps do not fit together, a
                value of the first batch is not finite or out of range, or examples are weighted.

        Warns:
            UserWarning: If the range of the examples begins below 0 and no value of the first batch
                does, as of data in [0, 1] for a game of [-1, 1].
        """
        weights = {"class_weight", "sample_weight"}
        if any(options.pop(name, None) is not None for name in weights):
            raise ValueError(
                "A game has no `class_weight` and no `sample_weight`: the losses of its players "
                "are means over examples. Received: one of them"
            )
        x = feeding.joined(x, y)
        if validation_split and validation_data is None:
            x, validation_data = datasets.split(x, self.inputs, validation_split)
        if datasets.is_batches(x):
            fixed = self.turns > 1 or self.accumulate > 1 or self._replicated()
            before = int(self.step.numpy())
            x = datasets.of_batches(
                x, self.inputs, fixed=fixed, begun=lambda: int(self.step.numpy()) > before
            )
        if not isinstance(x, (tf.data.Dataset, tf.distribute.DistributedDataset)):
            x, per_epoch = feeding.of_arrays(
                x,
                self.inputs,
                size=(batch_size or 32) * self.turns,
                seed=self.seed,
                start=self.step.numpy,
                turns=self.turns,
                shuffle=shuffle,
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
        if validation_data is not None:
            size = options.get("validation_batch_size") or batch_size
            options["validation_data"] = self.evaluated_on(validation_data, size)
        if self.automatic_steps:
            self._set_steps(execution.divisor(steps_per_epoch or 1, LONGEST))
        several = self.steps_per_execution
        if several > 1 and (steps_per_epoch is None or steps_per_epoch % several):
            raise ValueError(
                f"`steps_per_epoch` must be a multiple of `steps_per_execution`={several}. "
                f"Received: {steps_per_epoch}"
            )
        options |= {"callbacks": callbacks, "steps_per_epoch": steps_per_epoch}
        options |= {"epochs": epochs, "verbose": verbose, "shuffle": False}
        cardinality = x.cardinality() if isinstance(x, tf.data.Dataset) else x.cardinality
        self._endless = bool(cardinality == tf.data.INFINITE_CARDINALITY)
        self._unseen = self.steps_as_the_engine()
        if self._unseen and isinstance(x, tf.data.Dataset):
            shapes = {
                name: tuple(spec.shape)
                for name, spec in feeding.named(x.element_spec, self.inputs).items()
            }
            feeding.check_size(shapes, self.turns, fixed=self.turns > 1)
        if isinstance(x, tf.data.Dataset):
            x = replicas.divided(x, self.distribute_strategy)
        try:
            return super().fit(x, **options)
        except tf.errors.InternalError as error:
            if ABORTED not in str(error):
                raise
            raise RuntimeError(
                "All strategies of a process must have the same devices, since TensorFlow adds up "
                "over one group of them; or give each "
                "`cross_device_ops=tf.distribute.ReductionToOneDevice()`. Start the process again. "
                f"Received: {str(error).splitlines()[-1]}"
            ) from error

    def _set_steps(self, count: int) -> None:
        """Sets `steps_per_execution`; a graph of another number is not kept."""
        if count != self.steps_per_execution:
            self.steps_per_execution, self.train_function = count, None

    def make_train_function(self, force: bool = False):
        # Keras's own nests a function that merges replicas in a loop, which fails with replicas
        if self.train_function is None or force:
            graphs = execution.function(
                self.train_step,
                self.logs.settled,
                self._in_phase,
                self.phases(),
                lambda: int(self.step.numpy()),
                self.steps_per_execution,
                self.distribute_strategy,
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

    def evaluated_on(self, data, batch_size: int | None):
        """Returns data, as `evaluate` takes them, as a data set of batches."""
        if isinstance(data, (tf.data.Dataset, tf.distribute.DistributedDataset)):
            return data
        if datasets.is_batches(data):
            return datasets.of_batches(data, self.inputs, fixed=self._replicated())
        size, fixed = batch_size or 32, self._replicated()
        return datasets.in_order(data, self.inputs, size=size, fixed=fixed)

    def _replicated(self) -> bool:
        return self.distribute_strategy.num_replicas_in_sync > 1


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
    local = len(parts) // max(1, len(leaves))
    if not all(isinstance(part, tf.TensorSpec) for part in parts):
        return [], iterator  # ragged or sparse, which no game takes
    batches: list = []
    for _ in range(count):
        try:
            flat = tf.nest.flatten(next(iterator), expand_composites=True)
        except (StopIteration, tf.errors.OutOfRangeError):
            break
        batches += [tf.nest.pack_sequence_as(spec, flat[i::local]) for i in range(local)]
    if not batches:
        raise ValueError(
            "Training needs at least one batch. Received: data without one; of fewer examples than "
            "a batch, `drop_remainder=True` leaves none"
        )
    # with the same signature, so that the graph of the step is the same
    again = tf.data.Dataset.from_generator(
        lambda: batches, output_signature=tf.nest.pack_sequence_as(spec, parts[::local])
    )
    if endless:
        again = again.apply(tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY))
    if isinstance(iterator, tf.distribute.DistributedIterator):
        distributed = strategy.distribute_datasets_from_function(lambda _: again)
        return batches[:local], iter(distributed)
    return batches[:local], iter(again)
