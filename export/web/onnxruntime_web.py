"""The two files of onnxruntime-web that a page needs: one release, whose bytes are known.

The program for WebAssembly has 14 MB, so it is no part of this project. It is taken from a folder
that the user names, from the user's cache, or from the npm registry.
"""

import base64
import hashlib
import io
import os
import pathlib
import shutil
import subprocess
import tarfile
import urllib.error
import urllib.request

from export.runtime import files

PACKAGE, VERSION = "onnxruntime-web", "1.30.0"
REGISTRY = "https://registry.npmjs.org"  # npm's default
# `dist.integrity` of the release: the SHA-512 of its tarball, in base 64
INTEGRITY = (
    "q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="
)
# name in the page's folder -> name in the package and SHA-256; a name in .js has the right media
# type on every static server, one in .mjs has not
FILES = {
    "ort.js": (
        "dist/ort.wasm.bundle.min.mjs",
        "11e64bd8ffe11bd1a2a2f0d6275fdfbbba7262f0b76b99b53d228a8a22ef3d90",
    ),
    "ort.wasm": (
        "dist/ort-wasm-simd-threaded.wasm",
        "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
    ),
}
_LARGEST = 64 * 2**20  # bytes of a tarball that are read; the release has 33 MB


def find(package: str | os.PathLike | None = None) -> dict[str, pathlib.Path]:
    """Returns the files by their names in a page's folder.

    Args:
        package: Folder of an installed npm package, `node_modules/onnxruntime-web`. If None, the
            files come from the user's cache, and fill it from the npm registry the first time.

    Raises:
        ValueError: If the folder, or what the registry sent, is not the pinned release.
        OSError: If the registry cannot be reached.
    """
    if package is not None:
        named = {name: pathlib.Path(package) / inner for name, (inner, _) in FILES.items()}
        wrong = [path.name for name, path in named.items() if not _intact(path, name)]
        if wrong:
            raise ValueError(
                f"`onnxruntime_web` must be a folder with {PACKAGE} {VERSION}, which "
                f"`npm install {PACKAGE}@{VERSION}` makes as node_modules/{PACKAGE}. "
                f"Received: {package}, where {', '.join(wrong)} is missing or another release's"
            )
        return named
    if not cached():
        for name, content in _download().items():
            files.write_bytes(cache() / name, content)
    return {name: cache() / name for name in FILES}


def cached() -> bool:
    """Says whether the user's cache holds the files of this release."""
    return all(_intact(cache() / name, name) for name in FILES)


def cache() -> pathlib.Path:
    """Returns the folder in the user's cache that keeps the files of this release."""
    folder = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    parent = pathlib.Path(folder) if folder else pathlib.Path.home() / ".cache"
    return parent / "keras-generative-zoo" / f"{PACKAGE}-{VERSION}"


def registry() -> str:
    """Returns the npm registry that the user has configured; npm's default if there is none."""
    configured = os.environ.get("npm_config_registry") or os.environ.get("NPM_CONFIG_REGISTRY")
    npm = shutil.which("npm")
    if not configured and npm:
        asked = subprocess.run([npm, "config", "get", "registry"], capture_output=True, text=True)
        configured = asked.stdout.strip() if asked.returncode == 0 else ""
    known = configured and configured.startswith(("https://", "http://"))
    return (configured if known else REGISTRY).rstrip("/")


def _intact(path: pathlib.Path, name: str) -> bool:
    return path.is_file() and files.digest(path) == FILES[name][1]


def _download() -> dict[str, bytes]:
    """Returns the contents of the files, from the registry's tarball of the release."""
    url = f"{registry()}/{PACKAGE}/-/{PACKAGE}-{VERSION}.tgz"
    print(f"Downloading {PACKAGE} {VERSION} (33 MB, kept in {cache()}): {url}", flush=True)
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            tarball = answer.read(_LARGEST)
    except (urllib.error.URLError, TimeoutError) as error:
        raise OSError(
            f"{url} must be reachable the first time that a page is made; {error}. Without a "
            f"network, copy node_modules/{PACKAGE} from a machine where "
            f"`npm install {PACKAGE}@{VERSION}` was run, and name it by --onnxruntime_web=DIR"
        ) from error
    if base64.b64encode(hashlib.sha512(tarball).digest()).decode() != INTEGRITY:
        raise ValueError(
            f"The tarball of {PACKAGE} {VERSION} must have the SHA-512 {INTEGRITY}. "
            f"Received: {len(tarball):,} bytes of another one from {url}"
        )
    with tarfile.open(fileobj=io.BytesIO(tarball)) as opened:
        return {
            name: opened.extractfile(f"package/{inner}").read()
            for name, (inner, _) in FILES.items()
        }
