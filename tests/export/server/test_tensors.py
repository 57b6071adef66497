import numpy as np
import pytest

from export.server import faults, tensors

SEED = tensors.Tensor("seed", "int64", (), 0, 2**63 - 1, None)
X = tensors.Tensor("x", "float32", (2, 1), 0.0, 1.0, None)
Z = tensors.described({"z": {"dtype": "float32", "shape": [None, 2], "range": None}})["z"]


def refused(call, *arguments):
    with pytest.raises(faults.Fault) as caught:
        call(*arguments)
    assert caught.value.status == 400
    return caught.value.sentence


def test_seeds_are_exact_as_numbers_and_as_decimal_strings():
    rows = [0, 2**53, 7.0, str(2**53 + 1), str(2**63 - 1), "007"]
    expected = [0, 2**53, 7, 2**53 + 1, 2**63 - 1, 7]
    array = tensors.from_rows(SEED, rows)
    assert array.dtype == np.int64 and array.tolist() == expected


@pytest.mark.parametrize("rows", [[[3], [4]], [3, 4]], ids=["[N, 1]", "[N]"])
def test_a_number_of_a_row_may_have_an_axis_of_its_own(rows):
    assert tensors.from_rows(SEED, rows).tolist() == [3, 4]
    assert tensors.from_data(SEED, rows, [2, 1]).tolist() == [3, 4]


@pytest.mark.parametrize(
    "value",
    [-1, 2**53 + 1, 1e300, 0.5, True, None, "-1", "1e3", "", "٣", str(2**63), [], [1, 2], {}],
    ids=repr,
)
def test_what_is_no_seed_is_refused(value):
    sentence = refused(tensors.from_rows, SEED, [value])
    assert sentence.startswith("`seed` must be") and "Received" in sentence


def test_other_rows_do_not_hide_a_wrong_one():
    assert "True" in refused(tensors.from_rows, SEED, [1, True])
    assert "'0.5'" in refused(tensors.from_rows, X, [[[0.5], [1]], [["0.5"], [0]]])


@pytest.mark.parametrize(
    "rows",
    [
        [],
        {},
        3,
        [3],
        [[0.5, 0.5]],
        [[[0.5], [0.5, 0.5]]],
        [[[0.5]]],
        [[[[0.5]], [0.5]]],
        [[[0.5], [0.5]], [[0.5]]],
        [[[1.5], [0]]],
        [[[-0.1], [0]]],
        [[[1e39], [0]]],
        [[[None], [0]]],
        [[["a"], [0]]],
        [[[True], [0]]],
    ],
    ids=repr,
)
def test_what_is_no_image_is_refused(rows):
    assert refused(tensors.from_rows, X, rows).startswith("`x` must be")


def test_a_number_that_would_overflow_is_refused_where_no_range_is_declared():
    assert tensors.from_rows(Z, [[1e6, -1e6]]).shape == (1, 2)
    for value in (1.1e6, 1e38, 1e39):
        refused(tensors.from_rows, Z, [[value, 0.0]])


def test_data_may_be_nested_or_flat():
    expected = np.array([[[0.0], [0.5]], [[1.0], [0.25]]], np.float32)
    for data in ([0, 0.5, 1, 0.25], expected.tolist()):
        np.testing.assert_array_equal(tensors.from_data(X, data, [2, 2, 1]), expected)


@pytest.mark.parametrize(
    "shape",
    [
        [2],
        [2, 2],
        [2, 1, 2],
        [-1, 2, 1],
        [0, 2, 1],
        [2.0, 2, 1],
        [True, 2, 1],
        [2**40, 2, 1],
        "2",
        None,
    ],
    ids=repr,
)
def test_another_shape_than_the_manifests_is_refused(shape):
    refused(tensors.from_data, X, [0, 0.5, 1, 0.25], shape)
    refused(tensors.from_bytes, X, bytes(16), shape)


def test_binary_data_are_little_endian_and_complete():
    data = np.array([0.5, 1.0], "<f4").tobytes()
    np.testing.assert_array_equal(tensors.from_bytes(X, data, [1, 2, 1]), [[[0.5], [1.0]]])
    refused(tensors.from_bytes, X, data[:-1], [1, 2, 1])
    refused(tensors.from_bytes, X, data, [2, 2, 1])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1.5, -0.5])
def test_binary_data_that_are_not_finite_or_out_of_range_are_refused(value):
    refused(tensors.from_bytes, X, np.array([value, 0], "<f4").tobytes(), [1, 2, 1])
    if not np.isfinite(value):
        refused(tensors.from_bytes, Z, np.array([value, 0], "<f4").tobytes(), [1, 2])


def test_noise_that_is_left_out_is_drawn_as_for_a_bundle_that_is_called():
    inputs = {"x": X, "noise": Z._replace(name="noise", stream=3)}
    x = np.zeros([2, 2, 1], np.float32)
    arrays = tensors.together("encode", inputs, {"x": x}, 8)
    from export.runtime import draws
    from zoo import trained

    expected = draws.normal(trained.row_seeds(0, 2), 3, (2,))
    np.testing.assert_array_equal(arrays["noise"], expected)


def test_rows_must_be_equal_named_and_few():
    two, three = np.zeros([2, 2, 1], np.float32), np.zeros([3, 2, 1], np.float32)
    inputs = {"x0": X, "x1": X}
    assert "equal" in refused(tensors.together, "e", inputs, {"x0": two, "x1": three}, 8)
    assert "needs the inputs" in refused(tensors.together, "e", inputs, {"x0": two}, 8)
    assert "Unknown input" in refused(tensors.together, "e", inputs, {"x0": two, "x": two}, 8)
    assert "2 rows" in refused(tensors.together, "e", inputs, {"x0": three, "x1": three}, 2)
