"""The `zoo` command."""

import os
import sys
from collections.abc import Sequence

from zoo import siblings


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one verb.

    Args:
        argv: The words after `zoo`; those of the process if None.

    Returns:
        The exit status: 0, 2 for input that cannot be used, or what the verb returns.
    """
    siblings.claim()
    from zoo.command import quiet_import, verbs  # behind the claim

    if os.environ.get("TF_CPP_MIN_LOG_LEVEL") not in ("0", "1"):  # who asks to see what there is
        quiet_import.install()
    # what TensorFlow reads when it is imported, where the user has not set it; oneDNN is set by
    # itself only on the newest processors, and convolutions are slow without it on others
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    # errors are raised as Python's too, and without a GPU TensorFlow calls its absence one
    gpu = os.path.exists(quiet_import.GPU)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2" if gpu else "3")
    return verbs.run(sys.argv[1:] if argv is None else argv)


if __name__ == "__main__":
    siblings.leave_current_folder()
    sys.exit(main())
