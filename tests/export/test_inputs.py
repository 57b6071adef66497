"""Inputs other than seeds, latents and one example: labels, noise, and examples of two domains."""

import json
import re
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from export import functions
from export.runtime import checks, golden_rows, manifests, warm_up
from zoo import seeds, trained
from zoo.games import endpoints, game

CLASSES = 3
SHAPE = (4, 4, 1)
RANGE = (-1.0, 1.0)


class Conditional(game.Game):
    """A generator of a latent and a label, and an encoder that draws."""

    def __init__(self):
        super().__init__()
        keras.utils.set_random_seed(1)
        z, label = keras.Input([2]), keras.Input([], dtype="int64")
        hidden = keras.layers.Concatenate()([z, keras.layers.Embedding(CLASSES, 4)(label)])
        image = keras.layers.Dense(16, activation="tanh")(hidden)
        self.generator = keras.Model([z, label], keras.layers.Reshape(SHAPE)(image))
        x, noise = keras.Input(SHAPE), keras.Input([3])
        flat = keras.layers.Concatenate()([keras.layers.Flatten()(x), noise])
        self.encoder = keras.Model([x, noise], keras.layers.Dense(2)(flat))

    def players(self):
        return {}

    def endpoints(self):
        z, seed, label, x, noise = (
            tf.TensorSpec([None, *shape], dtype, name)
            for name, shape, dtype in [
                ("z", [2], tf.float32),
                ("seed", [], tf.int64),
                ("label", [], tf.int64),
                ("x", SHAPE, tf.float32),
                ("noise", [3], tf.float32),
            ]
        )

        def generate(z, label):
            return {"image": self.generator([z, label], training=False)}

        def sample(seed, label):
            return generate(seeds.Rows(seed).normal((2,)), label)

        def encode(x, noise):
            return {"z": self.encoder([x, noise], training=False)}

        def labelled(name, value):
            return lambda seed: {name: value(seed), "label": seed % CLASSES}

        def encoded(seed):
            rows = seeds.Rows(seed)
            return {"x": 2.0 * rows.uniform(SHAPE) - 1.0, "noise": rows.normal((3,))}

        classes = {"label": (0, CLASSES - 1)}
        latents = labelled("z", lambda seed: seeds.Rows(seed).normal((2,)))
        return {
            "generate": endpoints.Endpoint(
                generate, {"z": z, "label": label}, {"image": RANGE}, latents, {"z": None} | classes
            ),
            "sample": endpoints.Endpoint(
                sample,
                {"seed": seed, "label": label},
                {"image": RANGE},
                labelled("seed", lambda seed: seed),
                classes,
            ),
            "encode": endpoints.Endpoint(
                encode, {"x": x, "noise": noise}, {"z": None}, encoded, {"x": RANGE}
            ),
        }


class TwoDomains(game.Game):
    """A function from one domain to the other and one back: no prior, no sample."""

    def __init__(self):
        super().__init__()
        keras.utils.set_random_seed(2)
        self.a_to_b, self.b_to_a = (
            keras.Sequential([keras.Input([4, 4, 1]), keras.layers.Conv2D(1, 3, padding="same")])
            for _ in range(2)
        )

    def players(self):
        return {}

    def endpoints(self):
        return {
            name: endpoints.Endpoint(
                lambda x, network=network: {"image": network(x, training=False)},
                {"x": tf.TensorSpec([None, *SHAPE], tf.float32, "x")},
                {"image": None},
                lambda seed: {"x": 2.0 * seeds.Rows(seed).uniform(SHAPE) - 1.0},
                {"x": RANGE},
            )
            for name, network in [("a_to_b", self.a_to_b), ("b_to_a", self.b_to_a)]
        }


@pytest.fixture(scope="module")
def conditional():
    return Conditional()


@pytest.fixture(scope="module")
def labelled(conditional, tmp_path_factory):
    return zoo.load(zoo.export(conditional, tmp_path_factory.mktemp("labelled") / "bundle"))


@pytest.fixture(scope="module")
def translated(tmp_path_factory):
    game = TwoDomains()
    return game, zoo.load(zoo.export(game, tmp_path_factory.mktemp("two") / "bundle"))


def test_the_manifest_has_the_classes(labelled):
    about = {"dtype": "int64", "shape": [None], "range": [0, CLASSES - 1]}
    for endpoint in ("generate", "sample"):
        assert labelled.manifest["endpoints"][endpoint]["inputs"]["label"] == about
    # a seed of a game of one's own, which says no range
    assert labelled.manifest["endpoints"]["sample"]["inputs"]["seed"]["range"] == [0, 2**63 - 1]
    assert labelled.classes() == labelled.manifest["classes"] == CLASSES
    assert labelled.offered()["sample"] == ("seed", "label")


def test_goldens_and_warm_up_carry_the_label(labelled):
    goldens = golden_rows.read(labelled.path / "golden.npz")
    assert set(goldens["sample"].inputs["label"].tolist()) == set(range(CLASSES))
    requests = dict(warm_up.read(labelled.path / "saved_model" / "1"))
    assert set(requests["sample"]) == {"seed", "label"}
    assert requests["sample"]["label"].dtype == np.int64


def test_a_class_is_sampled_as_the_game_samples_it(conditional, labelled):
    for label in (2, [0, 1, 2, 2, 1, 0], None):
        ours = labelled.sample(6, seed=5, label=label)
        theirs = conditional.sample(6, seed=5, label=label)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)
    assert np.abs(labelled.sample(6, label=0) - labelled.sample(6, label=1)).max() > 1e-3


@pytest.mark.parametrize("label", [-1, CLASSES])
def test_a_label_that_is_no_class_is_refused(labelled, label):
    with pytest.raises(ValueError, match=r"`label` must be in \[0, 3\)"):
        labelled.sample(2, label=label)
    with pytest.raises(ValueError, match=r"`label` of 'sample' must be in \[0, 2\]"):
        labelled.run("sample", {"seed": [1], "label": [label]})


def test_rows_must_be_equal_in_number(labelled):
    with pytest.raises(ValueError, match="same number of rows.*Received: 2 of seed, 1 of label"):
        labelled.run("sample", {"seed": [1, 2], "label": [0]})


def test_noise_that_is_not_given_is_what_the_game_draws(conditional, labelled):
    endpoint = conditional.endpoints()["encode"]
    drawn = endpoint.example(tf.constant(trained.row_seeds(9, 4)))
    x = drawn["x"].numpy()
    expected = conditional.encode(x, seed=9)
    np.testing.assert_allclose(labelled.encode(x, seed=9), expected, rtol=0, atol=1e-5)
    assert np.abs(labelled.encode(x, seed=8) - expected).max() > 1e-2
    given = labelled.run("encode", {"x": x, "noise": drawn["noise"].numpy()})["z"]
    np.testing.assert_allclose(given, expected, rtol=0, atol=1e-5)


def test_the_manifest_says_how_noise_is_drawn(labelled):
    about = labelled.manifest["endpoints"]["encode"]["inputs"]["noise"]
    # the second draw of a seed; the example is the first
    assert (about["distribution"], about["stream"], about["range"]) == ("normal", 1, None)


def test_noise_alone_does_not_say_how_many_rows(labelled):
    with pytest.raises(ValueError, match=r"'encode' needs the inputs \['x'\]"):
        labelled.run("encode", {})


def test_noise_that_is_no_draw_of_the_seed_is_asked_for(conditional):
    offered = conditional.endpoints()
    example = offered["encode"].example
    offered["encode"] = offered["encode"]._replace(
        example=lambda seed: example(seed) | {"noise": example(seed)["x"][:, 0, :3, 0]}
    )
    described = functions.describe(offered, functions.golden(offered))
    assert "stream" not in described["encode"]["inputs"]["noise"]


def test_a_label_without_classes_is_refused(conditional):
    offered = {"sample": conditional.endpoints()["sample"]._replace(input_ranges={})}
    with pytest.raises(ValueError, match=r"must give `label` as \(0, classes - 1\).*'sample'"):
        functions.describe(offered, functions.golden(offered))


def changed(labelled, tmp_path, change):
    """What the gate says of a bundle whose golden inputs were changed."""
    copy = tmp_path / "copy"
    shutil.copytree(labelled.path, copy)
    goldens = golden_rows.read(copy / "golden.npz")
    change(goldens)
    golden_rows.write(copy / "golden.npz", goldens)
    manifests.seal(copy, manifests.read(copy))
    return checks.check(copy, echo=lambda line: None)


def test_golden_labels_outside_the_classes_are_refused(labelled, tmp_path):
    failures = changed(
        labelled, tmp_path, lambda goldens: goldens["sample"].inputs["label"].fill(CLASSES)
    )
    assert any("'label' of 'sample' must be in [0, 2]" in failure for failure in failures)


def test_golden_noise_that_is_not_drawn_from_its_seeds_is_refused(labelled, tmp_path):
    failures = changed(
        labelled, tmp_path, lambda goldens: goldens["encode"].inputs["noise"].__iadd__(1e-2)
    )
    assert any("drawn" in failure and "'encode'" in failure for failure in failures)


@pytest.mark.parametrize("number", [0, 1, 2], ids=["saved_model", "onnx", "zoo"])
def test_the_card_s_python_asks_for_classes(labelled, number, monkeypatch, capsys):
    card = (labelled.path / "README.md").read_text()
    monkeypatch.chdir(labelled.path)
    exec(re.findall(r"```python\n(.*?)```", card, re.DOTALL)[number], {})
    assert capsys.readouterr().out.strip() == "(4, 4, 4, 1)"
    assert "BigInt64Array.from([0n, 1n, 2n, 0n])" in card


def test_two_domains_are_exported_in_both_directions(translated):
    game, bundle = translated
    assert bundle.offered() == {"a_to_b": ("x",), "b_to_a": ("x",)}
    x = np.random.default_rng(0).uniform(-1, 1, (5, *SHAPE)).astype(np.float32)
    for name in ("a_to_b", "b_to_a"):
        ours, theirs = bundle.run(name, {"x": x}), game.run(name, {"x": x})
        np.testing.assert_allclose(ours["image"], theirs["image"], rtol=0, atol=1e-5)
    assert np.abs(game.a_to_b(x) - game.b_to_a(x)).max() > 1e-2
    assert bundle.classes() is None
    with pytest.raises(ValueError, match="Unknown endpoint of this model 'sample'"):
        bundle.sample(1)


def test_the_card_of_two_domains_stands_without_a_prior(translated):
    card = (translated[1].path / "README.md").read_text()
    assert "Latents" not in card and "None" not in card
    assert json.dumps("a_to_b/inputs/x") in card
