"""The digest by which a run knows its data again. Nothing here needs TensorFlow."""

import hashlib

from export.runtime import files
from train.data import table


def digest(name: str, *, content: bool = False) -> dict:
    """Returns what says whether the files of a data set are the same, as values of JSON.

    Args:
        name: Name of the data set, as in `sources.load`. Of a folder, the names of the files below
            it count, and not the place of the folder.
        content: Whether to read every byte too.

    Returns:
        `files` and `bytes`, their numbers; `names_and_sizes`, a SHA-256; and with `content` that of
        the bytes. It is empty for data that lie in no file, such as points.
    """
    count, total, known, read = 0, 0, hashlib.sha256(), hashlib.sha256()
    for domain in table.domains(name):
        named = table.find(domain)
        known.update(b"domain\n")
        for inner, path in sorted(named.kind.files(named.path).items()):
            size = path.stat().st_size
            known.update(f"{inner}\0{size}\n".encode(errors="surrogateescape"))
            count, total = count + 1, total + size
            if content:
                read.update(files.digest(path).encode())
    if not count:
        return {}
    result = {"files": count, "bytes": total, "names_and_sizes": known.hexdigest()}
    return result | ({"content": read.hexdigest()} if content else {})
