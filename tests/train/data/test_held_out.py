"""What training never sees of data without a test split: the same of every kind of source."""

import numpy as np
import pytest
from PIL import Image

from train.data import sources, table

CLASSES, EACH = 5, 20


def grey(number):
    """An image that says which one it is."""
    return np.full((4, 4, 1), number, np.uint8)


@pytest.fixture
def folder(tmp_path):
    """A hundred files in class folders, sorted by class: image i has the class i // 20."""
    for number in range(CLASSES * EACH):
        path = tmp_path / "sorted" / f"class_{number // EACH}" / f"{number:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(grey(number)[..., 0]).save(path)
    return f"folder:{tmp_path / 'sorted'}"


@pytest.fixture
def file(tmp_path):
    """The same images and labels in a file."""
    numbers = np.arange(CLASSES * EACH)
    images = np.stack([grey(number) for number in numbers])
    np.savez(tmp_path / "sorted.npz", images=images, labels=numbers // EACH)
    return f"npz:{tmp_path / 'sorted.npz'}"


def numbers(source):
    return sources.images(source)[:, 0, 0, 0].astype(int)


def both(name, **options):
    """Which images are trained on, and which are held out."""
    training = sources.load(name, held_out=0.1, **options)
    unseen = sources.load(name, held_out=0.1, unseen=True, **options)
    assert training.held_out == unseen.held_out == unseen.count
    return numbers(training), numbers(unseen)


def test_a_source_sorted_by_class_holds_out_some_of_each_class(file):
    training, unseen = both(file)
    assert sorted([*training, *unseen]) == list(range(100)) and list(training) == sorted(training)
    assert np.bincount(unseen // EACH).tolist() == [2] * CLASSES
    assert list(unseen) != sorted(unseen)
    inverted = [255 - part for part in both(f"inverted:{file}")]
    for part, expected in zip(inverted, (training, unseen), strict=True):
        np.testing.assert_array_equal(part, expected)


@pytest.mark.parametrize("memory_limit", [2**30, 0], ids=["memory", "streamed"])
def test_a_folder_holds_out_what_a_file_of_its_images_does(folder, file, memory_limit):
    for unseen, expected in zip((False, True), both(file), strict=True):
        options = {"held_out": 0.1, "unseen": unseen, "value_range": (0.0, 255.0)}
        for source in (
            sources.load(folder, memory_limit=memory_limit, **options),
            sources.load(file, **options),
        ):
            np.testing.assert_array_equal(numbers(source), expected)
            np.testing.assert_array_equal(source.labels, expected // EACH)
            batches = sources.batches(source, inputs=("x", "label"), batch_size=5, seed=0)
            batch = next(iter(batches))
            shown = batch["x"].numpy()[:, 0, 0, 0].astype(int)
            np.testing.assert_array_equal(batch["label"], shown // EACH)


def test_training_never_draws_what_is_held_out(file):
    training, unseen = both(file)
    source = sources.load(file, held_out=0.1, value_range=(0.0, 255.0))
    assert (source.count, sources.steps_per_epoch(source, 10)) == (90, 9)
    drawn = [
        batch["x"].numpy()[:, 0, 0, 0].astype(int)
        for batch in sources.batches(source, batch_size=10, seed=3).take(18)
    ]
    assert set(np.ravel(drawn)) == set(training) and not set(training) & set(unseen)
    np.testing.assert_allclose(
        sources.mean_image(source), grey(0) + training.mean() / 255.0, rtol=1e-6
    )


@pytest.mark.parametrize("memory_limit", [2**30, 0], ids=["memory", "streamed"])
def test_files_that_cannot_be_read_move_nothing(folder, file, memory_limit):
    before = both(file)
    root = folder.removeprefix("folder:")
    with open(f"{root}/class_0/0_text.png", "w") as text:
        text.write("no image")
    whole = open(f"{root}/class_1/025.png", "rb").read()
    with open(f"{root}/class_1/025b.png", "wb") as cut:
        cut.write(whole[: len(whole) - 20])
    after = both(folder, skip_unreadable=True, memory_limit=memory_limit)
    for part, expected in zip(after, before, strict=True):
        np.testing.assert_array_equal(part, expected)


def test_files_agree_in_shape_whatever_is_held_out(folder, file):
    unseen = both(file)[1]
    path = f"{folder.removeprefix('folder:')}/class_{unseen[0] // EACH}/{unseen[0]:03}.png"
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(path)
    for part in (False, True):
        with pytest.raises(ValueError, match="must have one size and be all grey or all RGB"):
            sources.load(folder, held_out=0.1, unseen=part)


def test_two_domains_hold_out_each_their_own(file):
    pair = sources.load(f"{file},inverted:{file}", held_out=0.1, value_range=(0.0, 255.0))
    assert (pair.count, pair.held_out) == (90, 10)
    assert [domain.count for domain in pair.domains] == [90, 90]
    shown = sources.load(
        f"{file},inverted:{file}", held_out=0.1, unseen=True, value_range=(0.0, 255.0)
    )
    rows = sources.examples(shown, None, ("a", "b"))
    np.testing.assert_allclose(rows["a"] + rows["b"], 255.0, atol=1e-4)  # the same ones


@pytest.mark.parametrize("name", ["ring", "mixture", "one_hot"])
def test_points_hold_out_nothing(name):
    assert not table.holds_out(name)
    assert sources.load(name, held_out=0.1).count == 100_000


def test_idx_files_hold_out_nothing_where_there_is_a_test_file(pictures):
    folder, arrays = pictures
    name = f"idx:{folder}"
    assert not table.holds_out(name)
    assert sources.load(name, held_out=0.1).count == len(arrays["train"])
    (folder / "t10k-images-idx3-ubyte").unlink()
    assert table.holds_out(name) and table.holds_out(f"ring,inverted:{name}")
    source = sources.load(name, held_out=0.1)
    assert (source.count, source.held_out) == (540, 60)


@pytest.mark.parametrize("parts", [["train", "valid"], ["train", "test"]], ids=str)
def test_npz_files_hold_out_nothing_where_they_have_a_test_array(tmp_path, parts):
    images = np.zeros((20, 4, 4), np.uint8)
    np.savez(tmp_path / "made.npz", **dict.fromkeys(parts, images))
    name = f"npz:{tmp_path / 'made.npz'}"
    assert table.holds_out(name) == ("test" not in parts)
    assert sources.load(name, held_out=0.1).count == (20 if "test" in parts else 18)


def test_nothing_is_held_out_unless_it_is_asked_for(file):
    source = sources.load(file)
    assert (source.count, source.held_out) == (100, 0)
    np.testing.assert_array_equal(numbers(source), np.arange(100))


def test_examples_that_are_drawn_are_of_all_classes(file):
    source = sources.load(file, value_range=(0.0, 255.0))
    drawn = sources.drawn(source, 40, "x")[:, 0, 0, 0].astype(int)
    assert len(set(drawn)) == 40 and len(set(drawn // EACH)) == CLASSES
    assert len(sources.drawn(source, 1000, "x")) == 100
