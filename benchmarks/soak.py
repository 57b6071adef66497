"""Trains for an hour and says whether the memory and the time of a step stay what they were.

    python benchmarks/soak.py --out=results/soak [--minutes=60]

The training is `dcgan_digits`, whose steps are short, with everything that a run does between its
epochs done after each: a checkpoint, samples, the report, and every fifth time a measurement that
may keep a best checkpoint. Then it is asked to stop and must end well. Every ten seconds the
resident memory, the CPU seconds, the threads and the open files of the process are noted. The time
of a step is that of the CPU from one epoch's end to the next, with all that is done between, so
that other work of the machine is not in it. The first tenth of the hour is left out of what is
compared. FILE.json has the numbers, FILE.svg the curves.
"""

import argparse
import csv
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

import measure
import numpy as np

from train.report import plots

CONFIG = "dcgan_digits"
STEPS = 200
SETTINGS = {
    "train.epochs": 1_000_000,
    "train.steps_per_epoch": STEPS,
    "train.checkpoint_every": 1,
    "train.sample_every": 1,
    "train.evaluate_every": 5,
    "train.metric": "sliced_wasserstein",
    "train.evaluate_num": 500,
}
LEFT_OUT = 0.1  # of the time, at the beginning
PART = 0.25  # of the rest: its first quarter is compared with its last
SECONDS = 10.0  # between two looks at the process
MIB = 2**20


def look(process: subprocess.Popen) -> dict[str, int]:
    """Returns MiB of resident memory, CPU seconds, threads and open files of a running process."""
    folder = pathlib.Path("/proc", str(process.pid))
    lines = (folder / "status").read_text().splitlines()
    values = dict(line.split(":", 1) for line in lines)
    # the name, in parentheses, may hold spaces; user and system time are the fields 14 and 15
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return {
        "cpu": ticks / os.sysconf("SC_CLK_TCK"),
        "mib": int(values["VmRSS"].split()[0]) / 1024,
        "threads": int(values["Threads"]),
        "files": len([*(folder / "fd").iterdir()]),
    }


def soak(run: pathlib.Path, minutes: float) -> tuple[list[dict], list[dict]]:
    """Trains, and returns what was seen of the process and the rows of the run's history.

    Raises:
        RuntimeError: If the training ends before it is asked to, or ends badly.
    """
    words = [f"--set={name}={value}" for name, value in SETTINGS.items()]
    command = [sys.executable, "-m", "zoo", "train", f"--config={CONFIG}", f"--workdir={run}"]
    seen, began = [], time.monotonic()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [*command, *words, "--noprogress", "--devices=cpu"],
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        while time.monotonic() - began < 60 * minutes and process.poll() is None:
            seen.append({"minute": (time.monotonic() - began) / 60} | look(process))
            time.sleep(SECONDS)
        asked = process.poll() is None
        process.send_signal(signal.SIGTERM)
        status = process.wait(600)
        said.seek(0)
        if not asked or status != 128 + signal.SIGTERM:
            raise RuntimeError(
                "The training must go on until it is asked to stop and then end with status "
                f"{128 + signal.SIGTERM}. Received: {status}, {said.read()[-2000:]}"
            )
    with (run / "history.csv").open(newline="") as file:
        return seen, [dict(row) for row in csv.DictReader(file)]


def change(places: Sequence[float], values: Sequence[float]) -> dict[str, float]:
    """Returns the medians of the first and of the last part, and the last over the first.

    Args:
        places: Where in the whole each value was seen, in [0, 1].
        values: As many values.
    """
    left, part = LEFT_OUT, PART * (1 - LEFT_OUT)
    pairs = [*zip(places, values, strict=True)]
    first = statistics.median(value for at, value in pairs if left <= at < left + part)
    last = statistics.median(value for at, value in pairs if at >= 1 - part)
    numbers = {"first": first, "last": last, "last_over_first": last / first}
    return {name: float(f"{number:.4g}") for name, number in numbers.items()}


def drawing(charts: list[plots.Chart]) -> str:
    """Returns charts of one line each, one below the other, as an SVG file."""
    height, lines = plots.Chart.height + 24, []
    for number, chart in enumerate(charts):
        middle = (chart.left + chart.right) / 2
        lines += [f'<g transform="translate(0 {number * height + 20})">']
        lines += [f'<text x="{middle}" y="-4" text-anchor="middle">{chart.title}</text>']
        for y, label in chart.rows:
            lines += [f'<path class="grid" d="M{chart.left} {y}H{chart.right}"/>']
            lines += [f'<text x="{chart.left - 6}" y="{y}" dy="4" text-anchor="end">{label}</text>']
        for x, label in chart.columns:
            y = chart.bottom + 16
            lines += [f'<text x="{x}" y="{y}" text-anchor="middle">{label}</text>']
        y = chart.height - 4
        lines += [f'<text x="{middle}" y="{y}" text-anchor="middle">{chart.x_label}</text>']
        lines += [f'<path class="line" d="{chart.lines[0].paths["line"]}"/></g>']
    style = "text{font:11px sans-serif}.grid{stroke:#ddd}.line{stroke:#2563a8;fill:none}"
    size = f'viewBox="0 0 {plots.Chart.width} {height * len(charts)}" width="720"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
            f'<style>{style}</style><rect width="100%" height="100%" fill="#fff"/>',
            *lines,
            "</svg>\n",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0, help="Minutes that it trains for.")
    parser.add_argument("--out", required=True, help="FILE of FILE.json and FILE.svg.")
    values = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        run = pathlib.Path(scratch, "run")
        seen, history = soak(run, values.minutes)
        bytes_of_run = sum(path.stat().st_size for path in run.rglob("*") if path.is_file())
    minutes, memory, spent = ([each[key] for each in seen] for key in ("minute", "mib", "cpu"))
    # the history counts the seconds of each epoch; the last one ends when the process is stopped
    ends = np.cumsum([float(row["seconds"]) for row in history]) / 60
    ends += minutes[-1] - ends[-1]
    cpu = np.interp(ends, minutes, spent)
    step = 1000 * np.diff(cpu) / STEPS
    along = ends[1:] / minutes[-1]
    about = {
        "minutes": values.minutes,
        "epochs": len(history),
        "steps": int(history[-1]["step"]),
        "resident_mib": change([each / minutes[-1] for each in minutes], memory),
        "cpu_milliseconds_of_a_step": change(along, step),
        "threads": [seen[len(seen) // 10]["threads"], seen[-1]["threads"]],
        "open_files": [seen[len(seen) // 10]["files"], seen[-1]["files"]],
        "mib_of_the_run_directory": round(bytes_of_run / MIB, 1),
    }
    for name, value in about.items():
        print(f"{name}: {value}", flush=True)
    charts = [
        plots.chart("resident memory, MiB", "minutes", [plots.Series("", minutes, memory)]),
        plots.chart("CPU of a step, ms", "minutes", [plots.Series("", ends[1:], step)]),
    ]
    curve = {f"{each['minute']:.1f}": [round(each["mib"]), round(each["cpu"])] for each in seen}
    measure.write(f"{values.out}.json", [], soak=about, mib_and_cpu_seconds_by_minute=curve)
    pathlib.Path(f"{values.out}.svg").write_text(drawing(charts))


if __name__ == "__main__":
    main()
