"""What holds of every factory in the table."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo.networks import NETWORKS

PAIRS = ["bilinear_critic", "joint_critic", "joint_dcgan_critic"]  # of an example and a latent
SAMPLERS = ["basis_encoder", "implicit_encoder"]  # of an example and noise
GENERATORS = sorted(name for name in NETWORKS if name.endswith("_generator"))
TRANSLATORS = sorted(name for name in NETWORKS if name.endswith("_translator"))
PATCHES = ["patch_critic"]  # one logit for each position
LENSES = sorted(name for name in NETWORKS if name.endswith("_lens"))
CRITICS = sorted(
    name for name in NETWORKS if name.endswith("_critic") and name not in PAIRS + PATCHES
)
CLASSIFIERS = sorted(name for name in NETWORKS if name.endswith("_classifier"))
ENCODERS = sorted(name for name in NETWORKS if name.endswith("_encoder") and name not in SAMPLERS)
CONVOLUTIONAL = sorted(
    name
    for name in NETWORKS
    if name.startswith(("convolutional", "dcgan", "joint_dcgan", "patch", "residual"))
)
UNNORMALIZED = ["basis_encoder", "bilinear_critic", "implicit_encoder", "maxout_critic", *LENSES]
IMAGES = [(28, 28, 1), (8, 8, 1), (33, 33, 1), (48, 64, 3), (7, 40, 2), (3, 1, 1)]
OPTIONS = {
    "basis_encoder": {"units": (6, 5), "count": 3, "noise": 2, "basis_units": (4, 3)},
    "bilinear_critic": {"units": (6, 5), "width": 4},
    "convolutional_classifier": {"classes": 3, "widths": ((4,), (5,))},
    "implicit_encoder": {"units": (6, 5), "noise": 2},
    "joint_critic": {"units": (6, 5)},
    "joint_dcgan_critic": {"width": 4, "units": (6, 5)},
    "maxout_critic": {"units": (6, 5)},
    "mlp_critic": {"units": (6, 5)},
    "mlp_encoder": {"units": (6, 5)},
    "mlp_generator": {"units": (6, 5)},
    "mlp_lens": {"units": (6, 5)},
    "patch_critic": {"width": 4, "levels": 2},
    "residual_lens": {"width": 4, "blocks": 2},
    "residual_translator": {"width": 4, "blocks": 1},
}


def small(name, **options):
    """Returns the network with few units."""
    return NETWORKS[name](**{**OPTIONS.get(name, {"width": 4}), **options})


def draws(*shape):
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def any_network(name, shape=(9, 9, 1), **options):
    """Returns a small network of any kind and a batch of 5 for it: a list for one of two inputs."""
    if name in PAIRS + SAMPLERS:
        network = small(name, latent=3, shape=shape, **options)
        return network, [draws(5, *tensor.shape[1:]) for tensor in network.inputs]
    if name in TRANSLATORS:
        options = {"value_range": (-1.0, 1.0), **options}
    if name in CRITICS + LENSES + CLASSIFIERS + PATCHES + TRANSLATORS:
        return small(name, shape=shape, **options), draws(5, *shape)
    if name in ENCODERS:
        return small(name, latent=3, shape=shape, **options), draws(5, *shape)
    return small(name, latent=3, shape=shape, value_range=(-1.0, 1.0), **options), draws(5, 3)


def outputs(network, x, **options):
    """Returns a network's outputs side by side, [B, N]."""
    computed = network(x, **options)
    return np.concatenate(
        [
            np.reshape(part, (len(part), -1))
            for part in (computed if isinstance(computed, (list, tuple)) else [computed])
        ],
        axis=1,
    )


def some(x, *where):
    """Returns some rows of an input, or of each of a list."""
    return [part[slice(*where)] for part in x] if isinstance(x, list) else x[slice(*where)]


@pytest.mark.parametrize("shape", IMAGES, ids=str)
@pytest.mark.parametrize("name", GENERATORS)
def test_generator_has_the_shape_asked_for(name, shape):
    network = small(name, latent=3, shape=shape, value_range=(-1, 1))
    assert network.input_shape == (None, 3)
    assert network(draws(2, 3)).shape == (2, *shape)


@pytest.mark.parametrize("shape", IMAGES, ids=str)
@pytest.mark.parametrize("name", CRITICS)
def test_critic_gives_one_logit_per_image(name, shape):
    network = small(name, shape=shape)
    assert network.input_shape == (None, *shape)
    assert network(draws(2, *shape)).shape == (2, 1)


@pytest.mark.parametrize("shape", IMAGES, ids=str)
@pytest.mark.parametrize("name", ENCODERS)
def test_encoder_gives_its_statistics_of_every_coordinate(name, shape):
    assert small(name, latent=3, shape=shape)(draws(2, *shape)).shape == (2, 6)
    assert small(name, latent=3, shape=shape, statistics=1)(draws(2, *shape)).shape == (2, 3)


def test_every_network_is_of_a_kind():
    assert sorted(
        [
            *CLASSIFIERS + GENERATORS + CRITICS + PATCHES,
            *ENCODERS + LENSES + PAIRS + SAMPLERS + TRANSLATORS,
        ]
    ) == sorted(NETWORKS)


@pytest.mark.parametrize("name", sorted(set(NETWORKS) - set(CONVOLUTIONAL)))
def test_vector_networks_take_points_of_the_plane(name):
    network, x = any_network(name, shape=(2,))
    widths = {
        **dict.fromkeys(CRITICS + PAIRS, 1),
        **dict.fromkeys(ENCODERS, 6),
        **dict.fromkeys(GENERATORS + LENSES, 2),
    }
    widths |= {"implicit_encoder": 3, "basis_encoder": 3 + 2 * 3 * 3}
    assert outputs(network, x).shape == (5, widths[name])


@pytest.mark.parametrize(
    ("value_range", "expected"),
    [((-1, 1), np.tanh), ([0, 1], lambda t: 1 / (1 + np.exp(-t))), (None, lambda t: t)],
    ids=["tanh", "sigmoid", "linear"],
)
@pytest.mark.parametrize("name", GENERATORS)
def test_generator_ends_in_its_range(name, value_range, expected):
    network = small(name, latent=3, shape=(4, 4, 1), value_range=value_range)
    before = keras.Model(network.input, network.get_layer("output").input)
    z = 30 * draws(4, 3)
    np.testing.assert_allclose(network(z), expected(before(z).numpy()), atol=1e-6)


@pytest.mark.parametrize("name", GENERATORS)
def test_generator_refuses_another_range(name):
    with pytest.raises(
        ValueError, match=r"must be \(-1, 1\), \(0, 1\) or None. Received: \(0, 255\)"
    ):
        small(name, latent=3, shape=(8, 8, 1), value_range=(0, 255))


@pytest.mark.parametrize("name", CRITICS)
def test_critic_is_linear_in_its_features(name):
    network, x = any_network(name)
    features = keras.Model(network.input, network.get_layer("features").output)(x)
    kernel, bias = network.get_layer("logits").get_weights()
    assert features.shape == (5, kernel.shape[0])
    np.testing.assert_allclose(network(x), features @ kernel + bias, atol=1e-6)


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_outputs_are_float32_under_a_mixed_policy(name):
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    try:
        network, x = any_network(name)
    finally:
        keras.mixed_precision.set_dtype_policy("float32")
    assert {tensor.dtype for tensor in network.outputs} == {"float32"}
    assert outputs(network, x).dtype == np.float32
    assert "bfloat16" in {layer.compute_dtype for layer in network.layers}


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_a_row_does_not_depend_on_the_rest_of_its_batch(name):
    options = {} if name in UNNORMALIZED else {"normalization": "batch"}
    network, x = any_network(name, **options)
    alone = np.concatenate([outputs(network, some(x, i, i + 1), training=False) for i in range(5)])
    np.testing.assert_allclose(outputs(network, x, training=False), alone, atol=1e-6)


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_options_can_come_from_json(name):
    network, x = any_network(name, shape=[9, 9, 1], initializer=["normal", 0.1])
    assert np.all(np.isfinite(outputs(network, x)))


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_network_survives_a_keras_file(name, tmp_path):
    network, x = any_network(name)
    network.save(tmp_path / "network.keras")
    np.testing.assert_array_equal(
        outputs(keras.models.load_model(tmp_path / "network.keras"), x), outputs(network, x)
    )


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_layers_of_one_network_start_differently(name):
    options = {"units": (6, 6, 6)} if "units" in OPTIONS.get(name, {}) else {}
    network, _ = any_network(name, **options)
    kernels = [
        w.numpy()
        for w in network.trainable_variables
        if w.name in ("kernel", "gamma") and np.std(w) > 0
    ]
    assert len(kernels) > 1
    assert len({k.tobytes() for k in kernels}) == len(kernels)


@pytest.mark.parametrize("name", CONVOLUTIONAL)
def test_convolutional_network_refuses_vectors(name):
    with pytest.raises(ValueError, match=r"\(H, W, C\).*Received: \(2,\)"):
        any_network(name, shape=(2,))


@pytest.mark.parametrize("name", sorted(set(NETWORKS) - set(UNNORMALIZED)))
def test_unknown_normalization_names_the_nearest(name):
    with pytest.raises(
        ValueError,
        match="Unknown normalization 'bach'. Available: batch, instance, layer, none, plain_batch. "
        "Did you mean 'batch'",
    ):
        any_network(name, shape=(8, 8, 1), normalization="bach")


@pytest.mark.parametrize("name", sorted(set(NETWORKS) - {"maxout_critic"}))
def test_unknown_activation_is_refused(name):
    with pytest.raises(ValueError, match="`activation` must be .* Received: 'rleu'"):
        any_network(name, activation="rleu")


@pytest.mark.parametrize("shape", [(), (0,), (8, 8, 0), (8, 8, 1.5)], ids=str)
@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_impossible_shape_is_refused(name, shape):
    with pytest.raises(ValueError, match="`shape`"):
        any_network(name, shape=shape)


@pytest.mark.parametrize("name", GENERATORS)
def test_latent_must_be_positive(name):
    with pytest.raises(ValueError, match="`latent` must be an integer > 0. Received: latent=0"):
        small(name, latent=0, shape=(8, 8, 1), value_range=None)


@pytest.mark.parametrize("name", sorted(set(CRITICS) - {"maxout_critic"}))
@pytest.mark.parametrize("normalization", ["none", "layer"])
def test_gradient_penalty_reaches_every_kernel(name, normalization):
    network, x = any_network(name, normalization=normalization, activation="tanh")
    x = tf.constant(x)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            inner.watch(x)
            logits = network(x, training=True)
        penalty = tf.reduce_mean(tf.square(inner.gradient(logits, x)))
    gradients = outer.gradient(
        penalty, [w.value for w in network.trainable_variables if w.name == "kernel"]
    )
    assert all(np.all(np.isfinite(g)) and np.any(g != 0) for g in gradients)
