"""Our use of TF-GAN's functions leaves a program's own `import tensorflow_gan` as it is alone."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[3]
OURS = "from zoo.metrics import tf_gan; tf_gan.module('eval.classifier_metrics').__name__"
THEIRS = """
try:
    import tensorflow_gan
    result.append(tensorflow_gan.WORKS)
    import tensorflow_gan.python.eval.classifier_metrics as loaded
    result.append(loaded is tensorflow_gan.python.eval.classifier_metrics)
except Exception as error:
    result.append([type(error).__name__, str(error)])
result.append(sorted(name for name in sys.modules if name.startswith("tensorflow_gan")))
"""


@pytest.fixture(scope="module")
def working(tmp_path_factory):
    """A folder with a package of that name that can be imported, as a later version may."""
    folder = tmp_path_factory.mktemp("site")
    for name, text in {
        "__init__.py": "from tensorflow_gan import python\nWORKS = 'works'\n",
        "python/__init__.py": "from tensorflow_gan.python import eval\n",
        "python/eval/__init__.py": "",
        "python/eval/classifier_metrics.py": "from tensorflow_gan.python.eval import eval_utils\n",
        "python/eval/eval_utils.py": "",
    }.items():
        path = folder / "tensorflow_gan" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(folder)


def results(site, *programs):
    """Runs programs in turn in one fresh process, and returns what each `import` came to."""
    text = "\n".join(["import json, sys", "result = []", *programs, "print(json.dumps(result))"])
    paths = [*([site] if site else []), str(ROOT)]
    done = subprocess.run(
        [sys.executable, "-c", text],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_version_that_works_is_imported_as_without_us(working):
    alone = results(working, THEIRS)
    assert alone[:2] == ["works", True]
    assert results(working, OURS, THEIRS) == alone
    assert results(working, THEIRS, OURS, THEIRS) == alone * 2


def test_the_installed_version_is_imported_as_without_us_and_does_not_hinder_us():
    value = """
import numpy as np
from zoo.metrics import features
result.append(features.classifier_score(np.eye(2) * 50.0))
"""
    *alone, score = results(None, THEIRS, value)
    assert score == pytest.approx(2.0, rel=1e-6)
    assert results(None, OURS, THEIRS) == alone


def test_nothing_of_the_package_stays_behind(working):
    left = "result.append([name for name in sys.modules if name.startswith('tensorflow_gan')])"
    assert results(working, OURS, left) == [[]]
