"""onnxruntime-web comes from the user's registry, checked, and once."""

import base64
import hashlib
import io
import tarfile
import urllib.error

import pytest

from export.web import onnxruntime_web


@pytest.fixture
def registry(package, tmp_path, monkeypatch):
    """A registry whose release is the folder of `package`; the list of addresses it was asked."""
    folder, hashes = package
    content, asked = io.BytesIO(), []
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        tar.add(folder, "package")
    digest = base64.b64encode(hashlib.sha512(content.getvalue()).digest()).decode()

    def answer(url, timeout):
        asked.append(url)
        return io.BytesIO(content.getvalue())

    monkeypatch.setattr(onnxruntime_web, "FILES", hashes)
    monkeypatch.setattr(onnxruntime_web, "INTEGRITY", digest)
    monkeypatch.setattr(onnxruntime_web.urllib.request, "urlopen", answer)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_registry", "http://registry.test/npm/")
    return asked


def test_the_registry_is_asked_once_and_says_so(registry, capsys):
    first = onnxruntime_web.find()
    assert "Downloading onnxruntime-web 1.30.0" in capsys.readouterr().out
    assert onnxruntime_web.find() == first
    assert registry == ["http://registry.test/npm/onnxruntime-web/-/onnxruntime-web-1.30.0.tgz"]
    assert first["ort.wasm"].read_text() == "the bytes of ort.wasm"


def test_a_changed_file_of_the_cache_is_fetched_anew(registry):
    onnxruntime_web.find()["ort.js"].write_text("other")
    assert onnxruntime_web.find()["ort.js"].read_text() == "the bytes of ort.js"
    assert len(registry) == 2


def test_a_tarball_with_another_hash_is_refused(registry, monkeypatch):
    monkeypatch.setattr(onnxruntime_web, "INTEGRITY", "another")
    with pytest.raises(ValueError, match="must have the SHA-512 another"):
        onnxruntime_web.find()
    assert not onnxruntime_web.cache().exists()


def test_without_a_network_the_error_says_what_to_do(registry, monkeypatch):
    def answer(url, timeout):
        raise urllib.error.URLError("no route")

    monkeypatch.setattr(onnxruntime_web.urllib.request, "urlopen", answer)
    with pytest.raises(OSError, match=r"npm install onnxruntime-web@1.30.0.*--onnxruntime_web=DIR"):
        onnxruntime_web.find()


def test_a_named_folder_is_taken_and_the_registry_is_not_asked(registry, package):
    files = onnxruntime_web.find(package[0])
    assert files["ort.wasm"] == package[0] / "dist/ort-wasm-simd-threaded.wasm"
    assert registry == []


def test_without_a_configured_registry_it_is_npms(monkeypatch):
    monkeypatch.delenv("npm_config_registry", raising=False)
    monkeypatch.delenv("NPM_CONFIG_REGISTRY", raising=False)
    monkeypatch.setattr(onnxruntime_web.shutil, "which", lambda name: None)
    assert onnxruntime_web.registry() == "https://registry.npmjs.org"
