"""Keras's optimizers and learning-rate schedules by name, and the one that Keras does not have."""

import keras


class SGD(keras.optimizers.SGD):
    """Keras's gradient descent, whose momentum may follow a schedule too.

    v = momentum(t) * v - learning_rate(t) * gradient
    w = w + v

    Args:
        learning_rate: A number or a Keras schedule.
        momentum: A number or a Keras schedule of numbers in [0, 1].
        clipnorm: As in Keras.
        use_ema: As in Keras.
        ema_momentum: As in Keras.
        name: As in Keras.

    Reference: the momentum that rises over training is in the released code of Goodfellow et al., 2014, mnist.yaml.
    """

    def __init__(self, learning_rate=0.01, momentum=0.0, clipnorm=None, use_ema=False, ema_momentum=0.99, name="SGD"):
        scheduled = isinstance(momentum, keras.optimizers.schedules.LearningRateSchedule)
        super().__init__(
            learning_rate=learning_rate,
            momentum=0.5 if scheduled else momentum,  # only says that velocities are needed; the schedule gives the values
            clipnorm=clipnorm,
            use_ema=use_ema,
            ema_momentum=ema_momentum,
            name=name,
        )
        self._momentum_schedule = momentum if scheduled else None

    def update_step(self, gradient, variable, learning_rate):
        if self._momentum_schedule is None:
            super().update_step(gradient, variable, learning_rate)
            return
        velocity = self.momentums[self._get_variable_index(variable)]
        momentum = keras.ops.cast(self._momentum_schedule(self.iterations), variable.dtype)
        rate = keras.ops.cast(learning_rate, variable.dtype)
        self.assign(velocity, momentum * velocity - rate * keras.ops.cast(gradient, variable.dtype))
        self.assign_add(variable, velocity)


OPTIMIZERS = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop, "sgd": SGD}

SCHEDULES = {
    "cosine_decay": keras.optimizers.schedules.CosineDecay,
    "exponential_decay": keras.optimizers.schedules.ExponentialDecay,
    "piecewise_constant": keras.optimizers.schedules.PiecewiseConstantDecay,
    "polynomial_decay": keras.optimizers.schedules.PolynomialDecay,
}
