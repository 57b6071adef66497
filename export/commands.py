"""The verb of export/: options are read here, and what needs TensorFlow is imported after them."""

import os

from zoo.command import options


def check(argv: list[str]) -> int:
    """`zoo check`: tests a bundle against what it says of itself."""
    parsed = options.parse(
        "check",
        argv,
        lambda values: None,
        "DIR\n\nTests a bundle; needs neither its run nor its data.",
    )
    if parsed is None:
        return 0
    _, rest = parsed
    if len(rest) != 1 or not os.path.isdir(rest[0]):
        raise ValueError(f"`zoo check` takes one bundle directory. Received: {rest}")
    from export.runtime import checks

    failures = checks.check(rest[0])
    print(
        f"{rest[0]}: "
        + (
            f"{len(failures)} failed:\n  " + "\n  ".join(failures)
            if failures
            else "every check passed"
        )
    )
    return 1 if failures else 0
