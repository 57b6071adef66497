"""Constraints on a network's weights.

Each is a function from a built network to the network that the game calls in its place.
"""

from collections.abc import Callable

import keras
import tensorflow as tf

Constraint = Callable[[keras.Model], keras.Model]


class _Clip(keras.constraints.Constraint):
    def __init__(self, limit: float):
        self.limit = limit

    def __call__(self, variable):
        return tf.clip_by_value(variable, -self.limit, self.limit)

    def get_config(self):
        return {"limit": self.limit}


def weight_clip(limit: float = 0.01) -> Constraint:
    """Clips every trainable variable to [-limit, limit] after each update of it.

    Args:
        limit: The paper's c, above 0. The critic is then K-Lipschitz for some K that depends on its
            layers, so the loss estimates K times the Wasserstein distance.

    Returns:
        A function that sets the constraint on the network's variables, for the optimizer to apply,
        and returns the network.

    Raises:
        ValueError: If `limit <= 0`.

    Reference: Arjovsky et al., 2017, Algorithm 1, line 7. arXiv:1701.07875
    """
    if limit <= 0:
        raise ValueError(f"`limit` must be above 0. Received: {limit}")

    def constrain(network: keras.Model) -> keras.Model:
        for variable in network.trainable_variables:
            variable.constraint = _Clip(limit)
        return network

    return constrain


class SpectralNormalization(keras.Model):
    """A network that is called with every kernel divided by its largest singular value.

    The singular value comes from a power iteration whose vectors are state: it advances when the
    network is called with `training=True`, and the gradient flows through the division.

    Args:
        network: A built network; kernels are its trainable variables of two axes or more, seen as
            matrices with the last axis as columns.
        iterations: Power iterations a call, at least 1.

    Reference: Miyato et al., 2018, equations 8 and 9 and Algorithm 1. arXiv:1802.05957
    """

    def __init__(self, network: keras.Model, iterations: int = 1):
        super().__init__(name=network.name)
        if iterations < 1:
            raise ValueError(f"`iterations` must be at least 1. Received: {iterations}")
        self.network = network
        self._iterations = iterations
        self._right = {
            i: self.add_weight(
                name=f"right_{i}",
                shape=(v.shape[-1],),
                initializer="random_normal",
                trainable=False,
            )
            for i, v in enumerate(network.trainable_variables)
            if len(v.shape) > 1
        }
        self.built = True

    def call(self, x, training=False):
        weights = self._weights(training)
        state = self.network.non_trainable_variables
        logits, new_state = self.network.stateless_call(
            weights, [v.value for v in state], x, training=training
        )
        if training:
            for variable, value in zip(state, new_state, strict=True):
                variable.assign(value)
        return logits

    def hidden(self, name: str) -> Callable[[tf.Tensor], tf.Tensor]:
        """Returns the function from examples to the output of the network's layer of that name.

        It computes what the layer gives outside training.
        """
        part = keras.Model(self.network.inputs, self.network.get_layer(name).output)

        def function(x):
            by_variable = dict(zip(map(id, self.network.trainable_variables), self._weights(False)))
            state = [v.value for v in part.non_trainable_variables]
            return part.stateless_call(
                [by_variable[id(v)] for v in part.trainable_variables], state, x, training=False
            )[0]

        return function

    def _weights(self, training: bool) -> list[tf.Tensor]:
        """The trainable weights, kernels divided; in training the power iteration advances."""
        weights = [v.value for v in self.network.trainable_variables]
        for i, vector in self._right.items():
            matrix = tf.reshape(weights[i], [-1, weights[i].shape[-1]])
            left, right = self._singular_vectors(
                tf.stop_gradient(matrix), tf.convert_to_tensor(vector.value), training
            )
            if training:
                vector.assign(right)
            weights[i] = weights[i] / tf.einsum("i,ij,j->", left, matrix, right)
        return weights

    def _singular_vectors(self, matrix, right, training):
        left = tf.math.l2_normalize(tf.linalg.matvec(matrix, right))
        if training:
            for _ in range(self._iterations):
                right = tf.math.l2_normalize(tf.linalg.matvec(matrix, left, transpose_a=True))
                left = tf.math.l2_normalize(tf.linalg.matvec(matrix, right))
        return left, tf.math.l2_normalize(right)


def spectral_normalization(iterations: int = 1) -> Constraint:
    """Divides every kernel by its largest singular value; see `SpectralNormalization`.

    Args:
        iterations: Power iterations a call, at least 1; 1 in the paper.

    Returns:
        A function from a built network to its `SpectralNormalization`.

    Raises:
        ValueError: If `iterations < 1`, when the function is called.

    Reference: Miyato et al., 2018, Algorithm 1. arXiv:1802.05957
    """
    return lambda network: SpectralNormalization(network, iterations)


CONSTRAINTS = {"spectral_normalization": spectral_normalization, "weight_clip": weight_clip}
