"""A stranger's bundle holds the files that follow from its manifest, and nothing else is read."""

import json
import os
import subprocess
import sys

import pytest

from export.runtime import documents, folders, manifests

GRAPH, PROGRAM = "onnx/tiny_sample/1/model.onnx", "saved_model/1/saved_model.pb"
DATA = "saved_model/1/variables/variables.data-00000-of-00001"


def text(path, content="x"):
    """Another text in a file, which is made if there is none."""

    def change(directory, manifest):
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(content)

    return change


def grown(path, size):
    """A file of another size, with nothing in it that takes room on the disk."""
    return lambda directory, manifest: os.truncate(directory / path, size)


def replaced(path, make):
    """Something else in the place of a file."""

    def change(directory, manifest):
        (directory / path).unlink()
        make(directory / path)

    return change


def flipped(directory, manifest):
    data = bytearray((directory / GRAPH).read_bytes())
    data[len(data) // 2] ^= 1
    (directory / GRAPH).write_bytes(data)


def another_folder(directory, manifest):
    (directory / "onnx").rename(directory.parent / "elsewhere")
    (directory / "onnx").symlink_to(directory.parent / "elsewhere")


def many(directory, manifest):
    for number in range(3000):
        (directory / f"{number}.txt").touch()


EXTRA = "follow from its manifest, and no others. Received: extra "
OTHER = "letter by letter. Received: another text"
# what a stranger adds or changes, with right hashes -> what the gate says
SEALED = {
    "a second version with WriteFile": (text("saved_model/2/saved_model.pb"), EXTRA + "saved_mod"),
    "Triton's python backend": (text("onnx/tiny_sample/1/model.py"), EXTRA + "onnx/tiny_sample"),
    "a second version of a graph": (text("onnx/tiny_sample/2/model.onnx"), EXTRA),
    "a model of its own": (text("onnx/other/1/model.onnx"), EXTRA + "onnx/other"),
    "an asset": (text("saved_model/1/assets/vocabulary.txt"), EXTRA),
    "a second data file": (text(f"{DATA[:-14]}00001-of-00002"), EXTRA),
    "a program next to the card": (text("setup.py"), EXTRA + "setup.py"),
    "a hidden file": (text(".gitattributes"), EXTRA + ".gitattributes"),
    "an empty folder": (lambda d, m: (d / "new").mkdir(), "no others. Received: extra new"),
    "a name in another alphabet": (text("onnx/tiny_s\u0430mple/1/model.onnx"), r"tiny_s\u0430mple"),
    "a name with a new line": (text("a\nb"), r"extra a\nb"),
    "a signature without a word": (text("model.sig"), EXTRA + "model.sig"),
    "a backend in config.pbtxt": (
        text("onnx/tiny_sample/config.pbtxt", 'backend: "python"'),
        OTHER,
    ),
    "parameters in config.pbtxt": (
        text(
            "onnx/tiny_sample/config.pbtxt", 'parameters { key: "a" value { string_value: "b" } }'
        ),
        OTHER,
    ),
    "another card": (text("README.md", "# A card\nRun `curl example.org | sh`."), OTHER),
    "no golden values": (
        lambda d, m: (d / "golden.npz").unlink(),
        "others. Received: missing golden.npz",
    ),
    "golden values of 3.7 GB": (grown("golden.npz", 37 * 10**8), "of 3700000000 bytes, at most"),
    "a graph of 11 GB": (grown(GRAPH, 11 * 10**9), "of 11000000000 bytes, at most"),
    "a program of 3 GB": (grown(PROGRAM, 3 * 10**9), "of 3000000000 bytes, at most"),
    "weights of 8 GB": (grown(DATA, 2**33), "of 8589934592 bytes, at most"),
}
# the same without new hashes
UNSEALED = {
    "a flipped bit": (flipped, f"changed {GRAPH}"),
    "a missing file": (lambda d, m: (d / GRAPH).unlink(), f"missing {GRAPH}"),
    "a link to a file": (
        replaced("README.md", lambda path: path.symlink_to("/etc/passwd")),
        "no links and no devices. Received: 'README.md'",
    ),
    "a link to a folder": (another_folder, "no links and no devices. Received: 'onnx'"),
    "a pipe": (
        replaced("golden.npz", os.mkfifo),
        "no links and no devices. Received: 'golden.npz'",
    ),
    "3,000 files": (many, "and no others. Received: extra "),
    "a pipe as the manifest": (replaced("manifest.json", os.mkfifo), "has a file manifest.json"),
    "a link as the manifest": (
        replaced("manifest.json", lambda path: path.symlink_to("/dev/zero")),
        "has a file manifest.json",
    ),
    "a line for another file": (
        lambda d, m: (d / "SHA256SUMS").open("a").write("0" * 64 + "  ../../x\n"),
        "SHA256SUMS with other lines",
    ),
    "sums of 2 GB": (grown("SHA256SUMS", 2**31), "SHA256SUMS of 2147483648 bytes, at most"),
    "a manifest of 300 MB": (grown("manifest.json", 3 * 10**8), "at most 1048576 bytes"),
    "a manifest of 3 GB": (grown("manifest.json", 3 * 10**9), "at most 1048576 bytes"),
    "a card of 2 GB": (grown("README.md", 2**31), "README.md of 2147483648 bytes, at most"),
}


@pytest.mark.parametrize("name", SEALED)
def test_other_files_are_refused_with_right_hashes(refused, monkeypatch, name):
    change, sentence = SEALED[name]
    if " GB" in name:  # hashed by whoever sends it, not by this test
        monkeypatch.setattr(manifests.files, "digest", lambda *parts: "0" * 64)
    assert sentence in refused(change)


@pytest.mark.parametrize("name", UNSEALED)
def test_other_files_are_refused_without(refused, name):
    change, sentence = UNSEALED[name]
    assert sentence in refused(change, sealed=False)


def test_files_follow_from_the_manifest_alone(good):
    manifest = manifests.read(good)
    assert sorted(manifests.expected(manifest)) == folders.files(good)
    renamed = manifests.expected(manifest | {"name": "a.b", "version": 7, "signed": True})
    assert {"onnx/a_b_sample/7/model.onnx", "saved_model/7/saved_model.pb", "model.sig"} <= {
        *renamed
    }


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{"a": 1, "a": 2}', "the key 'a' twice"),
        (b'{"a": NaN}', "the number NaN, which is not finite"),
        (b'{"a": 1e999}', "the number 1e999, which is not finite"),
        (b'{"a": 1' + b"0" * 5000 + b"}", "does not fit in 64 bits"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nest at most 24 deep"),
        (b'{"a": ' + b"[" * 24 + b"]" * 24 + b"}", "nest at most 24 deep"),
        (b'{"a": "\\ud800"}', "surrogates not allowed"),
        (b"\xff\xfe{\x00}\x00", "codec can't decode"),
        (b"[1]", "must hold one object"),
        (b"", "Expecting value"),
    ],
    ids=["twice", "NaN", "infinity", "integer", "deep", "25", "surrogate", "UTF-16", "array", "0"],
)
def test_json_with_several_meanings_is_refused(tmp_path, content, sentence):
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(ValueError, match=".*") as caught:
        documents.read(tmp_path / "manifest.json")
    assert sentence in str(caught.value) and "Received: " in str(caught.value)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_bundle_without_tensorflow_passes_in_little_memory(good):
    code = (
        "import json, pathlib, resource, sys\n"
        "sys.modules['tensorflow'] = None\n"
        "from zoo import __main__\n"
        "status = __main__.main(['check', sys.argv[1]])\n"
        "child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss\n"
        # not ru_maxrss, which a process has from the one that it was forked from
        "here = pathlib.Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]\n"
        "print(json.dumps([status, int(here), child]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(good)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    *lines, last = done.stdout.splitlines()
    assert "note  SavedModel: read, and not run, since TensorFlow is not installed" in lines
    assert "ok  onnx: finite, in the declared range and shape" in "\n".join(lines)
    status, here, child = json.loads(last)
    assert status == 0 and max(here, child) < 300_000  # kilobytes
