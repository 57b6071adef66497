"""A game in memory answers the calls of a trained model: rows, averaged weights, drawn inputs."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import contrasts, likelihoods, losses, networks, priors, seeds, trained
from zoo.games import AVB, GAN, VAE, endpoints, game


def linear(inputs, outputs):
    return keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(outputs)])


def gan(**options):
    keras.utils.set_random_seed(0)
    parts = {"generator": linear(3, 2), "critic": linear(2, 1), "prior": priors.normal(3)}
    made = GAN(**parts, loss=losses.hinge(), value_range=None)
    adam = {"critic": keras.optimizers.Adam(0.1), "generator": keras.optimizers.Adam(0.1)}
    made.compile(adam | options)
    return made


def vae():
    keras.utils.set_random_seed(0)
    parts = {"encoder": linear(4, 4), "decoder": linear(2, 4), "prior": priors.normal(2)}
    return VAE(**parts, likelihood=likelihoods.bernoulli(), binarize=True)


def avb():
    keras.utils.set_random_seed(0)
    x, noise, z = keras.Input((4,)), keras.Input((3,)), keras.Input((2,))
    both = keras.layers.Concatenate()
    return AVB(
        encoder=keras.Model([x, noise], keras.layers.Dense(2)(both([x, noise]))),
        decoder=linear(2, 4),
        adversary=keras.Model([x, z], keras.layers.Dense(1)(both([x, z]))),
        prior=priors.normal(2),
        likelihood=likelihoods.bernoulli(),
        contrast=contrasts.standard(),
    )


def test_keras_has_no_attribute_of_the_names_of_a_trained_model():
    public = {name for name in vars(trained.Trained) if not name.startswith("__")}
    assert public & set(dir(keras.Model)) == set()
    assert {"inputs", "phases", "players", "logs", "turns"} & set(dir(keras.Model)) == set()


def test_a_sample_is_the_endpoints_row_of_its_seed():
    made = gan()
    rows = tf.constant(trained.row_seeds(5, 3))
    expected = made.generator(made.prior.sample(seeds.Rows(rows)), training=False)
    np.testing.assert_allclose(made.sample(3, seed=5), expected, rtol=1e-5, atol=1e-6)


def test_rows_do_not_depend_on_their_number():
    made = gan()
    many = made.sample(300, seed=0)
    np.testing.assert_array_equal(made.sample(3, seed=0), many[:3])
    assert many.shape == (300, 2) and len(np.unique(many[:, 0])) == 300


def test_calls_follow_the_weights():
    made = gan()
    before = made.sample(4)
    made.fit(np.ones((64, 2), np.float32), batch_size=8, verbose=0)
    after = made.sample(4)
    assert np.abs(after - before).max() > 1e-3
    made.generator.set_weights([0.0 * w for w in made.generator.get_weights()])
    np.testing.assert_array_equal(made.sample(4), np.zeros((4, 2)))


def test_calls_follow_a_network_that_is_replaced():
    made = gan()
    made.sample(1)
    made.generator = linear(3, 2)
    z = np.ones((1, 3), np.float32)
    np.testing.assert_allclose(made.generate(z), made.generator(z), rtol=1e-6)


def test_calls_take_averaged_weights_and_leave_the_weights_alone():
    made = gan(generator=keras.optimizers.SGD(0.5, use_ema=True, ema_momentum=0.9))
    made.fit(np.ones((64, 2), np.float32), batch_size=8, verbose=0)
    z, weights = np.ones((2, 3), np.float32), made.generator.get_weights()
    plain = made.generator(z).numpy()
    with made.averaged_weights():
        averaged = made.generator(z).numpy()
    np.testing.assert_allclose(made.generate(z), averaged, rtol=1e-6)
    assert np.abs(averaged - plain).max() > 1e-4
    for old, new in zip(weights, made.generator.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_the_calls_of_an_autoencoder():
    made, x = vae(), np.random.default_rng(0).random((5, 4)).astype("float64")
    assert made.encode(x).shape == (5, 2)
    np.testing.assert_allclose(made.reconstruct(x), made.generate(made.encode(x)), rtol=1e-5)
    middle = made.interpolate(x, x[::-1], np.zeros(5))
    np.testing.assert_allclose(middle, made.reconstruct(x), rtol=1e-5)
    assert made.score(x).shape == (5,)


def test_inputs_that_are_not_given_are_drawn_from_the_seed():
    made, x = avb(), np.random.default_rng(0).random((5, 4))
    np.testing.assert_array_equal(made.encode(x, seed=1), made.encode(x, seed=1))
    assert np.abs(made.encode(x, seed=1) - made.encode(x, seed=2)).max() > 1e-3
    noise = made.endpoints()["encode"].example(tf.constant(trained.row_seeds(1, 5)))["noise"]
    given = made.run("encode", {"x": x, "noise": noise})["z"]
    np.testing.assert_array_equal(given, made.encode(x, seed=1))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda g: g.encode(np.zeros((1, 2))), "Unknown endpoint of this model 'encode'"),
        (lambda g: g.run("generate", {"zz": np.zeros((1, 3))}), "Unknown input of 'generate' 'zz'"),
        (lambda g: g.generate(np.zeros((1, 4))), r"shapes.*'z': \(None, 3\).*'z': \(1, 4\)"),
        (lambda g: g.generate(np.zeros((0, 3))), "at least 1"),
        (lambda g: g.run("generate", {}), r"at least 1.*Received: \{\}"),
        (lambda g: g.sample(1, label=3), "takes no label"),
        (lambda g: g.sample(1, seed=-1), r"`seed` must be in"),
    ],
)
def test_calls_that_do_not_fit_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(gan())


def test_a_game_without_labels_has_no_classes():
    assert gan().classes() is None


def test_the_range_of_the_input_label_says_how_many_classes_there_are():
    class Labelled(game.Game):
        def players(self):
            return {}

        def endpoints(self):
            def sample(seed, label):
                return {"image": tf.cast(label, tf.float32)}

            inputs = {k: tf.TensorSpec([None], tf.int64, k) for k in ("seed", "label")}
            ranges = {"seed": None, "label": (0, 9)}
            return {"sample": endpoints.Endpoint(sample, inputs, {"image": None}, None, ranges)}

    assert Labelled().classes() == 10
    np.testing.assert_array_equal(Labelled().sample(12), np.arange(12) % 10)
    np.testing.assert_array_equal(Labelled().sample(2, label=7), [7.0, 7.0])


def supervised():
    from zoo.games import Supervised

    network = networks.NETWORKS["convolutional_classifier"](
        shape=(4, 4, 1), classes=3, widths=((4,), (6,)), dropout_rate=0.0
    )
    return Supervised(classifier=network, value_range=(0.0, 1.0))


@pytest.mark.parametrize("make", [gan, vae, avb, supervised])
def test_every_endpoint_states_the_range_of_each_input(make):
    made = make()
    for endpoint in made.endpoints().values():
        assert list(endpoint.input_ranges) == list(endpoint.inputs)
        for name, value_range in endpoint.input_ranges.items():
            own = {"weight": (0.0, 1.0), "seed": (0, 2**63 - 1)}
            expected = own | dict.fromkeys(("x", "x0", "x1"), None if make is gan else (0.0, 1.0))
            assert value_range == expected.get(name)
        drawn = endpoint.example(tf.constant(trained.row_seeds(0, 8)))
        for name, value_range in endpoint.input_ranges.items():
            if value_range is not None:
                low, high = value_range
                assert low <= drawn[name].numpy().min() <= drawn[name].numpy().max() <= high
