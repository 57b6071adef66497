"""Two domains, and sources made from others."""

import numpy as np
import pytest
import tensorflow as tf

from train.data import sources, table


def numbered(tmp_path, count):
    """Name of a source of one-pixel images whose value is their position."""
    file = tmp_path / f"{count}.npz"
    np.savez(file, np.arange(count, dtype=np.uint8).reshape(count, 1, 1))
    return f"npz:{file}"


def order(source, name, take, **options):
    """Positions [take, B] of the first batches of one input."""
    batches = sources.batches(source, inputs=(name,), **options).take(take)
    return np.array([batch[name].numpy().reshape(-1) for batch in batches]).astype(int)


def load(name):
    return sources.load(name, value_range=(0.0, 255.0))


def test_two_domains_are_batched_together():
    source = sources.load("digits,inverted:digits")
    assert (source.count, source.shape, source.inputs) == (1797, (8, 8, 1), ("a", "b"))
    assert (source.labels, source.classes, source.has_images) == (None, None, True)
    spec = tf.TensorSpec([12, 8, 8, 1], tf.float32)
    batches = sources.batches(source, inputs=("a", "b"), batch_size=12, seed=0)
    assert batches.element_spec == {"a": spec, "b": spec}


def test_the_first_domain_has_the_order_that_it_has_alone_and_the_second_another(tmp_path):
    name = numbered(tmp_path, 100)
    pair, options = load(f"{name},{name}"), {"batch_size": 10, "seed": 3}
    alone = order(load(name), "x", 30, **options)
    np.testing.assert_array_equal(order(pair, "a", 30, **options), alone)
    second = order(pair, "b", 30, **options)
    assert np.mean(second == alone) < 0.05
    assert all(len(set(epoch)) == 100 for epoch in second.reshape(3, 100))
    others = [order(load(name), "x", 30, batch_size=10, seed=seed) for seed in range(20)]
    assert not any(np.array_equal(second, other) for other in others)


@pytest.mark.parametrize("start", [1, 2, 7])
def test_both_domains_go_on_where_they_were(tmp_path, start):
    pair = load(f"{numbered(tmp_path, 23)},{numbered(tmp_path, 101)}")
    for name in ("a", "b"):
        whole = order(pair, name, 40, batch_size=10, seed=7)
        resumed = order(pair, name, 40 - start, batch_size=10, seed=7, start=start)
        np.testing.assert_array_equal(resumed, whole[start:])


def test_an_epoch_lasts_as_long_as_the_larger_domain(tmp_path):
    pair = load(f"{numbered(tmp_path, 23)},{numbered(tmp_path, 101)}")
    assert (pair.count, sources.steps_per_epoch(pair, 10)) == (101, 10)
    assert len(set(order(pair, "b", 10, batch_size=10, seed=0).ravel())) == 100
    small = order(pair, "a", 10, batch_size=10, seed=0).reshape(5, 20)
    assert all(len(set(epoch)) == 20 for epoch in small)  # its own epochs, of two steps


def test_domains_of_two_shapes_are_an_error_until_they_are_resized(tmp_path):
    name = f"digits,{numbered(tmp_path, 23)}"
    with pytest.raises(ValueError, match=r"data.size.*'digits' with \[8, 8, 1\].*\[1, 1, 1\]"):
        sources.load(name)
    assert sources.load(name, size=(4, 4)).shape == (4, 4, 1)


def test_points_can_be_two_domains():
    source = sources.load("ring,grid")
    assert (source.shape, source.value_range, source.has_images) == ((2,), None, False)


@pytest.mark.parametrize("memory_limit", [2**30, 0], ids=["memory", "streamed"])
def test_changed_images_keep_labels_and_order(tmp_path, memory_limit):
    from PIL import Image

    images = np.random.default_rng(0).integers(0, 256, (5, 4, 6, 3), dtype=np.uint8)
    for row, pixels in enumerate(images):
        (tmp_path / f"{row}").mkdir()
        Image.fromarray(pixels).save(tmp_path / f"{row}" / "a.png")
    expected = {
        "inverted": 255 - images,
        "rotated": np.stack([np.rot90(pixels) for pixels in images]),
        "rotated:inverted:rotated": 255 - np.stack([np.rot90(pixels, 2) for pixels in images]),
    }
    for prefix, changed in expected.items():
        source = sources.load(
            f"{prefix}:folder:{tmp_path}", value_range=(0.0, 255.0), memory_limit=memory_limit
        )
        assert (source.shape, source.classes) == (changed.shape[1:], 5)
        np.testing.assert_array_equal(sources.images(source), changed)
        np.testing.assert_allclose(
            sources.mean_image(source), changed.mean(axis=0) / 255.0, atol=1e-6
        )
        batches = sources.batches(source, inputs=("x", "label"), batch_size=2, seed=1)
        for batch in batches.take(3):
            np.testing.assert_array_equal(batch["x"], changed[batch["label"].numpy()])


def test_rotated_images_have_the_size_that_was_asked_for(tmp_path):
    np.savez(tmp_path / "a.npz", np.zeros((3, 8, 10), np.uint8))
    name = f"npz:{tmp_path / 'a.npz'}"
    assert sources.load(f"{name},rotated:{name}", size=(4, 6)).shape == (4, 6, 1)
    assert sources.load(f"rotated:{name}", crop=7).shape == (7, 7, 1)


@pytest.mark.parametrize(
    "name, message",
    [
        ("inverted:", "'inverted' must be followed by a name: inverted:NAME"),
        ("inverted:ring", "inverted:NAME changes images. Received: 'inverted:ring'"),
        ("inverted:digit", "Unknown data set 'digit'.*Did you mean 'digits'"),
        ("digits,digits,digits", "one comma between the names.*'digits,digits,digits'"),
    ],
)
def test_impossible_names_are_errors(name, message):
    with pytest.raises(ValueError, match=message):
        sources.load(name)


def test_a_path_with_a_comma_is_one_domain_where_it_exists(tmp_path):
    folder = tmp_path / "a,b"
    folder.mkdir()
    name = numbered(folder, 7)
    assert table.domains(name) == (name,)
    assert table.domains(f"{name},mnist") == (name, "mnist")
    assert table.domains(f"digits,inverted:{name}") == ("digits", f"inverted:{name}")
    with pytest.raises(ValueError, match="a path that contains a comma must exist, or be renamed"):
        table.domains(f"npz:{tmp_path}/c,d.npz,mnist")
    (tmp_path / "x").mkdir()
    with pytest.raises(ValueError, match="must name a folder.*nowhere"):
        sources.load(f"folder:{tmp_path}/nowhere,digits")


def test_examples_are_the_first_ones_of_each_input():
    pair = sources.load("digits,inverted:digits")
    first = sources.examples(pair, 5, ("a", "b"))
    digits = sources.examples(sources.load("digits"), 5, ("x", "label"))
    np.testing.assert_array_equal(first["a"], digits["x"])
    np.testing.assert_allclose(first["b"], -digits["x"], atol=1e-6)
    np.testing.assert_array_equal(digits["label"], [0, 1, 2, 3, 4])
