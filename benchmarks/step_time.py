"""Measures a step of `Game.fit` for every config, on an idle machine.

    TF_ENABLE_ONEDNN_OPTS=1 python benchmarks/step_time.py --torch-python=PATH [--cases=ROW,…]

Each row is a config, or a case of cases.py, at its own batch size. Its competitors take turns:
`fit`, a hand-written TensorFlow step, PyTorch (eager and compiled), and the machine's rates of
matrix products and of convolutions. These rates and the counted operations of a step give the
shortest time that the machine could need. A ratio above 1 says that `fit` is the faster one.

Some rows of one data set share a process. The record and its table, a Markdown file next to it,
are written after each row, and rows that are there already are left out: a second call at the same
commit goes on. With --cases, rows that it does not name stay, each with its own commit. The first
pass over the rows checks that the hand-written steps compute what the
games do, and counts operations; --prepare makes it alone, for which the machine need not be idle.
`pip install .[bench]` installs PyTorch; --torch-python names another interpreter that has it, and
an empty one leaves PyTorch out.
"""

import argparse
import concurrent.futures
import json
import pathlib
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

import cases
import measure
import step_table
import torch_peer

TOGETHER = 8  # rows that one process measures


def child(stage: str, options) -> None:
    """Makes a stage of the rows that the standard input names; prints a line of JSON for each."""
    import gc

    import keras
    import step_row

    for name, about in json.load(sys.stdin).items():
        began = time.monotonic()
        try:
            row = cases.row(name, data=options.data)
            if stage == "prepare":
                result = step_row.prepared(row, limit=options.limit, python=options.torch_python)
            else:
                given = {"seconds": options.seconds, "budget": options.budget}
                given |= {"rounds": options.rounds, "python": options.torch_python}
                result = step_row.timed(name, row, about, **given)
            answer = {"result": result}
        # a row that fails must not end the others
        except Exception as error:
            answer = {"failed": f"{type(error).__name__}: {str(error)[:2000]}"}
        took = round(time.monotonic() - began)
        print(json.dumps({"row": name, "seconds": took} | answer), flush=True)
        keras.utils.clear_session()
        gc.collect()


def answers(stage: str, wanted: dict, options):
    """Yields what a process says of some rows, each with the name of its row.

    Args:
        stage: "prepare" or "time".
        wanted: The rows by name, with what `step_row.prepared` returned of each.
        options: The command's.
    """
    command = [
        sys.executable,
        __file__,
        f"--child={stage}",
        f"--torch-python={options.torch_python}",
        f"--limit={options.limit}",
        f"--seconds={options.seconds}",
        f"--budget={options.budget}",
        f"--rounds={options.rounds}",
        f"--data={options.data}",
    ]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    errors = []
    reader = threading.Thread(target=lambda: errors.extend(process.stderr))
    reader.start()
    json.dump(wanted, process.stdin)
    process.stdin.close()
    yield from (json.loads(line) for line in process.stdout if line.startswith("{"))
    if process.wait():
        print(f"{stage}: the process ended with {process.returncode}", *errors[-5:], flush=True)
    reader.join()


def begun(path: pathlib.Path, names: Sequence[str]) -> tuple[dict, dict]:
    """Returns the commit that is measured, and the rows that the record has.

    Rows of other commits are left out, and measured anew; but if the command names rows, only those
    are, and others keep what their own commits gave.

    Args:
        path: The record's file; there may be none yet.
        names: The rows that the command names.
    """
    from train import runs

    commit = runs.commit()
    record = json.loads(path.read_text()) if path.exists() else {"configs": {}}
    rows = {
        name: {"commit": record["commit"]} | row for name, row in record.get("configs", {}).items()
    }
    # as it was before the first call wrote the record, which counts as a change of the code now
    before = [row["commit"] for row in rows.values() if row["commit"]["hash"] == commit["hash"]]
    commit = before[0] if before else commit
    return commit, {
        name: row
        for name, row in rows.items()
        if row["commit"]["hash"] == commit["hash"] or names and name not in names
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--cases",
        default="",
        help="Rows to measure, with commas between them; all of them unless given.",
    )
    parser.add_argument(
        "--data",
        default="",
        help="Data set in the place of MNIST, enlarged to 28x28: digits needs no preparation.",
    )
    parser.add_argument(
        "--rounds", type=int, default=9, help="How often each competitor is measured, at most."
    )
    parser.add_argument(
        "--out",
        type=pathlib.Path,
        default=pathlib.Path("results/step_time.json"),
        help="File of the record; the table is the Markdown file next to it.",
    )
    parser.add_argument(
        "--prepare",
        action="store_true",
        help="Whether to check and to count only, for which the machine need not be idle.",
    )
    parser.add_argument(
        "--torch-python",
        default=sys.executable,
        help="Path of a Python interpreter that has torch; empty to leave PyTorch out.",
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=0.7,
        help="Seconds that one competitor trains for in one round.",
    )
    parser.add_argument(
        "--budget",
        type=float,
        default=9.0,
        help="Seconds of all rounds of a row; there are at least three rounds.",
    )
    parser.add_argument(
        "--limit",
        type=float,
        default=2e11,
        help="Operations of a step above which a row is left out.",
    )
    parser.add_argument("--child", choices=("prepare", "time"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child, options)
        return
    if options.torch_python and not torch_peer.available(options.torch_python):
        print(f"{options.torch_python} has no torch, so that its ratios are left out", flush=True)
        options.torch_python = ""
    names = options.cases.split(",") if options.cases else []
    commit, rows = begun(options.out, names)
    for name in names or cases.names():
        rows.setdefault(name, {"commit": commit})
    make("prepare", commit, rows, options, processes=2)
    if not options.prepare:
        make("time", commit, rows, options, processes=1)


def make(stage: str, commit: dict, rows: dict, options, *, processes: int) -> None:
    """Makes a stage of the rows that lack it, and writes the record after each of them."""
    wanted = {name: row.get("prepare") for name, row in rows.items() if lacks(row, stage)}
    lock = threading.Lock()

    def some(names: list[str]) -> None:
        for answer in answers(stage, {name: wanted[name] for name in names}, options):
            name, failed = answer["row"], answer.get("failed", "")
            with lock:
                print(f"{stage} {name}: {answer['seconds']} s {failed}", flush=True)
                if not failed:
                    rows[name][stage] = answer["result"]
                    keep(options, commit, rows)

    with concurrent.futures.ThreadPoolExecutor(processes) as pool:
        list(pool.map(some, parts(list(wanted))))


def lacks(row: dict, stage: str) -> bool:
    """Returns whether a stage of a row is still to be made."""
    if stage == "prepare":
        return stage not in row
    return stage not in row and "left_out" not in row.get("prepare", {"left_out": ""})


def parts(names: list[str]) -> list[list[str]]:
    """Returns the rows of each process; those of one data set are together."""
    names = sorted(names, key=lambda name: (cases.data_name(name), name))
    return [names[i : i + TOGETHER] for i in range(0, len(names), TOGETHER)]


def keep(options, commit: dict, rows: dict) -> None:
    """Writes the record and its table."""
    verdicts = [
        verdict for row in rows.values() for verdict in row.get("time", {}).get("ratios", [])
    ]
    record = {"limit": options.limit, "configs": rows}
    measure.write(str(options.out), verdicts, commit=commit, shown=False, **record)
    page = step_table.table(json.loads(options.out.read_text()))
    options.out.with_suffix(".md").write_text(page)


if __name__ == "__main__":
    main()
