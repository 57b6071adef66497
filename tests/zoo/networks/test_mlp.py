import numpy as np
import pytest

from zoo.networks import mlp


def test_generator_defaults_are_the_first_papers():
    network = mlp.generator(latent=100, shape=(28, 28, 1), value_range=(0, 1))
    # 100 * 1200 + 1200, 1200 * 1200 + 1200, 1200 * 784 + 784
    assert network.count_params() == 121200 + 1441200 + 941584
    for kernel in network.get_weights()[::2]:
        assert 0.0499 < np.abs(kernel).max() <= 0.05
    assert all(np.all(bias == 0) for bias in network.get_weights()[1::2])


def test_generator_of_f_gan():
    network = mlp.generator(
        latent=100,
        shape=(28, 28, 1),
        value_range=(0, 1),
        normalization="batch",
        initializer=("normal", 0.05),
    )
    # without the two biases, with gain, bias, moving mean and variance in their place
    assert network.count_params() == 120000 + 4800 + 1440000 + 4800 + 941584


def test_critic_defaults_are_f_gans():
    network = mlp.critic(shape=(28, 28, 1))
    # 784 * 240 + 240, 240 * 240 + 240, 240 + 1
    assert network.count_params() == 188400 + 57840 + 241
    np.testing.assert_allclose(network.get_weights()[0].std(), 0.05, rtol=0.02)


def test_critic_matches_numpy():
    network = mlp.critic(
        shape=(3,), units=(4, 5), activation="leaky_relu", initializer=("normal", 1.0)
    )
    w1, _, w2, _, w3, _ = network.get_weights()
    x = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    h = x
    for kernel in (w1, w2):
        h = np.where(h @ kernel > 0, h @ kernel, 0.2 * (h @ kernel))
    np.testing.assert_allclose(network(x), h @ w3, atol=1e-5)


def test_no_hidden_layer_is_a_linear_critic():
    network = mlp.critic(shape=(2, 2, 1), units=())
    kernel, bias = network.get_weights()
    x = np.random.default_rng(0).normal(size=(6, 2, 2, 1)).astype(np.float32)
    np.testing.assert_allclose(network(x), x.reshape(6, 4) @ kernel + bias, atol=1e-6)


@pytest.mark.parametrize(("value_range", "low", "high"), [((0, 1), 0.0, 1.0), ((-1, 1), -1.0, 1.0)])
def test_mean_image_is_what_the_biases_alone_give(value_range, low, high):
    mean = np.random.default_rng(0).uniform(size=(4, 3, 2))
    mean[0, 0] = [0.0, 1.0]
    network = mlp.generator(
        latent=2, shape=(4, 3, 2), value_range=value_range, units=(5,), mean_image=mean
    )
    x = network(np.zeros((1, 2), np.float32))[0]
    np.testing.assert_allclose(x, low + (high - low) * mean, atol=1e-6)


def test_mean_image_bias_is_finite_where_a_pixel_never_changes():
    network = mlp.generator(
        latent=2, shape=(2,), value_range=(0, 1), units=(), mean_image=np.array([0.0, 1.0])
    )
    np.testing.assert_allclose(
        network.get_weights()[1], [-16.118, 16.118], atol=1e-3
    )  # log(1e-7 / (1 - 1e-7))


@pytest.mark.parametrize(
    "mean",
    [np.zeros((3,)), np.array([0.0, 1.5]), np.array([np.nan, 0.5])],
    ids=["shape", "range", "nan"],
)
def test_wrong_mean_image_is_refused(mean):
    with pytest.raises(ValueError, match="`mean_image` must have the shape"):
        mlp.generator(latent=2, shape=(2,), value_range=(0, 1), mean_image=mean)


def test_mean_image_needs_a_range():
    with pytest.raises(ValueError, match="`mean_image` needs a `value_range`"):
        mlp.generator(latent=2, shape=(2,), value_range=None, mean_image=np.array([0.5, 0.5]))


def test_output_biases_of_zero_leave_the_mean_image_aside():
    network = mlp.generator(
        latent=2,
        shape=(2,),
        value_range=(0, 1),
        output_bias="zeros",
        mean_image=np.array([0.2, 0.9]),
    )
    np.testing.assert_array_equal(network.get_weights()[-1], [0.0, 0.0])


def test_unknown_output_bias_names_the_nearest():
    with pytest.raises(
        ValueError,
        match="Unknown output bias 'zero'. Available: mean_image, zeros. Did you mean 'zeros'",
    ):
        mlp.generator(latent=2, shape=(2,), value_range=None, output_bias="zero")
