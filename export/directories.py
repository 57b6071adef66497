"""A directory that is there as a whole or not at all."""

import contextlib
import os
import pathlib
import shutil
import tempfile
from collections.abc import Iterator

from export.runtime import manifests


@contextlib.contextmanager
def whole(out: str | os.PathLike) -> Iterator[pathlib.Path]:
    """Yields a temporary directory, which becomes `out` if the block ends without an error.

    Args:
        out: Directory to write; must not exist.

    Raises:
        FileExistsError: If `out` exists.
    """
    out = pathlib.Path(out)
    manifests.refuse_existing(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = pathlib.Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        partial.chmod(0o755)  # mkdtemp's is for its owner alone
        yield partial
        manifests.refuse_existing(out)
        os.rename(partial, out)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
