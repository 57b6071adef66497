"""Image files of every format: transparency, depth, orientation, and what cannot be read."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageColor

from train.data import doctor, folders, pictures, sources

HIDDEN = (0, 255, 0)  # green under what is transparent


def noise(*shape, seed=0, top=256):
    dtype = np.uint8 if top <= 256 else np.uint16
    return np.random.default_rng(seed).integers(0, top, shape).astype(dtype)


def over(pixels, alpha, colour):
    """Pixels [H, W, C] on a colour [C], computed in float64; alpha [H, W] in [0, 1]."""
    return np.rint(pixels * alpha[..., None] + np.float64(colour) * (1.0 - alpha[..., None]))


def sprite():
    """A half-covered sprite: RGBA uint8 [6, 7, 4] with alpha of 0, 1, 128, 254 and 255."""
    rgba = noise(6, 7, 4)
    rgba[..., 3] = np.resize([0, 255, 128, 1, 254], (6, 7))
    rgba[rgba[..., 3] == 0, :3] = HIDDEN
    return rgba


def cut_out():
    """The same with alpha of 0 and 255 alone, and eight colours."""
    rgba = sprite()
    rgba[..., :3] = rgba[..., :3] // 128 * 255
    rgba[..., 3] = np.where(rgba[..., 3] > 100, 255, 0)
    rgba[rgba[..., 3] == 0, :3] = HIDDEN
    return rgba


def palette(rgba, transparency):
    """A palette picture: entry 0 is the hidden colour, and `transparency` says what is hidden."""
    colours = sorted({tuple(pixel[:3]) for row in rgba for pixel in row if pixel[3]})
    indices = [
        [1 + colours.index(tuple(pixel[:3])) if pixel[3] else 0 for pixel in row] for row in rgba
    ]
    image = Image.fromarray(np.uint8(indices), mode="P")
    image.putpalette([value for colour in (HIDDEN, *colours) for value in map(int, colour)])
    return image, {"transparency": transparency}


def rgb_with_hidden_colour():
    rgba = cut_out()
    rgba[rgba[..., 3] > 0, 1] //= 2  # nothing that is seen is HIDDEN
    return rgba


# name: suffix, RGBA as it should be seen, and the image with Pillow's options for writing it
SPRITES = {
    "rgba_png": ("png", sprite(), lambda x: (Image.fromarray(x), {})),
    "rgba_webp": ("webp", sprite(), lambda x: (Image.fromarray(x), WEBP)),
    "rgba_tiff": ("tiff", sprite(), lambda x: (Image.fromarray(x), {})),
    "rgba_tiff_lzw": ("TIF", sprite(), lambda x: (Image.fromarray(x), {"compression": "tiff_lzw"})),
    "palette_png": ("png", cut_out(), lambda x: palette(x, 0)),
    "palette_png_by_entry": ("png", cut_out(), lambda x: palette(x, bytes([0, 255]))),
    "palette_gif": ("gif", cut_out(), lambda x: palette(x, 0)),
    "colour_png": (
        "png",
        rgb_with_hidden_colour(),
        lambda x: (Image.fromarray(x[..., :3]), {"transparency": HIDDEN}),
    ),
}
WEBP = {"lossless": True, "exact": True}  # `exact` keeps what is hidden


def write(path, image, options=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = {"tif": "tiff", "jpg": "jpeg"}.get(path.suffix[1:].lower(), path.suffix[1:].lower())
    image.save(path, kind, **(options or {}))


def loaded(folder, **options):
    return sources.images(sources.load(f"folder:{folder}", **options))


@pytest.mark.parametrize("kind", SPRITES)
def test_what_is_transparent_shows_the_background(tmp_path, kind):
    suffix, rgba, make = SPRITES[kind]
    write(tmp_path / f"a.{suffix}", *make(rgba))
    expected = {
        background: over(rgba[..., :3], rgba[..., 3] / 255.0, ImageColor.getrgb(background))
        for background in ("white", "#204060")
    }
    for background, pixels in expected.items():
        own = pictures.decode(tmp_path / f"a.{suffix}", background=background)
        np.testing.assert_array_equal(own, pixels)
    np.testing.assert_array_equal(loaded(tmp_path, background="#204060")[0], expected["#204060"])
    np.testing.assert_array_equal(pictures.decode(tmp_path / f"a.{suffix}"), expected["white"])


def test_white_is_the_background_in_memory_and_streamed(tmp_path):
    write(tmp_path / "a.png", Image.fromarray(sprite()))
    write(tmp_path / "b.png", Image.fromarray(noise(6, 7, 3)))
    expected = over(sprite()[..., :3], sprite()[..., 3] / 255.0, (255, 255, 255))
    for memory_limit in (2**30, 0):
        images = loaded(tmp_path, memory_limit=memory_limit)
        np.testing.assert_array_equal(images, [expected, noise(6, 7, 3)])


def test_grey_pictures_get_the_luminance_of_the_background_and_its_colour_among_rgb(tmp_path):
    grey, alpha = noise(6, 7), sprite()[..., 3]
    write(tmp_path / "a.png", Image.fromarray(np.dstack([grey, alpha]), mode="LA"))
    images = loaded(tmp_path, background="red")
    luminance = 0.299 * 255.0  # ITU-R BT.601
    np.testing.assert_allclose(
        images[0], over(grey[..., None], alpha / 255.0, (luminance,)), atol=1.0
    )
    write(tmp_path / "b.png", Image.fromarray(noise(6, 7, 3)))
    images = loaded(tmp_path, background="red", size=(6, 7))
    np.testing.assert_array_equal(
        images[0], over(np.dstack([grey] * 3), alpha / 255.0, (255, 0, 0))
    )


def test_a_transparent_grey_value_shows_the_background(tmp_path):
    grey = noise(6, 7) // 2
    grey[2] = 77
    write(tmp_path / "a.png", Image.fromarray(grey), {"transparency": 77})
    expected = np.where(grey == 77, 200, grey)[..., None]
    np.testing.assert_array_equal(loaded(tmp_path, background="#c8c8c8")[0], expected)


@pytest.mark.parametrize("channels", [2, 4], ids=["grey_alpha", "rgba"])
def test_transparency_of_16_bits_is_as_fine_as_that(tmp_path, channels):
    stored = noise(6, 7, channels, top=65536)  # Pillow does not write these
    (tmp_path / "a.png").write_bytes(tf.io.encode_png(stored).numpy())
    upper, alpha = stored[..., :-1] >> 8, stored[..., -1] / 65535.0
    expected = over(upper, alpha, (255,) * (channels - 1))
    np.testing.assert_array_equal(loaded(tmp_path)[0], expected)
    np.testing.assert_array_equal(pictures.decode(tmp_path / "a.png"), expected)


@pytest.mark.parametrize("background", ["whitish", "#12", "#11223344", ""])
def test_a_background_that_is_no_opaque_colour_is_an_error(tmp_path, background):
    write(tmp_path / "a.png", Image.fromarray(sprite()))
    with pytest.raises(ValueError, match="`background` must be a colour.*#RRGGBB.*Received"):
        loaded(tmp_path, background=background)
    findings = doctor.examine(f"folder:{tmp_path}", background=background)
    assert "`background` must be a colour" in findings["problems"][0]


TWELVE = noise(6, 7, 1, top=4096)
TWELVE[0, 0] = 4095
DEEP = {
    "png": lambda path, x: Image.fromarray(x[..., 0]).save(path),
    "tiff": lambda path, x: Image.fromarray(x[..., 0]).save(path),
    "colours.png": lambda path, x: path.write_bytes(
        tf.io.encode_png(np.repeat(x, 3, axis=-1)).numpy()
    ),
}


@pytest.mark.parametrize("kind", DEEP)
def test_the_bits_that_16_bit_pictures_use_become_8(tmp_path, kind, capsys):
    DEEP[kind](tmp_path / f"a.{kind}", TWELVE)
    source = sources.load(f"folder:{tmp_path}")
    expected = np.broadcast_to(TWELVE // 16, source.shape)
    np.testing.assert_array_equal(sources.images(source)[0], expected)
    assert source.reader.bits == 12
    said = capsys.readouterr().out
    assert "the largest in the folder is 4095: the lower 12 bits are used" in said
    assert "4095 becomes 255; data.bits sets" in said


def test_a_chosen_number_of_bits_holds_and_larger_values_are_white(tmp_path):
    write(tmp_path / "a.png", Image.fromarray(TWELVE[..., 0]))
    np.testing.assert_array_equal(loaded(tmp_path, bits=16)[0], TWELVE // 256)
    np.testing.assert_array_equal(loaded(tmp_path, bits=10)[0], np.minimum(TWELVE // 4, 255))
    with pytest.raises(ValueError, match="`bits` must be from 8 to 16.*Received: bits=17"):
        loaded(tmp_path, bits=17)


def test_the_whole_folder_decides_how_many_bits_are_used_whatever_the_split(tmp_path):
    for row, top in enumerate((300, 4096)):
        stored = noise(6, 7, top=top)
        stored[0, 0] = top - 1
        write(tmp_path / f"{row}.png", Image.fromarray(stored))
    first = loaded(tmp_path, split="train[:1]")[0]
    np.testing.assert_array_equal(first, loaded(tmp_path)[0])
    assert first.max() == 299 // 16


def test_hidden_values_do_not_decide_how_many_bits_are_used(tmp_path):
    stored = noise(6, 7, 4, top=4096)
    stored[..., 3] = 65535
    stored[0, 0], stored[1, 1, :3] = (65535, 65535, 65535, 0), 4095
    (tmp_path / "a.png").write_bytes(tf.io.encode_png(stored).numpy())
    assert sources.load(f"folder:{tmp_path}").reader.bits == 12


def test_pictures_of_every_format_are_read_at_any_depth(tmp_path):
    """The formats without loss keep every pixel; of an animation the first picture is taken."""
    rgb = {name: noise(6, 7, 3, seed=row) for row, name in enumerate("abcd")}
    write(tmp_path / "x/a.PNG", Image.fromarray(rgb["a"]))
    write(tmp_path / "x/y/b.WebP", Image.fromarray(rgb["b"]), {"lossless": True})
    write(tmp_path / "x/y/z/c.BMP", Image.fromarray(rgb["c"]))
    write(tmp_path / "x/y/z/d.Tiff", Image.fromarray(rgb["d"]))
    frames = [palette(np.full((6, 7, 4), value, np.uint8), None)[0] for value in (40, 200)]
    write(tmp_path / "z/e.GIF", frames[0], {"save_all": True, "append_images": frames[1:]})
    write(tmp_path / "z/f.Jpg", Image.new("RGB", (7, 6), (40, 40, 40)), {"quality": 100})
    source = sources.load(f"folder:{tmp_path}")
    flat = np.full((6, 7, 3), 40)
    assert source.class_names == ("x", "z") and source.labels.tolist() == [0, 0, 0, 0, 1, 1]
    np.testing.assert_array_equal(sources.images(source), [*rgb.values(), flat, flat])
    streamed = loaded(tmp_path, memory_limit=0)
    np.testing.assert_array_equal(streamed, sources.images(source))


def turned(stored, orientation):
    """TIFF 6.0, tag Orientation: where row 0 and column 0 of the stored pixels belong."""
    return {
        1: stored,
        2: stored[:, ::-1],
        3: stored[::-1, ::-1],
        4: stored[::-1],
        5: stored.transpose(1, 0, 2),
        6: np.rot90(stored, -1),
        7: stored[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(stored, 1),
    }[orientation]


TURNED = {
    "plain.png": (noise(5, 9, 3), {}),
    "alpha.png": (noise(5, 9, 4), {}),
    "deep.png": (noise(5, 9, 1, top=65536), {}),
    "a.webp": (noise(5, 9, 3), {"lossless": True}),
    "a.tiff": (noise(5, 9, 3), {}),
    "grey.tiff": (noise(5, 9, 1), {}),  # which Pillow maps into memory where it can
    "deep.tiff": (noise(5, 9, 1, top=65536), {}),
    "packed.tiff": (noise(5, 9, 3), {"compression": "tiff_lzw"}),
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", TURNED)
def test_exif_orientation_is_undone_in_every_format_that_has_it(tmp_path, name, orientation):
    stored, options = TURNED[name]
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(stored[..., 0] if stored.shape[-1] == 1 else stored)
    write(tmp_path / name, image, options | {"exif": exif})
    if stored.shape[-1] == 4:
        seen = over(stored[..., :3], stored[..., 3] / 255.0, (255, 255, 255))
    else:
        seen = stored >> 8 if stored.dtype == np.uint16 else stored
    expected = turned(seen, orientation)
    header = pictures.header(tmp_path / name)
    assert (header.height, header.width, header.channels) == expected.shape
    np.testing.assert_array_equal(pictures.decode(tmp_path / name), expected)
    if orientation == 6 or name == "plain.png":  # which TensorFlow decodes
        np.testing.assert_array_equal(loaded(tmp_path)[0], expected)


BROKEN = {
    "text.webp": (b"this is no image", "not a picture of a format that is read, PNG, JPEG, WEBP"),
    "float.tiff": (np.zeros((4, 4), np.float32), "must be whole numbers.*floating-point"),
    "long.tiff": (np.full((4, 4), 70_000, np.int32), "at most 16 bits.*from 70000 to 70000"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path, name):
    content, reason = BROKEN[name]
    write(tmp_path / "sound.png", Image.fromarray(noise(4, 4, 1)[..., 0]))
    if isinstance(content, bytes):
        (tmp_path / name).write_bytes(content)
    else:
        Image.fromarray(content).save(tmp_path / name)
    with pytest.raises(pictures.UnreadableImageError, match=f": {tmp_path}/{name}: .*{reason}"):
        loaded(tmp_path)
    assert len(loaded(tmp_path, skip_unreadable=True)) == 1
    (problem,) = doctor.examine(f"folder:{tmp_path}")["problems"]
    assert problem.count(name) == 1


@pytest.mark.parametrize("suffix", ["webp", "tiff", "gif", "bmp", "png"])
def test_a_file_that_is_cut_off_is_named(tmp_path, suffix):
    write(tmp_path / f"a.{suffix}", Image.fromarray(sprite()[..., : 4 if suffix == "png" else 3]))
    content = (tmp_path / f"a.{suffix}").read_bytes()
    (tmp_path / f"a.{suffix}").write_bytes(content[: len(content) - 30])
    write(tmp_path / "sound.png", Image.fromarray(noise(6, 7, 3)))
    with pytest.raises(pictures.UnreadableImageError) as failure:
        loaded(tmp_path)
    assert str(failure.value).count(f"a.{suffix}") == 1
    assert "Graph execution error" not in str(failure.value)


def test_only_what_needs_pillow_is_decoded_by_it(tmp_path, monkeypatch):
    """8-bit PNG and JPEG files without transparency go through TensorFlow's decoders."""
    write(tmp_path / "a.png", Image.fromarray(noise(6, 7, 3)))
    write(tmp_path / "b.jpg", Image.fromarray(noise(6, 7, 3)))
    write(tmp_path / "c.png", Image.fromarray(noise(6, 7, 3)).quantize(8))
    expected = [
        tf.io.decode_image((tmp_path / name).read_bytes(), channels=3).numpy()
        for name in ("a.png", "b.jpg", "c.png")
    ]
    monkeypatch.delattr(pictures, "read")
    np.testing.assert_array_equal(loaded(tmp_path), expected)
    assert [header.plain for header in folders.survey(sorted(tmp_path.iterdir())).headers] == [
        True,
        True,
        True,
    ]


@pytest.mark.parametrize(
    "options, offered",
    [
        ({"size": (32, 32)}, True),
        ({"size": (32, 32), "crop": 33}, False),
        ({"size": (16, 24)}, False),
        ({}, False),
    ],
    ids=["squeezed", "cropped", "no_square", "as_is"],
)
def test_images_that_lose_their_proportions_are_said(tmp_path, capsys, options, offered):
    write(tmp_path / "a.png", Image.fromarray(noise(33, 47, 3)))
    loaded(tmp_path, **options)
    offer = "1 of 1 images change their proportions, such as 33x47 to 32x32; crop=33 cuts"
    printed = capsys.readouterr().out
    assert (offer in printed) == offered
    assert (not printed) == (options.get("size") != (32, 32) or "crop" in options)
    np.savez(tmp_path / "a.npz", noise(2, 33, 47))
    sources.load(f"npz:{tmp_path / 'a.npz'}", **options)
    assert ("2 of 2 images change" in capsys.readouterr().out) == offered
