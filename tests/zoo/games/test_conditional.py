"""Games with labels on a user's own networks: what each player minimises, in numpy."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from zoo import build, constraints, likelihoods, losses, noise, penalties, priors, seeds, tempering
from zoo.games import GAN, TAN, VAE

OPTIONS = {"f_gan": {"divergence": "kl"}}
CLASSES, BATCH = 3, 6
DRAWS = np.random.default_rng(0)
X = DRAWS.normal(size=(BATCH, 2)).astype("float32")
LABEL = np.array([0, 2, 1, 2, 0, 0])
W = DRAWS.normal(size=(3, 2)).astype("float32")  # generator: z W + SHIFT[label]
SHIFT = DRAWS.normal(size=(CLASSES, 2)).astype("float32")
V = DRAWS.normal(size=(2, 1)).astype("float32")  # critic: <x, V + SLOPE[label]>
SLOPE = DRAWS.normal(size=(CLASSES, 2)).astype("float32")


def embedding(label, values):
    initializer = keras.initializers.Constant(values)
    return keras.layers.Embedding(*values.shape, embeddings_initializer=initializer)(label)


def dense(x, kernel):
    initializer = keras.initializers.Constant(kernel)
    return keras.layers.Dense(kernel.shape[1], use_bias=False, kernel_initializer=initializer)(x)


def generator(dtype="int32"):
    z, label = keras.Input((3,)), keras.Input((), dtype=dtype)
    return keras.Model([z, label], keras.layers.Add()([dense(z, W), embedding(label, SHIFT)]))


def critic(dtype="int32"):
    x, label = keras.Input((2,)), keras.Input((), dtype=dtype)
    product = keras.layers.Dot(axes=1)([x, embedding(label, SLOPE)])
    return keras.Model([x, label], keras.layers.Add()([dense(x, V), product]))


def lens():
    x = keras.Input((2,))
    return keras.Model(x, keras.layers.Rescaling(0.5)(dense(x, np.eye(2, dtype="float32"))))


def parts(**options):
    return {
        "generator": generator(),
        "critic": critic(),
        "prior": priors.normal(3),
        "loss": losses.wasserstein(),
        "classes": CLASSES,
        "value_range": None,
    } | options


def draws():
    return noise.Noise(seed=0, step=tf.constant(0), player=0, move=0, batch=BATCH)


def loss_of(game, player):
    batch = {"x": tf.constant(X), "label": tf.constant(LABEL, tf.int64)}
    value, logs = game.players()[player].loss(batch, draws())
    return float(value), {name: float(log) for name, log in logs.items()}


def judged(x, v=V, slope=SLOPE):
    return np.sum(x * (v[:, 0] + slope[LABEL]), axis=1, keepdims=True)


Z = draws().normal((3,)).numpy()
X_FAKE = Z @ W + SHIFT[LABEL]


@pytest.mark.parametrize("name", sorted(losses.LOSSES))
def test_critic_and_generator_take_the_labels_of_the_batch(name):
    loss = losses.LOSSES[name](**OPTIONS.get(name, {}))
    game = GAN(**parts(loss=loss))
    assert game.inputs == ("x", "label")
    real, fake = map(tf.constant, (judged(X), judged(X_FAKE)))
    expected = np.mean(loss.critic_real(real)) + np.mean(loss.critic_fake(fake))
    np.testing.assert_allclose(loss_of(game, "critic")[0], expected, rtol=1e-5)
    expected = np.mean(loss.opponent_fake(fake))
    np.testing.assert_allclose(loss_of(game, "generator")[0], expected, rtol=1e-5)


def test_a_penalty_sees_the_critic_at_each_examples_own_label():
    _, logs = loss_of(GAN(**parts(penalty=penalties.r1(weight=4.0))), "critic")
    slopes = V[:, 0] + SLOPE[LABEL]
    np.testing.assert_allclose(logs["penalty"], 2.0 * np.mean(np.sum(slopes**2, 1)), rtol=1e-5)


@pytest.mark.parametrize("name", sorted(penalties.PENALTIES))
def test_every_penalty_works_with_labels(name):
    value, logs = loss_of(GAN(**parts(penalty=penalties.PENALTIES[name]())), "critic")
    expected = judged(X_FAKE).mean() - judged(X).mean() + logs["penalty"]
    np.testing.assert_allclose(value, expected, rtol=1e-5)
    assert logs["penalty"] > 0.0


def test_the_embedding_is_spectrally_normalised_too():
    game = GAN(**parts(constraint=constraints.spectral_normalization(iterations=300)))
    x, label = tf.constant(X), tf.constant(LABEL)
    game.critic([x, label], training=True)
    v, slope = (m / np.linalg.svd(m, compute_uv=False)[0] for m in (V, SLOPE))
    actual = game.critic([x, label], training=False)
    np.testing.assert_allclose(actual, judged(X, v, slope), rtol=1e-4, atol=1e-5)


def test_the_embedding_is_clipped_too():
    game = GAN(**parts(constraint=constraints.weight_clip(0.01)))
    game.compile({name: keras.optimizers.SGD(1.0) for name in game.players()})
    game.train_step({"x": tf.constant(X), "label": tf.constant(LABEL)})
    for variable in game.critic.trainable_variables:
        assert np.abs(variable.numpy()).max() <= np.float32(0.01)


def test_one_step_of_gradient_descent_is_the_one_by_hand():
    game = GAN(**parts())
    game.compile({name: keras.optimizers.SGD(0.1) for name in game.players()})
    game.train_step({"x": tf.constant(X), "label": tf.constant(LABEL)})
    z = [
        noise.Noise(seed=0, step=tf.constant(0), player=player, move=0, batch=BATCH)
        .normal((3,))
        .numpy()
        for player in (0, 1)
    ]
    rows = np.eye(CLASSES)[LABEL]
    difference = X - (z[0] @ W + SHIFT[LABEL])
    v = V + 0.1 * difference.mean(axis=0)[:, None]
    slope = SLOPE + 0.1 * rows.T @ difference / BATCH
    slopes = v[:, 0] + slope[LABEL]  # the generator sees the critic that has moved
    actual = {v.path.split("/")[-1]: v.numpy() for v in game.critic.trainable_variables}
    np.testing.assert_allclose(actual["kernel"], v, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(actual["embeddings"], slope, rtol=1e-4, atol=1e-6)
    actual = {v.path.split("/")[-1]: v.numpy() for v in game.generator.trainable_variables}
    np.testing.assert_allclose(actual["kernel"], W + 0.1 * z[1].T @ slopes / BATCH, rtol=1e-4)
    expected = SHIFT + 0.1 * rows.T @ slopes / BATCH
    np.testing.assert_allclose(actual["embeddings"], expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("player", ["critic", "generator"])
def test_the_gradient_of_an_embedding_is_a_tensor_as_replicas_need_it(player):
    game = GAN(**parts())
    batch = {"x": tf.constant(X), "label": tf.constant(LABEL)}
    gradients, _, _ = game._gradients(player, 0, game.players(), batch)
    assert all(isinstance(gradient, tf.Tensor) for gradient in gradients)


def test_fit_takes_arrays_of_examples_and_labels():
    game = GAN(**parts(critic_updates=2))
    game.compile({name: "sgd" for name in game.players()})
    history = game.fit((np.tile(X, [4, 1]), np.tile(LABEL, 4)), batch_size=4, verbose=0).history
    assert np.isfinite(history["critic_loss"]).all()


def test_the_lens_sees_no_label_and_its_critic_does():
    game = TAN(**parts(lens=lens(), horizon=10))
    np.testing.assert_allclose(
        loss_of(game, "critic")[0], judged(X_FAKE).mean() - judged(0.5 * X).mean(), rtol=1e-4
    )
    expected = judged(0.5 * X).mean() + np.mean(np.sum((0.5 * X) ** 2, axis=1))
    assert float(tempering.weight(tf.constant(0.0), 10)) == 1.0
    np.testing.assert_allclose(loss_of(game, "lens")[0], expected, rtol=1e-4)


STD = 0.7
ENCODER = DRAWS.normal(size=(2, 4)).astype("float32")  # q: x ENCODER + MEAN[label]
MEAN = DRAWS.normal(size=(CLASSES, 4)).astype("float32")
DECODER = DRAWS.normal(size=(2, 2)).astype("float32")  # p: z DECODER + SHIFT[label]


def vae(**options):
    x, label = keras.Input((2,)), keras.Input((), dtype="int64")
    encoder = keras.layers.Add()([dense(x, ENCODER), embedding(label, MEAN)])
    z, label_of_z = keras.Input((2,)), keras.Input((), dtype="int64")
    decoder = keras.layers.Add()([dense(z, DECODER), embedding(label_of_z, SHIFT)])
    options = {
        "encoder": keras.Model([x, label], encoder),
        "decoder": keras.Model([z, label_of_z], decoder),
        "prior": priors.normal(2),
        "likelihood": likelihoods.gaussian(STD),
        "classes": CLASSES,
    } | options
    return VAE(**options)


def test_encoder_and_decoder_take_the_labels_of_the_batch():
    statistics = X @ ENCODER + MEAN[LABEL]
    mean, log_variance = statistics[:, :2], statistics[:, 2:]
    z = mean + np.exp(0.5 * log_variance) * draws().normal((2,)).numpy()
    log_prob = stats.norm.logpdf(X, z @ DECODER + SHIFT[LABEL], STD).sum(axis=1)
    kl = 0.5 * np.sum(np.exp(log_variance) - 1.0 - log_variance + mean**2, axis=1)
    value, logs = loss_of(vae(), "autoencoder")
    np.testing.assert_allclose(value, np.mean(kl - log_prob), rtol=1e-5)
    np.testing.assert_allclose(logs["elbo"], np.mean(log_prob - kl), rtol=1e-5)


def test_the_latent_model_is_that_of_one_class():
    model = vae().latent_model(2)
    x, z = tf.constant(X), tf.constant(X)
    expected = stats.norm.logpdf(X, X @ DECODER + SHIFT[2], STD).sum(axis=1)
    np.testing.assert_allclose(model.log_likelihood(x, z), expected, rtol=1e-5)
    rows = seeds.Rows(tf.range(BATCH, dtype=tf.int64))
    z, log_ratio = (value.numpy() for value in model.log_ratio(x, rows))
    statistics = X @ ENCODER + MEAN[2]
    log_q = stats.norm.logpdf(z, statistics[:, :2], np.exp(0.5 * statistics[:, 2:]))
    expected = np.sum(log_q - stats.norm.logpdf(z), axis=1)
    np.testing.assert_allclose(log_ratio, expected, rtol=1e-4, atol=1e-5)
    with pytest.raises(ValueError, match=r"`label` must be in \[0, 3\).*Received: None"):
        vae().latent_model()


SEEDS = tf.constant([3, 4, 5, 6, 7, 8], tf.int64)


def call(game, name, **inputs):
    endpoint = game.endpoints()[name]
    assert list(endpoint.inputs) == list(inputs)
    assert endpoint.inputs["label"] == tf.TensorSpec([None], tf.int64, "label")
    assert endpoint.input_ranges["label"] == (0, CLASSES - 1)
    outputs = endpoint.function(**inputs)
    assert set(outputs) == set(endpoint.ranges)
    example = endpoint.example(SEEDS)
    assert {key: (value.dtype, value.shape[1:]) for key, value in example.items()} == {
        key: (spec.dtype, spec.shape[1:]) for key, spec in endpoint.inputs.items()
    }
    label = endpoint.example(tf.range(100, dtype=tf.int64))["label"]
    assert sorted(set(label.numpy())) == list(range(CLASSES))
    return {key: value.numpy() for key, value in outputs.items()}


def test_generate_and_sample_take_a_label():
    game, label = GAN(**parts()), tf.constant(LABEL)
    actual = call(game, "generate", z=tf.constant(Z), label=label)["point"]
    np.testing.assert_allclose(actual, X_FAKE, rtol=1e-5, atol=1e-6)
    z = seeds.Rows(SEEDS).normal((3,)).numpy()
    actual = call(game, "sample", seed=SEEDS, label=label)["point"]
    np.testing.assert_allclose(actual, z @ W + SHIFT[LABEL], rtol=1e-5, atol=1e-6)
    assert game.classes() == CLASSES


@pytest.mark.parametrize(
    ("entrance", "inputs"), [("concatenate", ["x", "label"]), ("projection", ["x"])]
)
@pytest.mark.parametrize("constraint", [None, constraints.spectral_normalization()])
def test_features_take_a_label_where_they_depend_on_it(entrance, inputs, constraint):
    network = build.build(
        build.Spec("mlp_critic", units=(4,), label=entrance),
        role="critic",
        shape=(2,),
        classes=CLASSES,
    )
    game = GAN(**parts(critic=network, constraint=constraint))
    endpoint = game.endpoints()["features"]
    assert list(endpoint.inputs) == list(endpoint.input_ranges) == inputs
    assert endpoint.function(**endpoint.example(SEEDS))["features"].shape == (6, 4)


def test_every_endpoint_of_a_conditional_vae_takes_a_label():
    game, label, x = vae(), tf.constant(LABEL), tf.constant(X)
    statistics = X @ ENCODER + MEAN[LABEL]
    mean = statistics[:, :2]
    made = mean @ DECODER + SHIFT[LABEL]
    actual = call(game, "encode", x=x, label=label)
    np.testing.assert_allclose(actual["mean"], mean, rtol=1e-5)
    np.testing.assert_allclose(actual["std"], np.exp(0.5 * statistics[:, 2:]), rtol=1e-5)
    actual = call(game, "reconstruct", x=x, label=label)["point"]
    np.testing.assert_allclose(actual, made, rtol=1e-5, atol=1e-6)
    weight = np.linspace(0.0, 1.0, BATCH).astype("float32")
    end = X[::-1] @ ENCODER[:, :2] + MEAN[LABEL][:, :2]
    between = (1.0 - weight)[:, None] * mean + weight[:, None] * end
    ends = {"x0": x, "x1": tf.constant(X[::-1].copy()), "weight": tf.constant(weight)}
    actual = call(game, "interpolate", **ends, label=label)["point"]
    np.testing.assert_allclose(actual, between @ DECODER + SHIFT[LABEL], rtol=1e-4, atol=1e-5)
    log_variance = statistics[:, 2:]
    kl = 0.5 * np.sum(np.exp(log_variance) - 1.0 - log_variance + mean**2, axis=1)
    expected = kl - stats.norm.logpdf(X, made, STD).sum(axis=1)
    np.testing.assert_allclose(call(game, "score", x=x, label=label)["score"], expected, rtol=1e-5)
    assert list(game.endpoints()) == ["generate", "sample", "encode", "reconstruct"] + [
        "interpolate",
        "score",
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"generator": keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])}, "generator"),
        ({"critic": keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])}, "critic"),
        ({"critic": critic("float32")}, "critic"),
        ({"classes": None}, "generator"),
    ],
    ids=["generator", "critic", "float", "classes"],
)
def test_networks_that_do_not_take_what_the_game_gives_are_refused(changes, message):
    with pytest.raises(ValueError, match=f"`{message}` must take "):
        GAN(**parts(**changes))


def test_a_number_of_classes_is_at_least_one():
    with pytest.raises(ValueError, match="`classes` must be an integer > 0. Received: classes=0"):
        GAN(**parts(classes=0))
