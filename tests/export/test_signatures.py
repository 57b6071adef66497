"""A signature is by the holder of a key, over every file; it is the answer to new hashes."""

import json
import shutil
import sys

import pytest

from export import bundles
from export.runtime import checks, manifests, signatures
from zoo import __main__

pytest.importorskip("model_signing", reason="the extra [sign] is not installed")
from cryptography.hazmat.primitives import serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec, rsa  # noqa: E402


def write_keys(folder, private):
    """Writes private.pem and public.pem."""
    folder.mkdir()
    encoding = serialization.Encoding.PEM
    (folder / "private.pem").write_bytes(
        private.private_bytes(
            encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    (folder / "public.pem").write_bytes(
        private.public_key().public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return folder / "private.pem", folder / "public.pem"


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    private = ec.generate_private_key(ec.SECP256R1())
    return write_keys(tmp_path_factory.mktemp("keys") / "own", private)


@pytest.fixture
def signed(bundle, keys, tmp_path):
    copy = tmp_path / "signed"
    shutil.copytree(bundle, copy)
    reseal(copy)
    signatures.sign(copy, keys[0])
    return copy


def reseal(directory):
    manifests.seal(directory, manifests.read(directory) | {"signed": True})


def sentence(signed, public):
    with pytest.raises(ValueError) as caught:
        signatures.verify(signed, public)
    return str(caught.value)


def test_a_signed_bundle_passes_with_its_key_and_without(signed, keys):
    assert checks.check(signed, lambda line: None, key=keys[1], isolated=False) == []
    manifests.verify(signed)


def test_another_key_is_refused(signed, tmp_path):
    other = write_keys(tmp_path / "other", ec.generate_private_key(ec.SECP256R1()))
    assert "must be a signature of the bundle's files by the holder" in sentence(signed, other[1])
    failures = checks.check(signed, lambda line: None, key=other[1])
    # nothing else of a stranger's bundle is read
    assert len(failures) == 1 and failures[0].startswith("model.sig is by the holder of the key")


def test_a_bundle_with_new_hashes_is_refused(signed, keys):
    (signed / "README.md").write_text("Another card.\n")
    manifests.seal(signed, manifests.read(signed))
    manifests.verify(signed)  # by its hashes it is whole
    assert "README.md" in sentence(signed, keys[1])


@pytest.mark.parametrize("name", ["notes.txt", ".gitattributes", "onnx/.git"])
def test_an_added_file_is_refused(signed, keys, name):
    (signed / name).write_text("new")
    assert "Extra files" in sentence(signed, keys[1])


def test_a_key_needs_a_signature(bundle, keys):
    assert "must have a signature" in sentence(bundle, keys[1])


def test_a_signature_may_not_be_taken_away(signed):
    (signed / "model.sig").unlink()
    assert "missing model.sig" in checks.check(signed, lambda line: None)[0]


def test_a_signature_that_the_manifest_lacks_is_refused(bundle, keys, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    signatures.sign(copy, keys[0])
    assert "extra model.sig" in checks.check(copy, lambda line: None)[0]


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", "[" * 10**5, "{" * signatures.MAX_BYTES + "{"], ids=range(5)
)
def test_what_is_no_signature_is_refused(signed, keys, text):
    (signed / "model.sig").write_text(text)
    assert "a signature" in sentence(signed, keys[1])


def test_a_forged_signature_is_refused(signed, keys):
    signature = json.loads((signed / "model.sig").read_text())
    signature["dsseEnvelope"]["signatures"][0]["sig"] = "AAAA"
    (signed / "model.sig").write_text(json.dumps(signature))
    assert "must be a signature" in sentence(signed, keys[1])


def test_only_private_keys_on_a_curve_sign(keys, tmp_path):
    signatures.check_private_key(keys[0])
    of_rsa = write_keys(tmp_path / "rsa", rsa.generate_private_key(65537, 2048))
    for path in (keys[1], of_rsa[0]):
        with pytest.raises(ValueError, match="A private key must be a PEM file"):
            signatures.check_private_key(path)
    with pytest.raises(FileNotFoundError, match="which is no file"):
        signatures.check_private_key(tmp_path / "none.pem")


def test_a_missing_package_is_said_with_the_command_that_brings_it(bundle, keys, monkeypatch):
    monkeypatch.setitem(sys.modules, "model_signing", None)
    failures = checks.check(bundle, lambda line: None, key=keys[1])
    assert "pip install 'keras-generative-zoo[sign]'" in failures[0]


def test_an_export_with_a_wrong_key_ends_before_it_begins(keys, tmp_path, capsys):
    with pytest.raises(ValueError, match="A private key must be"):
        bundles.write(None, tmp_path / "out", sign=keys[1])
    assert not (tmp_path / "out").exists()
    words = ["check", str(tmp_path), f"--key={tmp_path / 'none.pem'}"]
    assert __main__.main(words) == 1
    assert "which is no file" in capsys.readouterr().out
