"""The public face: `import zoo` is enough, is fast, and loads a part at its first use."""

import pathlib
import re
import subprocess
import sys

import pytest

import zoo

ROOT = pathlib.Path(__file__).parents[2]


def python(code):
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


def test_import_loads_nothing_but_itself():
    code = (
        "import sys; import zoo; dir(zoo); print(sorted(name for name in sys.modules if "
        "name.partition('.')[0] in ('zoo', 'export', 'tensorflow', 'keras', 'numpy', 'scipy')))"
    )
    assert python(code) == "['zoo']"


def test_load_is_found_without_tensorflow():
    code = "import sys; import zoo; zoo.load, zoo.Description; print('tensorflow' in sys.modules)"
    assert python(code) == "False"


def test_parts_are_there_after_import_zoo_alone():
    code = (
        "import zoo; print(zoo.games.GAN.__name__, zoo.losses.hinge.__name__, "
        "zoo.export.__module__, zoo.priors.normal(2).size)"
    )
    assert python(code) == "GAN hinge export.bundles 2"


def test_a_metric_is_there_after_import_zoo_alone():
    code = "import zoo; print(zoo.metrics.entropy.__name__, hasattr(zoo.metrics, 'nothing'))"
    assert python(code) == "zoo.metrics.entropy False"


def documented():
    """The names that the docstring lists."""
    return re.findall(r"^    zoo\.(\w+) ", zoo.__doc__, re.MULTILINE)


def test_every_part_is_documented_and_listed():
    assert sorted(documented()) == sorted([*zoo._MODULES, *zoo._FUNCTIONS])
    assert set(documented()) <= set(dir(zoo))


@pytest.mark.parametrize("name", documented())
def test_every_part_can_be_had(name):
    assert getattr(zoo, name).__doc__


def test_what_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'zoo' has no attribute 'gmaes'"):
        zoo.gmaes  # noqa: B018
