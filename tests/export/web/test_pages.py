"""The folder that `zoo web` writes: its files, its JSON, and what it refuses."""

import json
import re

import numpy as np
import pytest

from export.runtime import golden_rows
from export.web import goldens, onnxruntime_web, pages
from zoo import __main__

OURS = {path.name for path in pages.STATIC.iterdir()}


def test_the_folder_has_these_files_and_no_others(page):
    made = {path.relative_to(page).as_posix() for path in page.rglob("*") if path.is_file()}
    model = {"model/page.json", "model/goldens.bin", "model/generate.onnx"}
    assert made == OURS | model | {"onnxruntime-web/ort.js", "onnxruntime-web/ort.wasm"}


def test_no_graph_is_there_that_repeats_the_weights_of_another(page):
    said = json.loads((page / "model/page.json").read_text())
    assert said["routes"] == {"sample": ["prior", "generate"], "generate": ["generate"]}
    assert list(said["graphs"]) == ["generate"]
    assert said["graphs"]["generate"]["bytes"] == (page / "model/generate.onnx").stat().st_size


@pytest.mark.parametrize("name", sorted(OURS))
def test_no_file_of_the_page_names_another_host(name):
    text = (pages.STATIC / name).read_text().replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"(?:https?|wss?)://|//[\w.-]+\.\w+/|@import|url\(", text) == []


def test_every_file_that_the_page_names_is_there(page):
    named = re.findall(r'(?:src|href)="([\w./-]+)"', (page / "index.html").read_text())
    for path in pages.STATIC.glob("*.js"):
        named += re.findall(r'(?:from |URL\()"(?:\./)?([\w./-]+\.js)"', path.read_text())
    assert {"app.js", "style.css", "worker.js", "onnxruntime-web/ort.js"} <= set(named)
    assert [name for name in named if not (page / name).is_file()] == []


def test_the_policy_lets_the_page_load_nothing_but_its_own_files(page):
    (policy,) = re.findall(r'content="(default-src[^"]*)"', (page / "index.html").read_text())
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules.pop("default-src") == "'none'"
    assert rules.pop("script-src") == "'self' 'wasm-unsafe-eval'"
    assert set(rules.values()) == {"'self'", "'none'", "'self' data:"}


def test_the_packed_goldens_are_the_first_rows_of_the_bundles(page, bundle):
    places = json.loads((page / "model/page.json").read_text())["goldens"]
    content = (page / "model/goldens.bin").read_bytes()
    known = golden_rows.read(bundle / "golden.npz")
    assert list(places) == ["sample", "generate"]
    for endpoint, sides in places.items():
        for side, arrays in sides.items():
            for name, where in arrays.items():
                unpacked = goldens.unpack(content, where)
                expected = getattr(known[endpoint], side)[name][: goldens.ROWS]
                assert unpacked.dtype == expected.dtype
                np.testing.assert_array_equal(unpacked, expected)
                assert where["offset"] % expected.dtype.itemsize == 0


def test_a_page_is_not_written_over_anything(page, bundle):
    with pytest.raises(FileExistsError, match="must not exist"):
        pages.write(bundle, page)


def test_a_failure_leaves_nothing_behind(bundle, tmp_path, monkeypatch, package):
    monkeypatch.setattr(onnxruntime_web, "FILES", package[1])
    monkeypatch.setattr(pages.goldens, "pack", lambda known: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        pages.write(bundle, tmp_path / "out", onnxruntime_package=package[0])
    assert list(tmp_path.iterdir()) == []


def test_the_verb_refuses_a_folder_with_another_release(bundle, tmp_path, capsys):
    words = ["web", str(bundle), f"--out={tmp_path / 'out'}", f"--onnxruntime_web={tmp_path}"]
    assert __main__.main(words) == 2
    error = capsys.readouterr().err
    assert error.startswith("zoo web: `onnxruntime_web` must be a folder with onnxruntime-web 1.30")
    assert error.count("\n") == 1 and not (tmp_path / "out").exists()
