"""Runs, bundles, folders, files and data sets give the same samples for the same seed."""

import hashlib

import numpy as np
import pytest
from PIL import Image

import configs
import zoo
from configs import schema
from train import bundles, checkpoints, experiments
from train.evaluation import candidates, references


@pytest.fixture
def run(start, tmp_path):
    return start(
        tmp_path / "run",
        schema.Data("digits", batch_size=8, value_range=(0.0, 1.0)),
        shape=[8, 8, 1],
        value_range=[0.0, 1.0],
    )


def test_a_bundle_gives_the_samples_of_its_run(run, tmp_path):
    bundles.write(run, tmp_path / "bundle")
    result = candidates.find(str(tmp_path / "bundle"))
    np.testing.assert_allclose(
        result.draw(300, 5), checkpoints.load_game(run).sample(300, seed=5), atol=1e-5
    )
    assert (result.kind, result.name, result.step, result.data.name) == (
        "bundle",
        "bundle",
        0,
        "digits",
    )
    (graph,) = (tmp_path / "bundle" / "onnx").glob("*_sample/1/model.onnx")
    assert result.identity["weights_sha256"] == hashlib.sha256(graph.read_bytes()).hexdigest()
    np.testing.assert_array_equal(
        references.examples(result, "train", 7),
        references.examples(candidates.find("digits"), "train", 7),
    )


def test_a_bundle_that_names_no_data_asks_for_some(run, tmp_path):
    zoo.export(checkpoints.load_game(run), tmp_path / "bundle")
    with pytest.raises(ValueError, match="name it by --data=NAME"):
        references.held_out(candidates.find(str(tmp_path / "bundle")))
    compared = candidates.find(str(tmp_path / "bundle"), "digits")
    assert (compared.data.size, compared.value_range) == ((8, 8), (0.0, 1.0))
    assert references.examples(compared, "train", 7).shape == (7, 8, 8, 1)


def test_a_folder_of_pictures_gives_what_the_same_images_in_a_file_give(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (12, 8, 8, 1), dtype=np.uint8)
    (tmp_path / "pictures").mkdir()
    for number, image in enumerate(images):
        Image.fromarray(image[..., 0]).save(tmp_path / "pictures" / f"{number:02}.png")
    np.savez(tmp_path / "made.npz", images=images)
    folder, file = (
        candidates.find(str(tmp_path / "pictures"), "digits"),
        candidates.find(str(tmp_path / "made.npz"), "digits"),
    )
    np.testing.assert_array_equal(folder.draw(12, 3), file.draw(12, 3))
    assert folder.identity == file.identity
    assert (folder.name, file.name, folder.kind) == ("folder:pictures", "npz:made.npz", "images")
    assert sorted(map(bytes, np.rint(file.draw(12, 3) * 255).astype(np.uint8))) == sorted(
        map(bytes, images)
    )


def test_references_are_read_as_the_data_say(tmp_path, capsys):
    folder = tmp_path / "sprites"
    folder.mkdir()
    Image.fromarray(np.zeros((8, 8, 4), np.uint8)).save(folder / "a.png")
    made = candidates.find(str(folder), f"folder:{folder}", background="lime")
    np.testing.assert_array_equal(made.draw(1, 0)[0, 0, 0], [0.0, 1.0, 0.0])
    np.testing.assert_array_equal(references.examples(made, "train")[0, 0, 0], [0.0, 1.0, 0.0])
    assert "a lime background" in capsys.readouterr().out
    Image.fromarray(np.full((8, 8), 4000, np.uint16)).save(folder / "a.png")
    deep = made._replace(data=schema.Data(f"folder:{folder}", 1, value_range=(0.0, 255.0), bits=13))
    np.testing.assert_array_equal(references.examples(deep, "train"), 4000 // 32)


def test_a_data_set_is_compared_with_itself():
    result = candidates.find("digits")
    x, split = references.held_out(result)
    assert (result.data.name, split, len(x)) == ("digits", "held out of train", 180)
    assert result._replace(split="train[:3]").value_range == (0.0, 1.0)
    np.testing.assert_array_equal(
        references.held_out(result._replace(split="train[:3]"))[0],
        references.examples(result, "train", 3),
    )


def test_fewer_samples_are_the_head_of_more():
    result = candidates.find("digits")
    np.testing.assert_array_equal(result.draw(10, 2), result.draw(50, 2)[:10])
    assert len(result.draw(10_000, 2)) == 1797


def test_examples_are_read_once_for_several_metrics(monkeypatch):
    result = candidates.find("digits")
    first = references.examples(result, "train", 11)
    monkeypatch.setattr(references.sources, "load", lambda *_, **__: pytest.fail("read again"))
    np.testing.assert_array_equal(references.examples(result._replace(seed=1), "train", 11), first)
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 0.0  # what the next metric is given


def test_images_without_a_data_set_ask_for_one(tmp_path):
    np.savez(tmp_path / "made.npz", images=np.zeros((4, 8, 8), np.uint8))
    with pytest.raises(ValueError, match="name it by --data=NAME"):
        references.held_out(candidates.find(str(tmp_path / "made.npz")))


def test_what_is_nowhere_is_refused_with_what_could_be(tmp_path):
    with pytest.raises(
        ValueError, match="must be a run, a bundle, a folder of pictures, an npz file or a data set"
    ):
        candidates.find(str(tmp_path / "nothing"))


def test_the_hash_of_weights_changes_with_one_of_them(run):
    game = checkpoints.load_game(run)
    before = candidates.of_game(game, run.experiment(), "run").identity["weights_sha256"]
    assert (
        before
        == candidates.of_game(checkpoints.load_game(run), run.experiment(), "run").identity[
            "weights_sha256"
        ]
    )
    weight = game.generator.weights[0]
    weight.assign(weight + 1e-3)
    assert candidates.of_game(game, run.experiment(), "run").identity["weights_sha256"] != before


def test_a_game_that_does_not_sample_has_no_draws():
    experiment = configs.load("features_mnist")
    game = experiments.compiled(experiment, {"shape": (8, 8, 1), "value_range": (0.0, 1.0)})
    result = candidates.of_game(game, experiment, "classes")
    assert result.draw is None and result.value_range is None
