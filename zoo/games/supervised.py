"""A classifier that is trained on labels: its features are where images are compared."""

import keras
import tensorflow as tf

from zoo import categorical
from zoo.games import endings, endpoints, game, hidden, own_networks


class Supervised(game.Game):
    """One player, a classifier, over examples with their labels.

    classifier: mean(-log softmax(classifier(x))[label])

    Logs: `accuracy`, the fraction of the batch whose class gets the largest logit.

    Args:
        classifier: Built network, [B, ...] -> [B, K] logits, with a layer "features".
        value_range: (low, high) of the examples; None for data without bounds.
        schedule: See `Game`.
        seed: See `Game`.

    Raises:
        ValueError: If the network gives no logits of two classes or more, ends in an activation, or
            has no layer "features".

    Reference: that a classifier's last hidden layer is where images are compared, Salimans et al.,
        2016, arXiv:1606.03498, and Heusel et al., 2017, arXiv:1706.08500, both by Inception's.
    """

    inputs = ("x", "label")

    def __init__(
        self,
        *,
        classifier: keras.Model,
        value_range: tuple[float, float] | None,
        schedule: str = "alternating",
        seed: int = 0,
    ):
        super().__init__(schedule=schedule, seed=seed)
        classifier = own_networks.functional("classifier", classifier)
        if len(classifier.output_shape) != 2 or classifier.output_shape[1] < 2:
            raise ValueError(
                "`classifier` must give logits [B, K] of two classes or more. "
                f"Received: {classifier.output_shape}"
            )
        endings.check_linear("classifier", classifier, "since the loss takes logits")
        if hidden.features(classifier) is None:
            raise ValueError(
                "`classifier` must have a layer 'features'. "
                f"Received: {[layer.name for layer in classifier.layers]}"
            )
        self.classifier, self._value_range = classifier, value_range

    def players(self) -> dict[str, game.Player]:
        return {"classifier": game.Player((self.classifier,), self._loss)}

    def endpoints(self) -> dict[str, endpoints.Endpoint]:
        shape = self.classifier.input_shape[1:]
        both = keras.Model(
            self.classifier.input,
            [self.classifier.output, self.classifier.get_layer("features").output],
        )

        def classify(x):
            logits, features = both(x, training=False)
            return {
                "logits": tf.cast(logits, tf.float32),
                "features": tf.cast(features, tf.float32),
            }

        featural = endpoints.featural(self.classifier, shape, self._value_range)
        outputs = {"logits": None, "features": None}
        return {
            "classify": featural["features"]._replace(function=classify, ranges=outputs),
            **featural,
        }

    def input_ranges(self) -> dict[str, tuple[float, float] | None]:
        return super().input_ranges() | {"label": (0, self.classifier.output_shape[1] - 1)}

    def _loss(self, batch, noise):
        labels = batch["label"]
        logits = tf.cast(self.classifier(batch["x"], training=True), tf.float32)
        loss = -tf.reduce_mean(categorical.log_prob(labels, logits))
        right = tf.cast(tf.argmax(logits, axis=1) == labels, tf.float32)
        return loss, {"accuracy": tf.reduce_mean(right)}
