"""The README's Python block runs as it stands, and its bundle gives the samples of the game."""

import os
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest

import configs

ROOT = pathlib.Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
OTHER = """
import sys
import numpy as np
import zoo
np.save("bundle.npy", zoo.load("digits_bundle").sample(8, seed=3))
assert "tensorflow" not in sys.modules
"""


def python(folder, program):
    (folder / "program.py").write_text(program)
    done = subprocess.run(
        [sys.executable, "program.py"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_the_python_block_trains_exports_and_samples_alike_in_another_process(tmp_path):
    (block,) = re.findall(r"```python\n(.*?)```", README, flags=re.S)
    printed = python(
        tmp_path,
        block + 'import numpy\nnumpy.save("game.npy", game.sample(8, seed=3))\n',
    )
    assert printed.splitlines()[-1] == "(4, 8, 8, 1)"
    python(tmp_path, OTHER)
    game, bundle = np.load(tmp_path / "game.npy"), np.load(tmp_path / "bundle.npy")
    np.testing.assert_allclose(bundle, game, rtol=0, atol=1e-5)
    assert game.std(axis=0).mean() > 0.01  # rows differ


def links():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
    pages += sorted((ROOT / "results").rglob("README.md"))
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            yield page.relative_to(ROOT).as_posix(), target


@pytest.mark.parametrize(("page", "target"), sorted(set(links())))
def test_a_link_leads_to_a_file(page, target):
    assert (ROOT / page).parent.joinpath(target).exists()


def test_every_config_that_the_readme_names_exists():
    named = re.findall(r"--config=(\w+)", README)
    table = README[README.index("| objective |") : README.index("Every GAN and TAN config")]
    named += re.findall(r"`([a-z]+(?:_[a-z0-9]+)+)`", table)
    assert set(named) - set(configs.available()) == set()
    assert len(named) > 20


def test_the_picture_of_the_rooms_is_that_of_the_source():
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests/rooms.py")], capture_output=True, text=True, check=True
    )
    page = (ROOT / "docs/architecture.md").read_text()
    assert f"```mermaid\n{done.stdout.rstrip()}\n```" in page


def test_a_test_that_the_architecture_names_exists():
    page = (ROOT / "docs/architecture.md").read_text()
    table = page[page.index("| invariant | test |") :]
    named = re.findall(r"tests/[\w/]+\.py", table)
    assert len(named) > 15
    assert [path for path in named if not (ROOT / path).is_file()] == []
    source = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    functions = re.findall(r"`(test_\w+)`", table)
    assert [name for name in functions if f"def {name}(" not in source] == []
