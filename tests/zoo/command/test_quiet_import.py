"""The first import of TensorFlow prints nothing, unless somebody needs to read it."""

import subprocess
import sys

import pytest

FAKE = """
import os, types
os.write(2, b"I0000 a line of a start\\n")
config = types.SimpleNamespace(list_physical_devices=lambda kind: DEVICES)
"""


def imported(folder, source, *lines):
    """Imports a package by TensorFlow's name in a new process; returns what it did."""
    (folder / "tensorflow").mkdir()
    (folder / "tensorflow" / "__init__.py").write_text(source)
    code = [
        "import sys",
        f"sys.path.insert(0, {str(folder)!r})",
        "from zoo.command import quiet_import",
        *lines,
        "quiet_import.install()",
        "import tensorflow",
        "print(type(tensorflow.__loader__).__name__)",
        "sys.stderr.write('after\\n')",
    ]
    return subprocess.run([sys.executable, "-c", "\n".join(code)], capture_output=True, text=True)


def test_lines_of_a_start_are_held_back(tmp_path):
    done = imported(tmp_path, FAKE.replace("DEVICES", "[]"), "quiet_import.GPU = '/nowhere'")
    assert (done.stdout, done.stderr) == ("SourceFileLoader\n", "after\n")


@pytest.mark.parametrize(("devices", "shown"), [("[]", True), ("['GPU:0']", False)])
def test_they_are_shown_where_a_gpu_is_not_used(tmp_path, devices, shown):
    gpu = tmp_path / "nvidia0"
    gpu.touch()
    source = FAKE.replace("DEVICES", devices)
    done = imported(tmp_path, source, f"quiet_import.GPU = {str(gpu)!r}")
    assert ("a line of a start" in done.stderr) == shown


def test_they_are_shown_where_the_import_fails(tmp_path):
    source = FAKE.replace("DEVICES", "[]") + "raise ImportError('no such library')"
    done = imported(tmp_path, source)
    assert done.stderr.startswith("I0000 a line of a start")
    assert done.stderr.rstrip().endswith("ImportError: no such library")


def test_the_command_prints_its_own_lines_alone(monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    words = ["-m", "zoo", "verify", "f_gan.kl"]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr == ""
