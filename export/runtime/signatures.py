"""model.sig: a signature over a bundle's files, by the holder of a private key.

The hashes of a bundle find accidents. Who changes a file on purpose can write new hashes as well;
a signature is the only answer to that, and only for a reader who has the public key from elsewhere.
The file is one of OpenSSF's model-signing, whose own command verifies it too. It is made and
checked without a network.
"""

import os
import pathlib

from zoo import extras

FILE = "model.sig"
MAX_BYTES = 4 * 2**20  # it holds one line for each file of the bundle


def check_private_key(path: str | os.PathLike) -> None:
    """Checks that a file holds a private key that can sign.

    Raises:
        FileNotFoundError: If there is no such file.
        MissingExtraError: If model-signing is not installed.
        ValueError: If the file holds anything else.
    """
    _signer(path)


def sign(directory: pathlib.Path, private_key: str | os.PathLike) -> None:
    """Writes model.sig, a signature over every other file of a bundle.

    Args:
        directory: Directory of the bundle; its files do not change afterwards.
        private_key: PEM file of an unencrypted private key on the curve P-256, P-384 or P-521.

    Raises:
        FileNotFoundError: If there is no such key.
        ValueError: If it is no such key.
    """
    signer = _signer(private_key)
    signer.set_hashing_config(_hashing()).sign(directory, directory / FILE)


def verify(directory: pathlib.Path, public_key: str | os.PathLike) -> None:
    """Checks that the holder of a key signed the files of a bundle, and no others.

    Args:
        directory: Directory of the bundle.
        public_key: PEM file of the public key, which must not come from the bundle's source.

    Raises:
        FileNotFoundError: If there is no such key.
        ValueError: If the bundle has no signature, another holder signed it, or a file was added,
            removed or changed after it was signed.
    """
    verifying = _package().verifying
    _existing(public_key)
    try:
        verifier = verifying.Config().use_elliptic_key_verifier(public_key=public_key)
    except (TypeError, ValueError, AttributeError) as error:
        raise ValueError(_key("public", public_key)) from error
    path = directory / FILE
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_BYTES:
        raise ValueError(
            f"A bundle that is checked with a key must have a signature, a file {FILE} of at most "
            f"{MAX_BYTES:,} bytes. Received: {directory} without one"
        )
    try:
        verifier.set_hashing_config(_hashing()).verify(directory, path)
    # the library raises its own and its parsers' errors on what an attacker wrote
    except Exception as error:
        raise ValueError(
            f"{FILE} must be a signature of the bundle's files by the holder of the key "
            f"{public_key}. Received: {str(error) or type(error).__name__}"
        ) from error


def _signer(private_key: str | os.PathLike):
    signing = _package().signing
    _existing(private_key)
    try:
        return signing.Config().use_elliptic_key_signer(private_key=private_key)
    except (TypeError, ValueError, AttributeError) as error:
        raise ValueError(_key("private", private_key)) from error


def _hashing():
    # nothing else is left out: by itself the library leaves out files of git
    return _package().hashing.Config().set_ignored_paths(paths=[FILE], ignore_git_paths=False)


def _package():
    extras.check("sign", "A signature of a bundle")
    import model_signing.hashing
    import model_signing.signing
    import model_signing.verifying

    return model_signing


def _existing(path: str | os.PathLike) -> None:
    if not os.path.isfile(path):
        raise FileNotFoundError(f"A key must be a PEM file. Received: {path}, which is no file")


def _key(kind: str, path: str | os.PathLike) -> str:
    return (
        f"A {kind} key must be a PEM file of an unencrypted {kind} key on the curve P-256, P-384 "
        f"or P-521, such as openssl makes. Received: {path}"
    )
