"""Copies of training images are counted, and references that were trained on are named."""

import dataclasses
import json
import types

import numpy as np
import pytest
from PIL import Image

from configs import schema
from train import runs
from train.data import sources
from train.evaluation import candidates, measurements, records, references

COUNT = 600


@pytest.fixture
def data(tmp_path):
    """Noise of two classes, sorted by class."""
    images = np.random.default_rng(0).integers(0, 256, (COUNT, 4, 4, 1), dtype=np.uint8)
    np.savez(tmp_path / "data.npz", images=images, labels=np.arange(COUNT) // (COUNT // 2))
    return schema.Data(f"npz:{tmp_path / 'data.npz'}", batch_size=8, value_range=(0.0, 1.0))


def part(data, unseen, held_out=0.1):
    return sources.images(sources.load(data.name, held_out=held_out, unseen=unseen))


@pytest.fixture
def measured(data):
    """A function that measures images, as the samples of a run on the data."""

    def measure(images, metric="memorization", **changed):
        chosen = dataclasses.replace(data, **changed)
        experiment = schema.Experiment("made", "none", chosen, None, {}, schema.Train(epochs=1))
        x = images.astype(np.float32) / 255.0
        return measurements.measure(
            candidates.find("digits")._replace(
                kind="run",
                data=chosen,
                draw=lambda count, seed: x[:count],
                experiment=experiment,
            ),
            metric,
        )

    return measure


def new(count, seed=1):
    return np.random.default_rng(seed).integers(0, 256, (count, 4, 4, 1), dtype=np.uint8)


def test_half_of_the_samples_copied_is_a_half_of_near_copies_and_a_warning(data, measured):
    copied = np.concatenate([part(data, unseen=False)[:200], new(200)])
    record = measured(copied)
    beside = record["beside"]
    np.testing.assert_allclose(beside["near_copies"], 0.5, atol=4 * (0.25 / 400) ** 0.5)
    assert beside["near_copies_standard_error"] == pytest.approx((0.25 / 400) ** 0.5, rel=0.02)
    assert beside["exact_copies"] == 0.5
    assert beside["near_copies_by_chance"] < 0.5
    (warning,) = records.warnings(record)
    assert "of 400 samples may be copies" in warning and "200 of them are exact copies" in warning
    assert warning in records.describe(record)


def test_copies_that_differ_by_a_level_are_near_copies(data, measured):
    copied = part(data, unseen=False)[:200].astype(int)
    copied = np.where(copied < 255, copied + 1, copied - 1).astype(np.uint8)
    record = measured(np.concatenate([copied, new(200)]))
    np.testing.assert_allclose(record["beside"]["near_copies"], 0.5, atol=0.1)
    assert record["beside"]["exact_copies"] == 0.0 and len(records.warnings(record)) == 1


def test_one_sample_has_no_standard_error(measured):
    assert measured(new(1))["standard_error"] is None


def test_new_images_are_no_copies(measured):
    record = measured(new(400))
    assert record["beside"]["exact_copies"] == 0.0
    assert record["beside"]["near_copies"] <= record["beside"]["near_copies_by_chance"]
    assert records.warnings(record) == []
    np.testing.assert_allclose(record["value"], 1.0, atol=4 * record["standard_error"])


def test_it_is_the_definition_by_hand(data, measured):
    samples, x_train, x = new(50), part(data, unseen=False), part(data, unseen=True)
    flat = [x.reshape(len(x), -1) / 255.0 for x in (samples, x_train, x)]
    own, others = (
        np.linalg.norm(rows[:, None] - flat[1][None], axis=-1).min(axis=1)
        for rows in (flat[0], flat[2])
    )
    record = measured(samples)
    np.testing.assert_allclose(record["value"], own.mean() / others.mean(), rtol=1e-6)
    relative = np.hypot(
        own.std() / own.mean() / 50**0.5, others.std() / others.mean() / len(others) ** 0.5
    )
    np.testing.assert_allclose(record["standard_error"], record["value"] * relative, rtol=1e-6)
    np.testing.assert_allclose(record["beside"]["near_copy_distance"], others.min(), rtol=1e-6)
    assert record["protocol"]["references"] == "held out of train[:60]"
    assert record["protocol"]["training_images"] == "training part of train[:540]"
    assert record["protocol"]["held_out"] == 0.1


@pytest.mark.parametrize("held_out", [0.0, 0.1])
def test_a_copy_of_any_image_that_was_trained_on_is_noticed(data, measured, held_out):
    # without anything held out, of those too which the default would hold out
    trained_on = part(data, unseen=False, held_out=held_out)
    record = measured(trained_on, held_out=held_out)
    assert record["beside"]["exact_copies"] == 1.0 and record["value"] == 0.0
    assert record["protocol"]["training_images"].endswith(f"[:{len(trained_on)}]")


def test_references_that_were_trained_on_are_a_warning(data, measured):
    samples = new(60)
    for metric in ("memorization", "sliced_wasserstein"):
        record = measured(samples, metric, held_out=0.0)
        (warning,) = records.warnings(record)
        assert "the references were trained on" in warning and "data.held_out=0" in warning
        assert warning in records.describe(record)
        assert record["protocol"]["references"] == "drawn from train[:60]"
        assert record["protocol"]["held_out"] == 0.0
        same = measured(samples, metric)
        assert records.warnings(same) == []
        groups = records.by_protocol([record, same])
        assert len(groups) == 2  # they cannot be compared
    # the same images in both, so that only the reading of the number differs
    np.testing.assert_allclose(record["value"], same["value"], rtol=1e-12)


def test_references_that_were_trained_on_are_not_their_own_neighbours(data, measured):
    record = measured(new(60), held_out=0.0)
    x = part(data, unseen=False, held_out=0.0).reshape(COUNT, -1) / 255.0
    rows = part(data, unseen=True).reshape(60, -1) / 255.0
    expected = np.sort(np.linalg.norm(rows[:, None] - x[None], axis=-1), axis=1)[:, 1]
    np.testing.assert_allclose(record["beside"]["examples"], expected.mean(), rtol=1e-6)


def test_references_hold_every_class_of_a_sorted_source(data):
    candidate = candidates.find("digits")._replace(data=data)
    x, split = references.held_out(candidate, 20)
    labels = references.labels(candidate, split, 20)
    assert set(labels) == {0, 1} and len(x) == 20
    whole = sources.load(data.name, value_range=(0.0, 1.0))
    by_pixels = dict(zip(map(bytes, sources.images(whole)), whole.labels))
    shown = np.rint(x * 255.0).astype(np.uint8)
    assert [by_pixels[bytes(image)] for image in shown] == labels.tolist()


def test_files_that_training_left_out_are_left_out_of_the_references(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for row, image in enumerate(new(20)):
        Image.fromarray(image[..., 0]).save(folder / f"{row:02}.png")
    (folder / "05_text.png").write_text("no image")
    data = schema.Data(f"folder:{folder}", batch_size=4, skip_unreadable=True)
    candidate = candidates.find("digits")._replace(data=data)
    x, split = references.held_out(candidate)
    assert len(x) == 2 and len(references.examples(candidate, data.split)) == 18


def test_a_probe_learns_from_other_examples_than_it_is_tested_on(data):
    for held_out in (0.0, 0.1):
        chosen = dataclasses.replace(data, held_out=held_out)
        candidate = candidates.find("digits")._replace(data=chosen)
        x, split = references.held_out(candidate)
        learned = references.examples(candidate, references.learned_on(candidate, split))
        assert (len(learned), len(x)) == (540, 60)
        assert not set(map(bytes, x)) & set(map(bytes, learned))


@pytest.mark.parametrize(
    "trained_on, warned", [("train", False), ("train[:20]", False), ("test", True), ("all", True)]
)
def test_a_test_split_that_was_trained_on_is_a_warning(pictures, trained_on, warned):
    data = schema.Data(f"idx:{pictures[0]}", batch_size=8, split=trained_on)
    candidate = candidates.find("digits")._replace(kind="run", data=data)
    said = references.protocol(candidate, "test")
    assert ("may have been trained on" in str(said)) == warned
    assert "held_out" not in said  # the protocol of data with a test split stays as it was
    assert references.protocol(candidate._replace(split=trained_on), trained_on) == {}


def test_a_test_split_is_compared_with_as_before(pictures):
    folder, arrays = pictures
    data = schema.Data(f"idx:{folder}", batch_size=8, value_range=(0.0, 1.0))
    candidate = candidates.find("digits")._replace(data=data)
    x, split = references.held_out(candidate)
    assert split == "test"
    np.testing.assert_allclose(x.reshape(len(x), -1), arrays["test"], atol=1e-6)
    np.testing.assert_allclose(
        references.examples(candidate, "train").reshape(-1, 16), arrays["train"], atol=1e-6
    )


def test_points_are_compared_with_those_of_training_and_not_with_themselves():
    ring = candidates.find("ring")._replace(num=200)
    record = measurements.measure(ring, "memorization")
    assert record["protocol"]["references"] == "train[:200]"
    assert np.isfinite(record["value"]) and record["beside"]["examples"] > 0.0


def test_data_that_are_all_alike_are_refused(measured, data, tmp_path):
    np.savez(tmp_path / "data.npz", images=np.zeros((30, 4, 4), np.uint8))
    with pytest.raises(ValueError, match="not all copies of training examples. Received: 3"):
        measured(new(20))


def old(run):
    """Makes a run one that was started before `data.held_out` existed."""
    record = run.record()
    del record["experiment"]["data"]["held_out"]
    run.experiment_file.write_text(json.dumps(record))
    return runs.Run(run.directory)


@pytest.fixture
def run(start, data, tmp_path):
    return start(tmp_path / "run", data, shape=[4, 4, 1], value_range=[0.0, 1.0])


def test_a_run_from_before_is_measured_and_trained_on_everything(run):
    assert records.warnings(measurements.evaluate(run, "sliced_wasserstein", verbose=False)) == []
    before = old(run)
    assert before.experiment().data.held_out == 0.0
    record = measurements.evaluate(before, "memorization", verbose=False)
    assert "were trained on" in records.warnings(record)[0]
    assert record["protocol"]["training_images"] == "train[:600]"


@pytest.mark.parametrize("held_out", [None, 0.0, 0.25])
def test_a_bundle_says_what_its_run_held_out(data, monkeypatch, tmp_path, held_out):
    said = {} if held_out is None else {"held_out": held_out}  # None: of a run from before
    manifest = {
        "name": "faces",
        "version": 1,
        "data": {"name": "npz:data.npz", "split": "train", **said},  # without the folders
        "endpoints": {
            "sample": {
                "inputs": {},
                "outputs": {"image": {"range": [0, 1], "shape": [None, 4, 4, 1], "dtype": "f"}},
            }
        },
        "preprocessing": {"range": [0, 1], "size": [4, 4], "channels": 1, "layout": "NHWC"},
        "files": {"onnx/faces_sample/1/model.onnx": {"sha256": "0" * 64}},
    }
    bundle = types.SimpleNamespace(manifest=manifest, classes=lambda: None)
    bundle.output_range = lambda endpoint: (0.0, 1.0)
    monkeypatch.setattr(candidates.zoo, "load", lambda directory: bundle)
    made = candidates.of_bundle(tmp_path, data.name)
    assert made.data.held_out == (held_out or 0.0)
    x, split = references.held_out(made)
    assert ("warnings" in references.protocol(made, split)) == (not held_out)
    expected = part(data, unseen=True, held_out=held_out or 0.1)
    np.testing.assert_array_equal(np.rint(x * 255.0), expected)
    assert candidates.of_bundle(tmp_path, "digits").data.held_out == 0.1  # it never saw the digits
