"""Every runtime refuses other shapes, unequal rows and empty batches, and one seed is one draw."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.tools import saved_model_cli

import zoo
from export.runtime import backends, golden_rows, manifests, rules
from zoo import seeds
from zoo.games import endpoints, game

SHAPE = (4, 4, 1)
X = np.linspace(-1.0, 1.0, 48, dtype=np.float32).reshape(3, *SHAPE)
NOISE = np.zeros((3, 2), np.float32)
LABEL = np.zeros(3, np.int64)
WEIGHT = np.zeros(3, np.float32)


class Broadcasting(game.Game):
    """Endpoints whose arithmetic would repeat a single row, or take an image of another layout."""

    def __init__(self):
        super().__init__()
        keras.utils.set_random_seed(1)
        layers = [keras.Input(SHAPE), keras.layers.Flatten(), keras.layers.Dense(2)]
        self.network = keras.Sequential(layers)

    def players(self):
        return {}

    def endpoints(self):
        specs = {
            "x": tf.TensorSpec([None, *SHAPE], name="x"),
            "noise": tf.TensorSpec([None, 2], name="noise"),
            "weight": tf.TensorSpec([None], name="weight"),
            "label": tf.TensorSpec([None], tf.int64, "label"),
            "seed": tf.TensorSpec([None], tf.int64, "seed"),
        }
        values = {
            "x": lambda rows: rows.uniform(SHAPE),
            "noise": lambda rows: rows.normal((2,)),
            "weight": lambda rows: rows.uniform(),
            "label": lambda rows: tf.cast(3.0 * rows.uniform(), tf.int64),
        }
        ranges = {"label": (0, 2), "weight": (0.0, 1.0)}

        def endpoint(function, *names):
            def example(seed):
                rows = seeds.Rows(seed)
                return {name: values[name](rows) if name != "seed" else seed for name in names}

            inputs = {name: specs[name] for name in names}
            bounds = {name: ranges.get(name) for name in names}
            return endpoints.Endpoint(function, inputs, {"y": None}, example, bounds)

        def encode(x, noise, weight, label):
            added = noise + weight[:, None] + tf.one_hot(label, 2)
            return {"y": self.network(x, training=False) + added}

        return {
            "encode": endpoint(encode, "x", "noise", "weight", "label"),
            "sample": endpoint(lambda seed: {"y": seeds.Rows(seed).normal((2,))}, "seed"),
        }


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return zoo.export(Broadcasting(), tmp_path_factory.mktemp("rows") / "bundle")


@pytest.fixture(scope="module", params=backends.RUNTIMES)
def run(request, made):
    with backends.RUNTIMES[request.param](made, manifests.read(made)) as run:
        yield run


def inputs(**changed):
    return {"x": X, "noise": NOISE, "weight": WEIGHT, "label": LABEL} | changed


WRONG = {
    "one example": inputs(x=X[:1]),
    "one noise": inputs(noise=NOISE[:1]),
    "one weight": inputs(weight=WEIGHT[:1]),
    "one label": inputs(label=LABEL[:1]),
    "two labels": inputs(label=LABEL[:2]),
    "three of the others": inputs(x=X[:1]),
    "channels first": inputs(x=X.transpose(0, 3, 1, 2)),
    "no channels": inputs(x=X[..., 0]),
    "weight with an axis": inputs(weight=WEIGHT[:, None]),
    "no rows": {name: value[:0] for name, value in inputs().items()},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_every_runtime_refuses_other_shapes_and_rows(run, wrong):
    assert run("encode", inputs())["y"].shape == (3, 2)
    with pytest.raises(Exception, match="(?i)shape|rank|dimension|size"):
        run("encode", WRONG[wrong])


def test_every_runtime_refuses_no_seeds(run):
    with pytest.raises(Exception, match="(?i)shape|dimension"):
        run("sample", {"seed": np.zeros(0, np.int64)})


def test_a_negative_seed_is_its_64_bits_in_every_runtime(run):
    edges = np.array([-1, 2**32 - 1, -(2**32), -(2**63), 0, 2**63 - 1], np.int64)
    drawn = run("sample", {"seed": edges})["y"]
    assert len(np.unique(drawn, axis=0)) == len(edges)  # no two seeds have one draw
    expected = zoo_normal(edges)
    np.testing.assert_allclose(drawn, expected, rtol=0, atol=1e-5)


def zoo_normal(edges):
    """Random123's threefry2x32 with the 64 bits of each seed as its key, in Python's integers."""

    def words(key, counter):
        keys = (*key, key[0] ^ key[1] ^ 0x1BD11BDA)
        x = [(counter[0] + keys[0]) % 2**32, (counter[1] + keys[1]) % 2**32]
        for group in range(5):
            for bits in ((13, 15, 26, 6), (17, 29, 16, 24))[group % 2]:
                x[0] = (x[0] + x[1]) % 2**32
                x[1] = (((x[1] << bits) | (x[1] >> (32 - bits))) % 2**32) ^ x[0]
            x = [
                (x[0] + keys[(group + 1) % 3]) % 2**32,
                (x[1] + keys[(group + 2) % 3] + group + 1) % 2**32,
            ]
        return x

    rows = []
    for seed in edges.tolist():
        first, second = words((seed % 2**64 % 2**32, seed % 2**64 >> 32), (0, 0))
        u, v = ((word >> 9) * 2.0**-23 + 2.0**-24 for word in (first, second))
        radius = np.sqrt(-2.0 * np.log(u))
        rows.append([radius * np.cos(2.0 * np.pi * v), radius * np.sin(2.0 * np.pi * v)])
    return np.array(rows)


def test_the_program_s_own_calls_refuse_with_a_sentence(made):
    for model in (zoo.load(made), Broadcasting()):
        with pytest.raises(ValueError, match="`seed` of 'sample' must be in .*Received: -1 to 0"):
            model.run("sample", {"seed": [-1, 0]})
        for wrong in WRONG.values():
            with pytest.raises(ValueError, match=r"same number of rows|shape"):
                model.run("encode", wrong)


def test_saved_model_cli_runs_the_default_signature(made, tmp_path):
    # `saved_model_cli run` of TensorFlow 2.21 asks for --signature_def, whatever the model has
    saved_model_cli.run_saved_model_with_feed_dict(
        str(made / "saved_model" / "1"),
        "serve",
        "serving_default",
        {"seed": np.array([7, 8])},
        str(tmp_path),
        overwrite_flag=False,
    )
    sampled = zoo.load(made).run("sample", {"seed": [7, 8]})["y"]
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), sampled, rtol=0, atol=1e-5)


def test_a_default_signature_of_another_endpoint_is_refused(made):
    manifest = manifests.read(made)
    with backends.saved_model(made, manifest) as run:
        golden = golden_rows.read(made / "golden.npz")["sample"]
        assert rules.repeatable_as(run, "sample", "serving_default", golden) == 0.0

        def changed(name, inputs):
            return {k: v + (name == "serving_default") for k, v in run(name, inputs).items()}

        with pytest.raises(ValueError, match="'y' of 'serving_default' must be equal to 0"):
            rules.repeatable_as(changed, "sample", "serving_default", golden)


def test_chosen_endpoints_alone_are_exported(tmp_path):
    made = zoo.export(Broadcasting(), tmp_path / "one", endpoints=["sample"])
    opened = zoo.load(made)
    assert opened.offered() == {"sample": ("seed",)}
    # `label` belongs to the endpoint that was left out
    assert opened.classes() is opened.manifest["classes"] is None
    assert not list(made.rglob("*encode*"))
    with pytest.raises(ValueError, match="Unknown endpoint of this model 'sampel'.*'sample'"):
        zoo.export(Broadcasting(), tmp_path / "two", endpoints=["sampel"])
    assert [path.name for path in tmp_path.iterdir()] == ["one"]
