"""What `zoo doctor` says of sound, broken and mixed data."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from train.data import diagnosis, doctor, table
from zoo.command import verbs


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@pytest.fixture
def broken(tmp_path):
    """Two sizes, grey among RGB, one duplicate, one flat image, one that is none."""
    for row in range(4):
        Image.fromarray(noise(48, 64, 3, seed=row)).save(tmp_path / f"{row}.png")
    (tmp_path / "cats").mkdir()
    Image.fromarray(noise(48, 64, 3, seed=2)).save(tmp_path / "cats" / "copy.png")
    Image.fromarray(np.full((40, 40), 7, np.uint8)).save(tmp_path / "flat.png")
    (tmp_path / "text.jpg").write_text("no image")
    return tmp_path


def test_broken_folder_is_examined_to_the_end(broken):
    findings = doctor.examine(f"folder:{broken}")
    assert findings["count"] == 6
    assert findings["sizes"] == {(48, 64): 5, (40, 40): 1}
    assert findings["channels"] == {3: 5, 1: 1}
    assert (findings["dtype"], findings["range"]) == ("uint8", (0, 255))
    assert findings["duplicates"] == [("2.png", "cats/copy.png")]
    assert findings["flat"] == ["flat.png"]
    assert len(findings["unreadable"]) == 1 and "text.jpg" in findings["unreadable"][0]
    assert len(findings["problems"]) == 2  # unreadable, mixed


def test_report_names_everything_and_suggests_a_command(broken):
    text = diagnosis.text(doctor.examine(f"folder:{broken}"))
    for expected in (
        "48x64 (5), 40x40 (1)",
        "RGB (5), grey (1)",
        "cats/copy.png = 2.png",
        "flat.png",
        "text.jpg",
        "data.skip_unreadable=true",
    ):
        assert expected in text
    assert (
        f"--set=data.name=folder:{broken} --set=data.batch_size=4 --set=data.size=32,32 "
        "--set=data.crop=40"
    ) in text


def test_size_settles_a_mixed_folder(broken):
    (broken / "text.jpg").unlink()
    findings = doctor.examine(f"folder:{broken}", size=(48, 64))
    assert findings["problems"] == []
    assert findings["suggestion"]["model"].startswith(
        "a GAN with augmentation, 48x64x3 in (-1, 1), batches of 4, 4 levels "
        "(48x64 -> 24x32 -> 12x16 -> 6x8 -> 3x4)"
    )


def test_large_images_are_suggested_smaller_with_their_proportions(tmp_path):
    Image.fromarray(noise(600, 800, 3)).save(tmp_path / "a.png")
    assert (
        "--set=data.size=64,85" in doctor.examine(f"folder:{tmp_path}")["suggestion"]["command"][0]
    )


def test_arrays_are_examined(tmp_path):
    np.savez(tmp_path / "a.npz", noise(10, 5, 6) // 255)
    findings = doctor.examine(f"npz:{tmp_path / 'a.npz'}")
    assert (findings["count"], findings["sizes"], findings["problems"]) == (10, {(5, 6): 10}, [])
    assert any("no pixel is brighter" in remark for remark in findings["remarks"])


def test_wrong_dtype_is_a_problem(tmp_path):
    np.savez(tmp_path / "a.npz", np.zeros((2, 4, 4)))
    findings = doctor.examine(f"npz:{tmp_path / 'a.npz'}")
    assert findings["count"] == 0 and findings["suggestion"] is None
    assert "must be uint8" in findings["problems"][0]


@pytest.mark.parametrize("name", ["digits", "ring"])
def test_embedded_data_is_sound(name, capsys):
    assert verbs.run(["doctor", name]) == 0
    assert name in capsys.readouterr().out


def test_changed_images_are_examined_as_they_become(broken):
    findings = doctor.examine(f"rotated:inverted:folder:{broken}")
    assert findings["sizes"] == {(64, 48): 5, (40, 40): 1}
    assert findings["duplicates"] == [("2.png", "cats/copy.png")]
    assert len(findings["unreadable"]) == 1
    flat = doctor.examine(f"inverted:folder:{broken / 'cats'}", size=(8, 8))
    assert (flat["count"], flat["problems"]) == (1, [])


def test_what_training_leaves_out_is_counted(capsys, tmp_path):
    assert doctor.examine("digits")["held_out"] == 180
    verbs.run(["doctor", "digits"])
    assert (
        "held out         180 (data.held_out=0.1); 1617 are trained on" in capsys.readouterr().out
    )
    np.savez(tmp_path / "a.npz", noise(17, 5, 6))
    findings = doctor.examine(f"npz:{tmp_path / 'a.npz'}")
    assert (findings["count"], findings["held_out"]) == (17, 2)
    assert "batches of 8" in findings["suggestion"]["model"]  # 15 do not fill 16
    verbs.run(["doctor", "ring"])
    assert "held out" not in capsys.readouterr().out


@pytest.fixture
def unusual(tmp_path):
    """Sprites in two class folders, one of them deeper, pictures of 12 bits, and other files."""
    for name, alpha in {"cats/a.png": 0, "cats/old/b.webp": 128, "dogs/c.png": 255}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        sprite = noise(33, 47, 4, seed=alpha)
        sprite[..., 3] = alpha
        Image.fromarray(sprite).save(tmp_path / name)
    deep = noise(33, 47, seed=9).astype(np.uint16) * 15
    deep[0, 0] = 4012
    Image.fromarray(deep).save(tmp_path / "dogs" / "d.png")
    (tmp_path / "notes.txt").write_text("no image")
    (tmp_path / "cats" / ".hidden.png").write_text("no image")
    return tmp_path


def test_what_becomes_of_unusual_pictures_is_said(unusual):
    findings = doctor.examine(f"folder:{unusual}", size=(32, 32))
    assert (findings["count"], findings["classes"], findings["transparent"]) == (4, 2, 2)
    assert findings["problems"] == []
    assert findings["flat"] == ["cats/a.png"]  # white, since all of it is transparent
    for remark in (
        "left out: files that end in .txt (1), hidden files and folders (1)",
        "1 of 4 pictures have values of 16 bits, of which the largest in the folder is 4012: the "
        "lower 12 bits are used, so that 4095 becomes 255; data.bits sets another number",
        "1 of 4 pictures lie deeper than the first level of folders; the folder of the first level "
        "is the label",
        "2 of 4 pictures have transparent pixels: they are put on a white background; "
        "data.background sets another colour",
        "4 of 4 images change their proportions, such as 33x47 to 32x32; crop=33 cuts the middle "
        "square of 33x33 out of each first",
    ):
        assert remark in findings["remarks"]


def test_a_background_and_a_number_of_bits_can_be_tried(unusual, capsys):
    words = ["--size=32,32", "--background=black", "--bits=11"]
    assert verbs.run(["doctor", f"folder:{unusual}", *words]) == 0
    printed = capsys.readouterr().out
    assert "put on a black background" in printed
    assert "the lower 11 bits are used, so that 2047 and all above it becomes 255" in printed
    assert "--set=data.background=black --set=data.bits=11" in printed


def test_classes_are_counted(broken, capsys):
    assert doctor.examine("digits")["classes"] == 10
    assert doctor.examine(f"folder:{broken}")["classes"] is None
    verbs.run(["doctor", "digits"])
    assert "classes          10" in capsys.readouterr().out


def test_both_domains_are_examined(capsys):
    assert verbs.run(["doctor", "digits,inverted:digits"]) == 0
    printed = capsys.readouterr().out
    assert "digits [train]: 1797" in printed and "inverted:digits [train]: 1797" in printed


def test_domains_of_two_shapes_are_a_problem(tmp_path, capsys):
    np.savez(tmp_path / "a.npz", noise(10, 5, 6))
    name = f"digits,npz:{tmp_path / 'a.npz'}"
    assert verbs.run(["doctor", name]) == 1
    assert "problem: Two domains must have examples of one shape" in capsys.readouterr().out
    assert doctor.examine(name, size=(8, 8))["problems"] == []


def test_unknown_kind_is_a_problem():
    findings = doctor.examine("fodler:x")
    assert "Did you mean 'folder:DIR'" in findings["problems"][0]


def test_exit_status_says_that_there_are_problems(tmp_path, capsys):
    assert verbs.run(["doctor", f"folder:{tmp_path}"]) == 1
    assert "which holds none" in capsys.readouterr().out


def test_help_and_folders_need_no_tensorflow(broken):
    program = (
        "import sys; from zoo.command import verbs; "
        f"print(verbs.run(['doctor', '--help']), verbs.run(['doctor', 'folder:{broken}']), "
        "'tensorflow' in sys.modules, 'keras' in sys.modules)"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    assert printed.splitlines()[-1] == "0 1 False False"
    assert "--crop" in printed
    for spelling in (*table.spellings(), "NAME,NAME"):  # every row of the table is in the help
        assert f"  {spelling} " in printed
