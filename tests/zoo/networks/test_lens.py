"""Lenses: the identity at the start, the paper's layers, and every size."""

import keras
import numpy as np
import pytest

from zoo.networks import lens


def x(shape):
    return np.random.default_rng(0).uniform(-1.0, 1.0, (3, *shape)).astype("float32")


@pytest.mark.parametrize("build", [lens.residual, lens.mlp])
@pytest.mark.parametrize("shape", [(7, 5, 1), (8, 8, 3)])
def test_a_lens_begins_at_the_identity_and_every_weight_can_leave_it(build, shape):
    network = build(shape=shape)
    np.testing.assert_array_equal(network(x(shape)), x(shape))
    for layer in network.layers:
        if layer.weights and not np.any(layer.get_weights()[0]):  # the last one
            layer.set_weights(
                [np.random.default_rng(1).normal(size=w.shape) for w in layer.get_weights()]
            )
    before = network(x(shape)).numpy()
    assert np.abs(before - x(shape)).max() > 1e-2
    for variable in network.trainable_variables:
        value = variable.numpy()
        variable.assign(value + 0.1)
        assert np.abs(network(x(shape)).numpy() - before).max() > 0.0, variable.path
        variable.assign(value)


def test_the_papers_lens_has_its_layers():
    network = lens.residual(shape=(32, 32, 3))
    convolutions = [layer for layer in network.layers if isinstance(layer, keras.layers.Conv2D)]
    assert [c.filters for c in convolutions] == [32] * 17 + [3]
    assert all(c.kernel_size == (3, 3) and c.strides == (1, 1) for c in convolutions)
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in network.layers)
    assert network.count_params() == (9 * 3 + 1) * 32 + 16 * (9 * 32 + 1) * 32 + (9 * 32 + 1) * 3


def test_points_have_a_lens():
    np.testing.assert_array_equal(lens.mlp(shape=(2,))(x((2,))), x((2,)))


def test_sizes_are_checked():
    with pytest.raises(ValueError, match="`blocks` must be an integer > 0"):
        lens.residual(shape=(8, 8, 1), blocks=0)
    with pytest.raises(ValueError, match="vectors take an mlp network"):
        lens.residual(shape=(2,))
