"""The command and the library next to a user's own train.py, export.py, configs/ and tests/."""

import os
import pathlib
import subprocess
import sys

import pytest

from zoo import siblings

ROOT = pathlib.Path(__file__).parents[3]
OWN = "raise SystemExit('the file of the user')\n"
COMMAND = "import sys; from zoo.__main__ import main; sys.exit(main())\n"


@pytest.fixture
def folder(tmp_path):
    """A folder of a user, with modules whose import would end the process."""
    own = tmp_path / "own"
    for name in (
        "train.py",
        "export.py",
        "configs/__init__.py",
        "tests/__init__.py",
        "argparse.py",
    ):
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).write_text(OWN)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "zoo").write_text(COMMAND)  # as pip writes a console script
    return own


def run(folder, *words, path=()):
    return subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, [*path, ROOT]))},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize("way", ["command", "module"])
def test_the_command_starts_in_a_folder_with_files_of_these_names(folder, way):
    words = [folder.parent / "bin" / "zoo"] if way == "command" else ["-m", "zoo"]
    done = run(folder, *words, "list")
    assert done.returncode == 0, done.stderr
    assert "wgan_mnist" in done.stdout


@pytest.mark.parametrize("way", ["command", "module"])
def test_the_command_starts_with_such_a_folder_in_pythonpath(folder, way):
    (folder / "argparse.py").unlink()  # a module of Python itself is Python's affair there
    words = [folder.parent / "bin" / "zoo"] if way == "command" else ["-m", "zoo"]
    done = run(folder.parent, *words, "list", path=[folder])
    assert done.returncode == 0, done.stderr
    assert "wgan_mnist" in done.stdout


def test_the_module_starts_where_the_project_itself_is_the_current_folder():
    words = [sys.executable, "-m", "zoo", "list"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def test_a_child_process_runs_our_module(folder):
    (folder / "argparse.py").unlink()
    done = run(folder, "-m", "zoo.siblings", "train.commands.arguments", path=[folder])
    assert done.returncode == 0, done.stderr
    assert "user" in run(folder, "-m", "train.commands.arguments", path=[folder]).stderr


def test_the_library_takes_its_own_packages_and_leaves_the_other_names(folder):
    (folder / "train.py").write_text("mine = 1\n")
    (folder / "program.py").write_text(
        "import zoo, train\nassert train.mine == 1\nprint(zoo.load.__module__)\n"
        "import sys; assert 'configs' not in sys.modules\n"
    )
    (folder / "argparse.py").unlink()
    done = run(folder, "program.py")
    assert (done.returncode, done.stdout) == (0, "export.runtime.bundles\n"), done.stderr


def test_a_module_that_is_there_already_is_named(folder):
    (folder / "export.py").write_text("mine = 1\n")
    (folder / "program.py").write_text("import export, zoo\nzoo.load('bundle')\n")
    done = run(folder, "program.py")
    assert done.returncode == 1
    error = done.stderr.splitlines()[-1]
    assert error.startswith("ImportError: `zoo` needs its own package 'export'; rename the module")
    assert error.endswith("export.py")


def test_names_are_claimed_once():
    before = list(sys.meta_path)
    try:
        siblings.claim()
        siblings.claim()
        assert len([f for f in sys.meta_path if isinstance(f, siblings.Finder)]) == 1
        assert sys.meta_path[0].find_spec("tests") is None
    finally:
        sys.meta_path[:] = before
