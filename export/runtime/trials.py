"""Runs a bundle in a runtime and compares it with its golden values, here or as a program.

As a program, `python -m export.runtime.trials BUNDLE MIB SECONDS RUNTIME...`, it takes the memory
and the time that it is given and no more, and prints one line of JSON for each result.
"""

import contextlib
import json
import pathlib
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

from export.runtime import backends, golden_rows, manifests, rules, warm_up

try:
    import resource
except ImportError:  # not on Windows
    resource = None


class Result(NamedTuple):
    """One check: what it looked at, why it failed if it did, and the largest difference it saw."""

    what: str
    failure: str | None = None
    value: float | None = None


def results(directory: pathlib.Path, manifest: dict, runtimes: list[str]) -> Iterator[Result]:
    """Yields what every rule says of a bundle in each of the runtimes, by the runtimes' names.

    A runtime that cannot load the bundle has no further results.
    """
    goldens = golden_rows.read(directory / golden_rows.FILE)
    for runtime in runtimes:
        with contextlib.ExitStack() as stack:
            opened = backends.RUNTIMES[runtime](directory, manifest)
            run = None

            def load(stack=stack, opened=opened):
                nonlocal run
                run = stack.enter_context(opened)

            yield _computed(tried(f"{runtime}: loads", load))
            if run is None:
                continue
            for rule, holds in rules.RULES.items():
                yield _computed(
                    tried(
                        f"{runtime}: {rule}",
                        lambda holds=holds, run=run: holds(run, manifest, goldens),
                    )
                )
            if runtime == "saved_model":
                default = backends.default_endpoint(manifest["endpoints"])
                yield tried(
                    f"saved_model: {backends.DEFAULT_SIGNATURE} is {default}",
                    lambda run=run, default=default: rules.repeatable_as(
                        run, default, backends.DEFAULT_SIGNATURE, goldens[default]
                    ),
                )
            if runtime == "session":
                asked = warm_up.read(backends.saved_model_path(directory, manifest))
                yield _computed(
                    tried(
                        "session: answers the warm-up requests",
                        lambda run=run, asked=asked: [run(*request) for request in asked] and None,
                    )
                )


def tried(what: str, check: Callable[[], float | None]) -> Result:
    """Returns the result of a check, which raises where it fails."""
    try:
        value = check()
    # whatever a broken bundle makes of a parser or a runtime is a failed check
    except Exception as error:
        return Result(what, sentence(error))
    return Result(what, value=float(value) if isinstance(value, float) else None)


def _computed(result: Result) -> Result:
    """Returns the result of a check with the rule that an error of the runtime itself breaks."""
    if result.failure is None or "Received: " in result.failure:
        return result
    return result._replace(
        failure=f"A bundle must compute without an error. Received: {result.failure}"
    )


def sentence(error: Exception) -> str:
    """Returns what an error says, on one line and not longer than a screen has room for."""
    if isinstance(error, MemoryError):
        return "It must fit in the memory that the gate allows. Received: out of memory"
    return " ".join(str(error).split())[:600] or type(error).__name__


def _main(place: str, mebibytes: str, seconds: str, *runtimes: str) -> None:
    _limit(int(mebibytes) << 20, int(seconds))
    directory = pathlib.Path(place)
    try:
        for result in results(directory, manifests.read(directory), list(runtimes)):
            print(json.dumps(result._asdict()), flush=True)
    except Exception as error:
        print(json.dumps(Result("the trial", sentence(error))._asdict()), flush=True)
    print("{}", flush=True)  # the end: nothing was cut off


def _limit(memory: int, seconds: int) -> None:
    if resource is None:
        return
    limits = {
        # not RLIMIT_AS: TensorFlow maps 2 GB of its libraries and takes a quarter of it
        "RLIMIT_DATA": memory,
        "RLIMIT_CPU": seconds,
        "RLIMIT_FSIZE": 1 << 20,
        "RLIMIT_CORE": 0,
    }
    for name, value in limits.items():
        # at the second number of RLIMIT_CPU a process is killed by a signal that says nothing
        hard = value + 1 if name == "RLIMIT_CPU" else value
        resource.setrlimit(getattr(resource, name), (value, hard))


if __name__ == "__main__":
    _main(*sys.argv[1:])
