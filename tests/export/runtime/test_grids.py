"""Pictures: which value becomes which pixel, and where an example lies on the sheet."""

import numpy as np
import pytest
from PIL import Image

from export.runtime import grids


@pytest.mark.parametrize(
    ("value_range", "x", "expected"),
    [
        ((-1.0, 1.0), [-1.0, 0.0, 1.0, -3.0, 3.0], [0, 128, 255, 0, 255]),
        ((0.0, 1.0), [0.0, 0.2, 1.0, -1e-9, 1.0000001], [0, 51, 255, 0, 255]),
        ((0.0, 255.0), [0.4, 0.6, 254.5], [0, 1, 254]),
    ],
)
def test_pixels_of_known_values(value_range, x, expected):
    result = grids.pixels(np.array(x), value_range)
    assert result.dtype == np.uint8
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("value_range", [(-1.0, 1.0), (0.0, 1.0)])
def test_every_grey_level_comes_back(value_range):
    low, high = value_range
    levels = np.arange(256)
    np.testing.assert_array_equal(
        grids.pixels((levels / 255.0 * (high - low) + low).astype("float32"), value_range), levels
    )


def numbered(count, height, width, channels):
    return np.broadcast_to(
        np.arange(1, count + 1, dtype=np.uint8)[:, None, None, None],
        (count, height, width, channels),
    )


@pytest.mark.parametrize(
    ("count", "rows", "columns"),
    [(1, 1, 1), (2, 1, 2), (4, 2, 2), (5, 2, 3), (9, 3, 3), (10, 3, 4)],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_images_lie_row_by_row_with_a_gap_between(count, rows, columns, channels):
    picture = grids.grid(numbered(count, 33, 40, channels))
    assert picture.shape == (rows * 35 - 2, columns * 42 - 2) + ((3,) if channels == 3 else ())
    for i in range(rows * columns):
        cell = picture[i // columns * 35 :, i % columns * 42 :][:33, :40]
        np.testing.assert_array_equal(cell, i + 1 if i < count else 128)
    if columns > 1:
        np.testing.assert_array_equal(picture[:, 40:42], 128)


def test_small_images_are_enlarged_by_a_whole_factor():
    x = np.random.default_rng(0).integers(0, 256, (1, 8, 10, 1)).astype("uint8")
    picture = grids.grid(x)
    assert picture.shape == (32, 40)
    np.testing.assert_array_equal(picture[::4, ::4], x[0, :, :, 0])
    np.testing.assert_array_equal(picture[3::4, 3::4], x[0, :, :, 0])


@pytest.mark.parametrize(
    ("point", "row", "column"),
    [((0.0, 0.0), 256, 256), ((2.1, 2.1), 11, 500), ((-2.1, 2.1), 11, 11), ((2.1, -2.1), 500, 500)],
)
def test_a_point_lies_where_it_is(point, row, column):
    picture = grids.scatter(np.array([point]))
    assert picture.shape == (512, 512)
    (y, x) = np.argwhere(picture < 255)[0]
    assert (picture < 255).sum() == 4
    assert abs(int(y) - row) <= 1 and abs(int(x) - column) <= 1


def test_points_outside_leave_the_picture_white():
    assert (grids.scatter(np.array([[5.0, 5.0]])) == 255).all()


def test_denser_points_are_darker():
    picture = grids.scatter(np.array([[0.0, 0.0]] * 9 + [[1.0, 1.0]]))
    assert picture[picture < 255].min() < picture[picture < 255].max()


@pytest.mark.parametrize(
    ("x", "value_range", "mode"),
    [
        (np.zeros((3, 8, 8, 1)), (-1.0, 1.0), "L"),
        (np.zeros((3, 8, 8, 3)), (-1.0, 1.0), "RGB"),
        (np.zeros((3, 2)), None, "L"),
    ],
    ids=["grey", "rgb", "points"],
)
def test_write_makes_one_whole_png_and_its_folder(tmp_path, x, value_range, mode):
    path = tmp_path / "a" / "grid.png"
    grids.write(path, x, value_range)
    with Image.open(path) as image:
        assert (image.format, image.mode) == ("PNG", mode)
    assert [p.name for p in path.parent.iterdir()] == ["grid.png"]


@pytest.mark.parametrize("shape", [(3, 8, 8, 2), (3, 8, 8), (3,)], ids=str)
def test_what_is_neither_images_nor_points_is_refused(tmp_path, shape):
    with pytest.raises(ValueError, match="Pictures are made of images .* or points"):
        grids.write(tmp_path / "a.png", np.zeros(shape), (-1.0, 1.0))


def test_the_height_of_a_column_is_its_share_of_the_highest():
    x = np.array([[0.1]] * 4 + [[-7.9]] * 2 + [[100.0]])
    picture = grids.histogram(x)
    assert picture.shape == (512, 512)
    dark = (picture == 0).sum(axis=0)
    assert (
        dark[256] == 512 and dark[0] == 256 and dark.sum() == 8 * (512 + 256)
    )  # 64 bins of 8 columns
    assert (picture[-1, :8] == 0).all() and (picture[0, :8] == 255).all()


def test_points_of_more_dimensions_are_rows_of_squares(tmp_path):
    grids.write(tmp_path / "a.png", np.array([[0.0, 1.0, 0.5], [1.0, 0.0, 0.25]], np.float32), None)
    picture = np.asarray(Image.open(tmp_path / "a.png"))
    assert picture.shape == (32, 48)
    np.testing.assert_array_equal(picture[::16, ::16], [[0, 255, 128], [255, 0, 64]])
