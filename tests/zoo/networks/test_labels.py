"""Networks with labels: where a label enters, against numpy, for every factory that takes one."""

import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import constraints
from zoo.networks import NETWORKS, labels

CLASSES = 3
TAKING = {
    name for name, make in NETWORKS.items() if "classes" in inspect.signature(make).parameters
}
GENERATORS = sorted(name for name in TAKING if name.endswith("_generator"))
CRITICS = sorted(name for name in TAKING if name.endswith("_critic"))
ENCODERS = sorted(name for name in TAKING if name.endswith("_encoder"))
OPTIONS = {
    "maxout_critic": {"units": (6, 5)},
    "mlp_critic": {"units": (6, 5)},
    "mlp_encoder": {"units": (6, 5)},
    "mlp_generator": {"units": (6, 5)},
}
LABELS = np.array([0, 2, 1, 2, 0])


def small(name, **options):
    options = OPTIONS.get(name, {"width": 4}) | {"shape": (9, 9, 1), "classes": CLASSES} | options
    if name not in CRITICS:
        options = {"latent": 3} | options
    if name in GENERATORS:
        options = {"value_range": (-1.0, 1.0)} | options
    return NETWORKS[name](**options)


def draws(*shape):
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def batch(network):
    return [draws(5, *network.inputs[0].shape[1:]), LABELS]


def one_hot(classes=CLASSES):
    return np.eye(classes, dtype=np.float32)[LABELS]


def variants():
    return [(name, {}) for name in GENERATORS + CRITICS + ENCODERS] + [
        (name, {"label": "projection"}) for name in CRITICS
    ]


def ids(value):
    return value if isinstance(value, str) else "-".join(value.values()) or "concatenate"


def test_generators_critics_and_encoders_take_labels():
    assert GENERATORS == ["dcgan_generator", "mlp_generator", "residual_generator"]
    assert CRITICS == ["dcgan_critic", "maxout_critic", "mlp_critic", "residual_critic"]
    assert ENCODERS == ["dcgan_encoder", "mlp_encoder"]


@pytest.mark.parametrize(("name", "options"), variants(), ids=ids)
def test_the_second_input_is_an_integer_label(name, options):
    network = small(name, **options)
    first = "z" if name in GENERATORS else "x"
    assert [tensor.name for tensor in network.inputs] == [first, "label"]
    assert (network.inputs[1].shape, network.inputs[1].dtype) == ((None,), "int64")
    actual = network(batch(network)).numpy()
    assert len(actual) == 5 and np.isfinite(actual).all()
    x, label = batch(network)
    np.testing.assert_array_equal(network([x, label.astype(np.int32)]).numpy(), actual)


@pytest.mark.parametrize(("name", "options"), variants(), ids=ids)
def test_the_label_changes_the_output_of_its_own_row_only(name, options):
    network = small(name, initializer=("normal", 0.5), **options)
    x, label = batch(network)
    other = label.copy()
    other[1] = 0
    change = np.abs(network([x, other]).numpy() - network([x, label]).numpy())
    change = change.reshape(5, -1).max(axis=1)
    assert change[1] > 1e-5
    np.testing.assert_array_equal(np.delete(change, 1), 0.0)


@pytest.mark.parametrize(("name", "options"), variants(), ids=ids)
def test_a_conditional_network_survives_a_keras_file(name, options, tmp_path):
    network = small(name, **options)
    network.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    np.testing.assert_array_equal(loaded(batch(network)), network(batch(network)))


def test_a_label_is_appended_to_the_latent():
    network = keras.Model(*labels.latent(2, CLASSES))
    expected = np.concatenate([draws(5, 2), one_hot()], axis=1)
    np.testing.assert_array_equal(network([draws(5, 2), LABELS]), expected)


def test_a_label_is_planes_beside_the_channels_of_an_image():
    inputs, x, late = labels.example((2, 3, 1), CLASSES)
    actual = keras.Model(inputs, x)([draws(5, 2, 3, 1), LABELS]).numpy()
    assert late is None
    np.testing.assert_array_equal(actual[..., :1], draws(5, 2, 3, 1))
    planes = np.broadcast_to(one_hot()[:, None, None], (5, 2, 3, CLASSES))
    np.testing.assert_array_equal(actual[..., 1:], planes)


def test_a_label_follows_a_flat_example_and_is_never_dropped():
    inputs, x, _ = labels.example((2, 3, 1), CLASSES, flatten=True, rate=0.9)
    actual = keras.Model(inputs, x)([np.ones((5, 2, 3, 1)), LABELS], training=True).numpy()
    assert (actual[:, :6] == 0.0).any()
    np.testing.assert_array_equal(actual[:, 6:], one_hot())


def test_no_classes_give_the_network_without_labels():
    z, x = labels.latent(2, None)
    assert z is x
    inputs, x, late = labels.example((2,), None, entrance="projection")
    assert inputs is x and late is None


def test_a_label_outside_the_classes_is_all_zeros():
    np.testing.assert_array_equal(labels.OneHot(CLASSES)(np.array([-1, CLASSES])), np.zeros([2, 3]))


@pytest.mark.parametrize("name", CRITICS)
def test_the_projection_critic_adds_the_inner_product_of_label_and_features(name):
    network = small(name, label="projection", initializer=("normal", 0.5))
    x, label = batch(network)
    features = keras.Model(network.inputs[0], network.get_layer("features").output)(x).numpy()
    kernel, bias = (v.astype(np.float64) for v in network.get_layer("logits").get_weights())
    # a bias would be one more weight of the features, which psi has
    (embedding,) = (v.astype(np.float64) for v in network.get_layer("embedding").get_weights())
    assert embedding.shape == (CLASSES, features.shape[1])
    expected = features @ kernel + bias
    expected += np.sum(embedding[label] * features, axis=1, keepdims=True)
    np.testing.assert_allclose(network([x, label]), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("entrance", labels.ENTRANCES)
def test_features_of_a_spectrally_normalised_critic_are_those_of_the_divided_weights(entrance):
    network = small("mlp_critic", label=entrance, initializer=("normal", 0.5))
    wrapped = constraints.spectral_normalization(iterations=300)(network)
    x = batch(network)
    wrapped(x, training=True)
    logits, features = wrapped(x).numpy(), wrapped.hidden("features")(x).numpy()
    for v in network.trainable_variables:
        if v.ndim > 1:  # the embedding [K, F] too, a matrix like the others
            v.assign(v.numpy() / np.linalg.svd(v.numpy(), compute_uv=False)[0])
    np.testing.assert_allclose(logits, network(x), rtol=1e-4, atol=1e-5)
    part = keras.Model(network.inputs, network.get_layer("features").output)
    np.testing.assert_allclose(features, part(x), rtol=1e-4, atol=1e-5)


def test_the_error_for_an_unknown_entrance_gives_the_nearest():
    with pytest.raises(ValueError, match="Unknown entrance of a label 'project'.*'projection'"):
        small("mlp_critic", label="project")


@pytest.mark.parametrize("name", GENERATORS + CRITICS + ENCODERS)
@pytest.mark.parametrize("classes", [0, 2.5])
def test_classes_must_be_a_positive_integer(name, classes):
    with pytest.raises(ValueError, match="`classes` must be an integer > 0"):
        small(name, classes=classes)


@pytest.mark.parametrize("name", CRITICS)
@pytest.mark.parametrize("entrance", labels.ENTRANCES)
def test_a_slope_of_the_critic_at_a_fixed_label_has_a_gradient_in_every_kernel(name, entrance):
    options = {} if name == "maxout_critic" else {"activation": "tanh", "normalization": "none"}
    network = small(name, label=entrance, **options)
    x, label = map(tf.constant, batch(network))
    kernels = [v for v in network.trainable_variables if v.name == "kernel"]
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            inner.watch(x)
            logits = network([x, label])
        penalty = tf.reduce_mean(tf.square(inner.gradient(logits, x)))
    gradients = outer.gradient(penalty, [v.value for v in kernels])
    assert all(np.any(gradient != 0) for gradient in gradients)
