"""TFDS data sets: a prepared one is read, another fails at once."""

import time
import types

import numpy as np
import pytest

from train.data import descriptions, prepared, sources, splits, table


@pytest.fixture(scope="module")
def tfds_dir(tmp_path_factory):
    """A prepared TFDS data set `tiny_pictures` of 40 images 6x5x3, in two files.

    Every pixel of image i has the value i.
    """
    import tensorflow_datasets as tfds

    class TinyPictures(tfds.core.GeneratorBasedBuilder):
        VERSION = tfds.core.Version("1.0.0")

        def _info(self):
            features = {
                "image": tfds.features.Image(shape=(6, 5, 3)),
                "label": tfds.features.ClassLabel(names=["even", "odd"]),
            }
            return tfds.core.DatasetInfo(
                builder=self, features=tfds.features.FeaturesDict(features)
            )

        def _split_generators(self, dl_manager):
            return {"train": self._generate_examples()}

        def _generate_examples(self):
            for row in range(40):
                yield (row, {"image": np.full((6, 5, 3), row, np.uint8), "label": row % 2})

    folder = tmp_path_factory.mktemp("tfds")
    TinyPictures(data_dir=str(folder)).download_and_prepare(
        download_config=tfds.download.DownloadConfig(num_shards=2)
    )
    return folder


@pytest.fixture
def tiny(tfds_dir, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tfds_dir))


def test_prepared_tfds_data_set_is_read(tiny):
    source = sources.load("tiny_pictures")
    assert (source.count, source.shape) == (40, (6, 5, 3))
    assert sorted(sources.images(source)[:, 0, 0, 0]) == list(range(40))
    assert sources.load("tiny_pictures", split="train[:25%]", crop=5, size=(4, 4)).shape == (
        4,
        4,
        3,
    )


def test_streamed_tfds_data_set_gives_permutations_that_resume(tiny):
    held, streamed = (
        sources.load("tiny_pictures", value_range=(0.0, 255.0)),
        sources.load("tiny_pictures", value_range=(0.0, 255.0), memory_limit=0),
    )
    np.testing.assert_array_equal(sources.images(held), sources.images(streamed))
    batches = [
        batch["x"].numpy()[:, 0, 0, 0].astype(int)
        for batch in sources.batches(streamed, batch_size=8, seed=2).take(12)
    ]
    epochs = np.reshape(batches[:10], (2, 40))
    assert all(sorted(epoch) == list(range(40)) for epoch in epochs) and not np.array_equal(*epochs)
    resumed = [
        batch["x"].numpy()[:, 0, 0, 0].astype(int)
        for batch in sources.batches(streamed, batch_size=8, seed=2, start=7).take(5)
    ]
    np.testing.assert_array_equal(resumed, batches[7:])
    large = next(iter(sources.batches(streamed, batch_size=100, seed=0)))
    assert large["x"].shape == (100, 6, 5, 3)


@pytest.mark.parametrize("memory_limit", [2**30, 0], ids=["memory", "streamed"])
def test_labels_are_those_of_the_feature_of_class_labels(tiny, memory_limit):
    source = sources.load("tiny_pictures", value_range=(0.0, 255.0), memory_limit=memory_limit)
    assert (source.classes, source.class_names) == (2, ("even", "odd"))
    np.testing.assert_array_equal(source.labels, sources.images(source)[:, 0, 0, 0] % 2)
    for batch in sources.batches(source, inputs=("x", "label"), batch_size=8, seed=2).take(6):
        np.testing.assert_array_equal(batch["label"], batch["x"].numpy()[:, 0, 0, 0] % 2)


def test_unknown_split_of_tfds_is_an_error(tiny):
    with pytest.raises(ValueError, match=r"`split` must be one of \['train'\].*'test'"):
        sources.load("tiny_pictures", split="test")


def test_unprepared_tfds_data_set_fails_at_once(tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    started = time.monotonic()
    with pytest.raises(
        ValueError, match=r"'cifar10' must be prepared.*`tfds build cifar10`.*TFDS_DATA_DIR"
    ) as raised:
        sources.load("cifar10")
    assert time.monotonic() - started < 60.0  # TFDS by itself tries the network for 210 s
    assert str(tmp_path) in str(raised.value)


@pytest.mark.parametrize(
    "name, near",
    [
        ("digit", "'digits'"),
        ("swissroll", "'swiss_roll'"),
        ("tiny_picture", "'tiny_pictures'"),
        ("fodler:/x", "'folder:DIR'"),
        ("cifar", "cifar10"),
    ],
)
def test_unknown_name_is_an_error_with_the_nearest(tiny, name, near):
    with pytest.raises(ValueError, match=f"Unknown data set {name!r}.*{near}"):
        sources.load(name)


def test_a_data_set_that_is_not_prepared_is_described_by_its_program(tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    pixels = {"count": None, "value_range": [0.0, 1.0]}
    assert descriptions.expect("mnist", value_range=(0.0, 1.0)) == pixels | {
        "shape": [28, 28, 1],
        "classes": 10,
    }
    turned = "digits,rotated:mnist"  # two domains have no labels
    described = descriptions.expect(turned, size=(12, 8), value_range=(0.0, 1.0))
    assert described == pixels | {"shape": [12, 8, 1]}


def test_prepared_data_set_with_validation_and_without_labels_is_read(tmp_path, monkeypatch):
    """TFDS's `binarized_mnist` is such a one."""
    import tensorflow_datasets as tfds

    class TinyBinarized(tfds.core.GeneratorBasedBuilder):
        VERSION = tfds.core.Version("1.0.0")

        def _info(self):
            features = {"image": tfds.features.Image(shape=(4, 4, 1))}
            return tfds.core.DatasetInfo(
                builder=self, features=tfds.features.FeaturesDict(features)
            )

        def _split_generators(self, dl_manager):
            return {
                part: self._generate_examples(count)
                for part, count in [("train", 5), ("validation", 3), ("test", 2)]
            }

        def _generate_examples(self, count):
            for row in range(count):
                yield row, {"image": np.full((4, 4, 1), 255 * (row % 2), np.uint8)}

    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    TinyBinarized(data_dir=str(tmp_path)).download_and_prepare()
    counts = [
        sources.load("tiny_binarized", split=part).count for part in ("train", "validation", "test")
    ]
    assert counts == [5, 3, 2]
    source = sources.load("tiny_binarized", split="validation", value_range=(0.0, 1.0))
    assert source.labels is None
    batch = next(iter(sources.batches(source, batch_size=3, seed=0)))
    assert sorted(batch["x"].numpy()[:, 0, 0, 0]) == [0.0, 0.0, 1.0]
    with pytest.raises(ValueError, match="one of .'test', 'train', 'validation'."):
        sources.load("tiny_binarized", split="valid")


@pytest.mark.parametrize("memory_limit", [2**30, 0], ids=["memory", "streamed"])
def test_records_without_a_test_split_are_held_out_in_their_order(tiny, memory_limit):
    options = {"held_out": 0.1, "memory_limit": memory_limit}
    order = list(sources.images(sources.load("tiny_pictures"))[:, 0, 0, 0])
    parts = [sources.load("tiny_pictures", unseen=unseen, **options) for unseen in (False, True)]
    seen = [list(sources.images(part)[:, 0, 0, 0]) for part in parts]
    rows = splits.held_out(40, 0.1)
    for part, numbers, expected in zip(parts, seen, rows, strict=True):
        assert part.count == len(numbers)
        assert numbers == [order[row] for row in sorted(expected)]
        np.testing.assert_array_equal(part.labels, np.array(numbers) % 2)
    batches = sources.batches(parts[0], inputs=("x", "label"), batch_size=6, seed=1)
    drawn = [np.rint((batch["x"].numpy()[:, 0, 0, 0] + 1.0) * 127.5) for batch in batches.take(6)]
    assert sorted(np.ravel(drawn)) == sorted(seen[0])


def test_records_with_a_test_split_hold_out_nothing(tiny, monkeypatch):
    assert table.holds_out("tiny_pictures")
    assert not table.holds_out("a_data_set_that_is_not_prepared")
    monkeypatch.setattr(prepared, "has_test", lambda name: True)
    monkeypatch.setattr(table, "TFDS", table.TFDS._replace(has_test=prepared.has_test))
    source = sources.load("tiny_pictures", held_out=0.1)
    assert (source.count, source.held_out) == (40, 0)


@pytest.mark.parametrize("parts", [["train"], ["train", "validation"], ["test", "train"]], ids=str)
def test_a_prepared_data_set_has_the_test_split_that_its_record_names(parts, monkeypatch):
    info = types.SimpleNamespace(splits=dict.fromkeys(parts))
    monkeypatch.setattr(prepared, "_builder", lambda name: types.SimpleNamespace(info=info))
    assert prepared.has_test("made") == ("test" in parts)
    assert table.holds_out("made,inverted:made") == ("test" not in parts)
