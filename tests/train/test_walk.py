"""The walk of a new user: from a folder as people have it to a page, a bundle and its samples.

Every command after the first is one that the program itself has printed or offered.
"""

import re
import shlex

import numpy as np
import pytest
from PIL import Image

from zoo import __main__

SIDE = 16
SHORT = ["--set=train.epochs=1", "--set=train.steps_per_epoch=2", "--noprogress"]
JPEG = 3  # grey levels by which JPEG changes a flat quarter
GAP, FACTOR = 2, 2  # of a grid: pixels between images, and how often a pixel of 16 is repeated


def blocks(seed):
    """A picture of four flat quarters, uint8 [16, 16, 3], which JPEG leaves nearly as it is."""
    colours = np.random.default_rng(seed).integers(0, 256, (2, 2, 3), dtype=np.uint8)
    return colours.repeat(SIDE // 2, axis=0).repeat(SIDE // 2, axis=1)


def grey(seed):
    return blocks(seed)[..., 0]


def rgb(x):
    return np.repeat(x[..., None], 3, axis=-1)


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """Pictures of every kind, and by their path what a viewer would show of them, cut to 16x16."""
    monkeypatch.chdir(tmp_path)
    folder, shown = tmp_path / "photos", {}

    def keep(name, image, expected, **options):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path, **options)
        shown[name] = expected

    for seed in range(8):
        keep(f"plain {seed}.png", Image.fromarray(blocks(seed)), blocks(seed))
    keep("grey.png", Image.fromarray(grey(10)), rgb(grey(10)))
    alpha = np.dstack([blocks(11), np.full((SIDE, SIDE), 255, np.uint8)])
    alpha[:8, :, 3] = 0
    on_white = blocks(11)
    on_white[:8] = 255
    keep("logo.png", Image.fromarray(alpha), on_white)
    palette = Image.fromarray(blocks(12)).quantize(4)
    keep("palette.gif", palette, np.asarray(palette.convert("RGB")))
    deep = grey(13).astype(np.uint16) << 4  # 12 bits
    deep[0, 0] = 4095
    expected = rgb(grey(13))
    expected[0, 0] = 255
    keep("deep.png", Image.fromarray(deep), expected)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: a viewer turns the picture by 90 degrees
    turned = np.rot90(blocks(14), -1)
    options = {"quality": 100, "subsampling": 0, "exif": exif}
    keep("phone.jpg", Image.fromarray(blocks(14)), turned, **options)
    keep("web.webp", Image.fromarray(blocks(15)), blocks(15), lossless=True)
    keep("2024/summer/beach.png", Image.fromarray(blocks(16)), blocks(16))
    wide = np.pad(blocks(17), ((0, 0), (3, 3), (0, 0)))
    keep("wide.png", Image.fromarray(wide), blocks(17))  # its middle
    (folder / "broken.jpg").write_bytes((folder / "phone.jpg").read_bytes()[:300])
    (folder / "notes.txt").write_text("holiday")
    return shown


def zoo(capsys, *words):
    """Runs the command; returns its exit status and what it printed on both streams."""
    code = __main__.main(list(words))
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def cells(path):
    """The images [N, 16, 16, 3] of a grid, the first row's first, without empty places."""
    sheet = np.asarray(Image.open(path).convert("RGB"))
    step = SIDE * FACTOR + GAP
    places = [
        sheet[top : top + SIDE * FACTOR : FACTOR, left : left + SIDE * FACTOR : FACTOR]
        for top in range(0, sheet.shape[0], step)
        for left in range(0, sheet.shape[1], step)
    ]
    return np.stack([cell for cell in places if (cell != 128).any()])


def difference(x, expected):
    """The largest difference of two pictures, in grey levels."""
    return np.abs(x.astype(int) - expected).max()


def test_a_folder_becomes_a_page_a_bundle_and_samples(photos, tmp_path, capsys):
    code, said, _ = zoo(capsys, "doctor", "folder:photos")
    assert code == 1  # something stops training
    for sentence in (
        "photos [train]: 16 examples",
        "16x16 (15), 16x22 (1)",
        "broken.jpg",
        "left out: files that end in .txt (1)",
        "1 of 16 pictures have transparent pixels: they are put on a white background",
        "the lower 12 bits are used",
    ):
        assert sentence in said
    commands = re.findall(r"^  (zoo train .*)$", said, flags=re.M)
    assert [shlex.split(command)[3] for command in commands] == [
        "--workdir=runs/photos",
        "--workdir=runs/photos_wgan_gp",
        "--workdir=runs/photos_vae",
    ]

    code, said, err = zoo(capsys, *shlex.split(commands[0])[1:], *SHORT)
    assert code == 0, err
    assert "broken.jpg" in said and "Done: runs/photos" in said
    for name in ("samples/examples.png", "report.html", "history.csv"):
        assert (tmp_path / "runs" / "photos" / name).is_file()
    trained_on = cells("runs/photos/samples/examples.png")
    assert len(trained_on) == 14  # two of 16 are held out
    for cell in trained_on:
        assert min(difference(cell, picture) for picture in photos.values()) <= JPEG

    code, said, err = zoo(capsys, *shlex.split(commands[2])[1:], *SHORT)
    assert code == 0, err
    words = ["--input=photos", "--num=100", "--out=pairs.png"]
    code, said, err = zoo(capsys, "reconstruct", "runs/photos_vae", *words)
    assert code == 0, err
    given = cells("pairs.png")[0 : 2 * len(photos) : 2]  # each with its reconstruction to its right
    for cell, (name, picture) in zip(given, sorted(photos.items()), strict=True):
        assert difference(cell, picture) <= JPEG, name

    assert zoo(capsys, "sample", "runs/photos", "--num=9", "--seed=4", "--out=a.png")[0] == 0
    assert zoo(capsys, "report", "runs/photos")[0] == 0
    code, said, err = zoo(capsys, "export", "runs/photos", "--out=bundle")
    assert code == 0, err
    assert zoo(capsys, "sample", "bundle", "--num=9", "--seed=4", "--out=b.png")[0] == 0
    made, again = cells("a.png"), cells("b.png")
    assert len(made) == 9 and difference(made, again) <= 1
    for place in ("runs/photos", "bundle"):
        words = [place, "--metrics=sliced_wasserstein", "--num=2", "--noprogress"]
        code, said, err = zoo(capsys, "evaluate", *words)
        assert code == 0 and "sliced_wasserstein: 0." in said, err


def test_each_mistake_is_one_sentence_that_says_the_cure(photos, capsys):
    for words, sentence in (
        (["doctor", "photos"], "folder:photos"),
        (["train", "--config=photo32"], "Did you mean 'photos32'?"),
        (["train", "--config=photos32", "--set=data.name=folder:photo"], "photo"),
        (["train", "--config=photos32", "--set=data.name=folder:photos"], "data.skip_unreadable"),
        (["sample", "runs/photos"], "written by `zoo train`"),
    ):
        code, said, err = zoo(capsys, *words)
        assert code != 0 and sentence in said + err, words
        assert len((said + err).splitlines()) <= 4 and "Traceback" not in said + err, said + err
