"""Keras's `model(inputs)`, `predict` and `evaluate`, of a game."""

import keras
import tensorflow as tf

from zoo import replicas
from zoo.games import execution, feeding

MOVE = 255  # of the draws in an evaluation, which no move of a training has


class Evaluated:
    """The part of a game that answers Keras's calls of a model."""

    def call(self, inputs):
        """Returns what the first endpoint of the game makes of its inputs, as a tensor.

        Of every game with latents this is `generate`: `game(z)` are generated examples, for an
        autoencoder too, whose examples go through `encode` and `reconstruct`. Of CycleGAN it is
        `a_to_b`, of a classifier `classify`. It has gradients, and takes the weights as they are,
        where `generate`, `sample` and `predict` take averaged ones if an optimizer keeps them.

        Args:
            inputs: Inputs of the endpoint: a dict by name, a tuple or a list in their order, or
                one tensor. A conditional game needs `[z, label]`.

        Returns:
            The first output of the endpoint.

        Raises:
            ValueError: If the inputs are not those of the endpoint.
        """
        name, endpoint = next(iter(self._calls.endpoints(self).items()))
        specs = endpoint.inputs
        inputs = tuple(inputs) if isinstance(inputs, list) else inputs
        given = feeding.named(inputs, tuple(specs))
        shapes = {key: tuple(value.shape) for key, value in given.items()}
        if not all(specs[key].shape.is_compatible_with(shape) for key, shape in shapes.items()):
            needed = {key: tuple(spec.shape) for key, spec in specs.items()}
            raise ValueError(
                f"A call of this game is {name!r}, which needs {needed}; its other calls are "
                f"{', '.join(other for other in self.offered() if other != name)}. "
                f"Received: {shapes}"
            )
        values = {key: tf.cast(value, specs[key].dtype) for key, value in given.items()}
        return next(iter(endpoint.function(**values).values()))

    def predict(self, x, batch_size=None, verbose="auto", steps=None, callbacks=None):
        """Returns `game(x)` as an array, in batches as in Keras, with averaged weights if any."""
        self._calls.endpoints(self)  # outside of the graph that Keras makes
        with self.averaged_weights():
            return super().predict(
                x, batch_size=batch_size, verbose=verbose, steps=steps, callbacks=callbacks
            )

    def evaluate(self, x=None, y=None, batch_size=None, verbose="auto", **options):
        """Returns the means of the players' losses and logs over data, without training.

        Losses are those of the present phase, as in training, with draws of their own. No weight
        and no statistic changes. A player sees every example of a batch.

        Args:
            x: As in `fit`.
            y: As in `fit`.
            batch_size: Number of examples in a batch of arrays; 32 unless given.
            verbose: As in Keras.
            **options: Keras's: steps, callbacks, return_dict.

        Returns:
            As Keras: the values in the order of their names, or with `return_dict=True` a dict.

        Raises:
            ValueError: If the data are not what `inputs` says.
        """
        x = self.evaluated_on(feeding.joined(x, y), batch_size)
        return super().evaluate(x, verbose=verbose, **options)

    def test_step(self, data) -> dict[str, tf.Tensor]:
        """Computes the losses of the players of this phase on a batch, and moves none of them.

        Args:
            data: A batch, as a data set yields it; see `inputs`.

        Returns:
            The means of the logs over the examples since the evaluation began, by name.
        """
        batch = feeding.batch(data, self.inputs, 1, fixed=replicas.count() > 1)
        # of examples so far on all replicas, which differs from batch to batch
        number, values = tf.cast(self.logs.weight(), tf.int64) * replicas.count(), {}
        for name, player in self.moving().items():
            draws = self.draws(name, batch, number, MOVE)
            with keras.StatelessScope(), draws.current():
                loss, logged = player.loss(batch, draws)
            values |= {f"{name}_loss": loss} | logged
        self.logs.update_state(values, weight=tf.shape(next(iter(batch.values())))[0])
        return self.logs.result()

    def make_test_function(self, force: bool = False):
        # Keras's own nests a function that merges replicas in a loop, which fails with replicas
        if self.test_function is None or force:
            one = execution.function(
                self.test_step,
                self.logs.settled,
                self._in_phase,
                self.phases(),
                lambda: int(self.step.numpy()),
                1,
                self.distribute_strategy,
                run_eagerly=self.run_eagerly,
            )

            def several(iterator):
                logs = one(iterator)
                for _ in range(self.steps_per_execution - 1):
                    try:
                        logs = one(iterator)
                    except (StopIteration, tf.errors.OutOfRangeError):
                        break  # the data need not be a multiple
                return logs

            self.test_function = several
        return self.test_function
