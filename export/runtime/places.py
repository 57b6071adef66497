"""What lies in a directory: a bundle or a run, by the file that only one of them holds.

It imports nothing that takes time, so that a wrong directory is said at once.
"""

import os
import pathlib

BUNDLE, RUN = "bundle", "run"
FILES = {BUNDLE: "manifest.json", RUN: "experiment.json"}


def kind(path: str | os.PathLike) -> str | None:
    """Returns BUNDLE or RUN; None for what is neither.

    Args:
        path: Any path.
    """
    path = pathlib.Path(path)
    return next((kind for kind, name in FILES.items() if (path / name).is_file()), None)


def check_model(path: str | os.PathLike) -> str:
    """Returns BUNDLE or RUN.

    Raises:
        FileNotFoundError: If there is neither.
    """
    known = kind(path)
    if known is None:
        raise FileNotFoundError(
            f"A run directory holds {FILES[RUN]}, written by `zoo train`, and a bundle "
            f"{FILES[BUNDLE]}, written by `zoo export`. Received: {path}"
        )
    return known


def check_no_run(path: str | os.PathLike) -> None:
    """Raises FileNotFoundError for a run where a bundle must be."""
    if kind(path) == RUN:
        raise FileNotFoundError(
            "A bundle is a directory that `zoo.export` or `zoo export` wrote. "
            f"Received: the run {path}; `zoo export {path} --out=BUNDLE` makes a bundle of it"
        )


def check_no_bundle(path: str | os.PathLike) -> None:
    """Raises FileNotFoundError for a bundle where a run must be."""
    if kind(path) == BUNDLE:
        raise FileNotFoundError(
            f"A run directory holds {FILES[RUN]}, written by `zoo train`. "
            f"Received: the bundle {path}, which cannot be trained, exported or compared"
        )
