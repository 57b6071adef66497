"""Keras's optimizers and learning-rate schedules by name, with what Keras's own do not have."""

from collections.abc import Sequence

import keras


@keras.saving.register_keras_serializable(package="zoo")
class Adam(keras.optimizers.Adam):
    """Adam with the epsilon of the papers' codes, and a penalty l2 / 2 * |w|**2 if it is wanted.

    The released codes ran on TensorFlow 1, Theano and PyTorch, whose epsilon is 1e-8. Keras's own
    is 1e-7.

    The penalty is on every trainable variable. Moments and step are those of gradient + l2 * w, as
    in the first codes of adversarial networks. Keras's `weight_decay` shrinks weights apart from
    the step, and has no effect at such small values.

    Args:
        learning_rate: A number or a Keras schedule.
        beta_1: As in Keras.
        beta_2: As in Keras.
        epsilon: What is added to the root of the second moment.
        amsgrad: As in Keras.
        weight_decay: As in Keras.
        clipnorm: As in Keras; the norm is that of the gradient without the penalty's.
        clipvalue: As `clipnorm`.
        global_clipnorm: As `clipnorm`.
        use_ema: As in Keras.
        ema_momentum: As in Keras.
        l2: Weight of the penalty, at least 0.
        name: As in Keras.
        **others: As in Keras.

    Raises:
        ValueError: If `l2` is negative.

    Reference: the released codes of Radford et al., 2016 (Newmu/dcgan_code) and Donahue et al.,
        2017 (jeffdonahue/bigan).
    """

    def __init__(
        self,
        learning_rate=0.001,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
        amsgrad=False,
        weight_decay=None,
        clipnorm=None,
        clipvalue=None,
        global_clipnorm=None,
        use_ema=False,
        ema_momentum=0.99,
        l2=0.0,
        name="adam",
        **others,
    ):
        if l2 < 0.0:
            raise ValueError(f"`l2` must be at least 0. Received: l2={l2}")
        super().__init__(
            learning_rate=learning_rate,
            beta_1=beta_1,
            beta_2=beta_2,
            epsilon=epsilon,
            amsgrad=amsgrad,
            weight_decay=weight_decay,
            clipnorm=clipnorm,
            clipvalue=clipvalue,
            global_clipnorm=global_clipnorm,
            use_ema=use_ema,
            ema_momentum=ema_momentum,
            name=name,
            **others,
        )
        self.l2 = l2

    def update_step(self, gradient, variable, learning_rate):
        if self.l2:
            gradient = keras.ops.cast(
                gradient, variable.dtype
            ) + self.l2 * keras.ops.convert_to_tensor(variable)
        super().update_step(gradient, variable, learning_rate)

    def get_config(self):
        return super().get_config() | {"l2": self.l2}


@keras.saving.register_keras_serializable(package="zoo")
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

    Reference: the momentum that rises over training is in the released code of Goodfellow et al.,
        2014, mnist.yaml.
    """

    def __init__(
        self,
        learning_rate=0.01,
        momentum=0.0,
        clipnorm=None,
        use_ema=False,
        ema_momentum=0.99,
        name="SGD",
    ):
        scheduled = isinstance(momentum, keras.optimizers.schedules.LearningRateSchedule)
        super().__init__(
            learning_rate=learning_rate,
            # a number only says that velocities are needed; the schedule gives the values
            momentum=0.5 if scheduled else momentum,
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

    def get_config(self):
        others = ("nesterov", "weight_decay", "clipvalue", "global_clipnorm")
        others += ("ema_overwrite_frequency", "loss_scale_factor", "gradient_accumulation_steps")
        config = {key: v for key, v in super().get_config().items() if key not in others}
        if self._momentum_schedule is not None:
            schedules = keras.optimizers.schedules
            config["momentum"] = schedules.serialize(self._momentum_schedule)
        return config

    @classmethod
    def from_config(cls, config, custom_objects=None):
        if isinstance(config["momentum"], dict):
            momentum = keras.optimizers.schedules.deserialize(config["momentum"], custom_objects)
            config = config | {"momentum": momentum}
        return super().from_config(config, custom_objects)


def piecewise_constant(
    boundaries: Sequence[int], values: Sequence[float]
) -> keras.optimizers.schedules.PiecewiseConstantDecay:
    """Returns Keras's schedule of constant pieces; its sequences can be set by an override.

    Args:
        boundaries: The last step, counted from 0, of each piece but the last one.
        values: The value of each piece, one more than there are boundaries.

    Raises:
        ValueError: If there is not one more value than boundaries.

    Example:
        >>> [float(piecewise_constant([9], [1.0, 0.5])(step)) for step in (9, 10)]
        [1.0, 0.5]

    Reference: the rates of Chadebec et al., 2022, the released reproducibility/vae.py.
        arXiv:2206.08309
    """
    return keras.optimizers.schedules.PiecewiseConstantDecay(list(boundaries), list(values))


@keras.saving.register_keras_serializable(package="zoo")
class DelayedExponentialDecay(keras.optimizers.schedules.ExponentialDecay):
    """A constant for some steps, then Keras's exponential decay as if counted from there.

    value(t) = initial_learning_rate * decay_rate**(max(t - delay_steps, 0) / decay_steps)

    Args:
        initial_learning_rate: The constant.
        delay_steps: Number of steps before the decay begins, at least 0.
        decay_steps: As in Keras.
        decay_rate: As in Keras.
        staircase: As in Keras.
        name: As in Keras.

    Example:
        >>> decay = DelayedExponentialDecay(1.0, 10, 5, 0.25)
        >>> [float(decay(step)) for step in (0, 10, 15)]
        [1.0, 1.0, 0.25]

    Reference: the rate of Donahue et al., 2017, the released train_gan.py. arXiv:1605.09782
    """

    def __init__(
        self,
        initial_learning_rate: float,
        delay_steps: int,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "DelayedExponentialDecay",
    ):
        super().__init__(initial_learning_rate, decay_steps, decay_rate, staircase, name)
        self.delay_steps = delay_steps

    def __call__(self, step):
        return super().__call__(keras.ops.maximum(step - self.delay_steps, 0))

    def get_config(self):
        return super().get_config() | {"delay_steps": self.delay_steps}


OPTIMIZERS = {"adam": Adam, "rmsprop": keras.optimizers.RMSprop, "sgd": SGD}

SCHEDULES = {
    "cosine_decay": keras.optimizers.schedules.CosineDecay,
    "delayed_exponential_decay": DelayedExponentialDecay,
    "exponential_decay": keras.optimizers.schedules.ExponentialDecay,
    "piecewise_constant": piecewise_constant,
    "polynomial_decay": keras.optimizers.schedules.PolynomialDecay,
}
