"""A bundle as a model hub takes it: a folder with the hub's card, and the bundle in it."""

import os
import pathlib
import shutil

from export import front_matter
from export.runtime import bundles, manifests, partials

# a hub adds files of its own to the folder that it keeps, and a bundle has no others
FOLDER = "bundle"


def write(bundle: str | os.PathLike, out: str | os.PathLike) -> pathlib.Path:
    """Writes what is uploaded: README.md with the metadata of a hub, and the bundle in a folder.

    Nothing is sent anywhere. The bundle is copied as it is, so that its hashes and its signature
    hold wherever it is downloaded.

    Args:
        bundle: Directory of a bundle.
        out: Directory to write; must not exist.

    Returns:
        The directory.

    Raises:
        FileExistsError: If `out` exists.
        ValueError: If the bundle is not whole; `out` is then not made.
    """
    out = pathlib.Path(out)
    manifests.refuse_existing(out)
    opened = bundles.load(bundle)
    with partials.directory(out) as partial:
        shutil.copytree(opened.path, partial / FOLDER)
        card = (opened.path / manifests.CARD).read_text()
        lines = [*front_matter.write(opened.manifest), "", *_note()]
        (partial / "README.md").write_text("\n".join([*lines, "", card]))
    return out


def command(out: str | os.PathLike) -> str:
    """Returns the command that uploads what `write` wrote."""
    return f"hf upload USER/NAME {out}"


def _note() -> list[str]:
    return [
        f"The model is the folder `{FOLDER}`. `hf download USER/NAME --local-dir=model` brings it, "
        f"`zoo check model/{FOLDER}` tests it, and the lines of code below run in it."
    ]
