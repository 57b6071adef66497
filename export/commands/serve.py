"""`zoo serve`: serves bundles over HTTP."""

import argparse
import dataclasses
import logging
import os
import pathlib
import socket
import sys
import tempfile

from zoo.command import parsers

RUNTIMES = ("onnx", "saved_model")
CHECKS = ("full", "files")
WEB = ("auto", "none")


def add_arguments(parser: parsers.Parser) -> None:
    """Declares the arguments of the verb."""
    parser.add_argument(
        "bundles",
        nargs="+",
        metavar="DIR",
        help="Directory of a bundle, or a directory that holds such directories. It is watched: a "
        "new version is loaded when it has passed its checks, and replaces the old one.",
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="Address to listen on (default: %(default)s, which this machine alone can reach).",
    )
    parser.add_argument(
        "--port",
        type=parsers.integer(0),
        default=8501,
        help="Port to listen on; 0 takes a free one (default: %(default)s).",
    )
    parser.add_argument(
        "--runtime",
        type=parsers.choice("runtime", RUNTIMES),
        default="onnx",
        metavar=f"{{{','.join(RUNTIMES)}}}",
        help="What computes: onnx, or saved_model where TensorFlow is installed "
        "(default: %(default)s).",
    )
    parser.add_argument(
        "--check",
        type=parsers.choice("check", CHECKS),
        default="full",
        metavar=f"{{{','.join(CHECKS)}}}",
        help="What a bundle passes before it is loaded: all of `zoo check`, or, for bundles that "
        "you made yourself, the hashes of its files and its golden values "
        "(default: %(default)s).",
    )
    parser.add_argument(
        "--versions",
        type=parsers.integer(1),
        default=1,
        help="How many versions of a model are loaded, the newest ones (default: %(default)s).",
    )
    parser.add_argument(
        "--workers",
        type=parsers.integer(1),
        default=1,
        help="Number of processes, each with its own copy of the models (default: %(default)s).",
    )
    parser.add_argument(
        "--poll",
        type=_seconds,
        default=5.0,
        metavar="SECONDS",
        help="Seconds between two looks at the directories; 0 for a look on SIGHUP only "
        "(default: %(default)s).",
    )
    parser.add_argument(
        "--lame_duck",
        type=_seconds,
        default=1.0,
        metavar="SECONDS",
        help="Seconds after SIGTERM in which the server says that it is not ready and still takes "
        "requests, so that a load balancer looks elsewhere (default: %(default)s).",
    )
    parser.add_argument(
        "--web",
        metavar=f"{{{','.join(WEB)}}} or DIR",
        default="auto",
        help="Web pages that the index page links to. auto: one of each model, written while the "
        "server runs, where onnxruntime-web is in the user's cache, into which `zoo web` puts it. "
        "none: no pages. Or the directory of pages that `zoo web` wrote: DIR/NAME for each model, "
        "or DIR itself for one (default: %(default)s).",
    )
    for name, default, text in _limits():
        kind = parsers.integer(1) if isinstance(default, int) else _seconds
        parser.add_argument(
            f"--{name}", type=kind, default=default, help=f"{text} (default: {default})"
        )


def run(values: argparse.Namespace) -> int:
    """Serves until SIGTERM or Ctrl-C.

    Returns:
        0 when all that was accepted has been answered.
    """
    from export.server import limits, pages, people, process, repository, served, workers
    from export.server import metrics as counting

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    bounds = limits.Limits(**{name: getattr(values, name) for name, _, _ in _limits()})
    for path in values.bundles:
        if not os.path.isdir(path):
            raise FileNotFoundError(f"`zoo serve` takes directories of bundles. Received: {path!r}")
    descriptor = os.environ.get(workers.DESCRIPTOR)  # of a worker: its parent has bound it
    if descriptor is None:
        listening = workers.bind(values.host, values.port)
    else:
        listening = socket.socket(fileno=int(descriptor))
    key = os.environ.get("ZOO_API_KEY") or None
    if values.workers > 1 and descriptor is None:
        return workers.supervise(sys.argv[1:], listening, values.workers, os.environ)
    counts = counting.Metrics()

    def load(path: pathlib.Path) -> served.Served:
        options = {"queue_rows": bounds.queue_rows, "computed": counts.computed}
        return served.load(path, values.runtime, **options)

    models = repository.Repository(
        values.bundles, load, check=values.check == "full", versions=values.versions
    )
    models.refresh()
    if not models.models:
        failed = "; ".join(f"{path}: {why}" for path, why in models.failures.items())
        raise ValueError(f"No bundle could be loaded. Received: {failed or values.bundles}")
    host, port = listening.getsockname()[:2]
    host = f"[{host}]" if ":" in host else host
    print(f"Listening on http://{host}:{port}", flush=True)
    if key is None and host not in ("127.0.0.1", "[::1]"):
        print("Everybody who can reach this address may ask: ZOO_API_KEY is not set", flush=True)
    with tempfile.TemporaryDirectory(prefix="zoo-pages-") as folder:
        written = None
        if values.web not in WEB:
            web = people.web_pages(pathlib.Path(values.web), list(models.models))
        else:
            written = pages.Pages(pathlib.Path(folder)) if _writes_pages(values.web) else None
            web = written.folders if written else {}
        return process.serve(
            models,
            listening,
            bounds=bounds,
            poll=values.poll,
            lame_duck=values.lame_duck,
            written=written,
            counts=counts,
            key=key,
            web=web,
        )


def _writes_pages(web: str) -> bool:
    """Says whether the server writes pages; tells on its standard output why not, if it could."""
    from export.web import onnxruntime_web

    if web == "auto" and not onnxruntime_web.cached():
        print(f"No web pages: onnxruntime-web is not in {onnxruntime_web.cache()}", flush=True)
        print("Once `zoo web BUNDLE --out=DIR` has put it there, a restart brings them", flush=True)
    return web == "auto" and onnxruntime_web.cached()


def _limits() -> list[tuple[str, float, str]]:
    from export.server import limits

    return [
        (field.name, field.default, field.metadata["help"])
        for field in dataclasses.fields(limits.Limits)
    ]


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e6:
        raise argparse.ArgumentTypeError(
            f"the value must be a number of seconds, at least 0. Received: {text!r}"
        )
    return value
