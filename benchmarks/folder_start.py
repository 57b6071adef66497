"""Says how long the start of a training takes on a folder of pictures, and what memory it keeps.

    python benchmarks/folder_start.py FOLDER [--counts=1000,50000] [--limit=1048576] [--steps=400]
        [--out=results/folder_start.json]

Of each count, a folder of links to the first pictures is trained on in a process of its own, new
and continued, with a memory limit under which it is streamed. The start is the time from the shell
to the end of the first call of the graph; the memory is that of the process then and at the end.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import measure

from train.data import folders

PROGRAM = """
import atexit, json, os, sys, time
from train import callbacks
from zoo.command import verbs

marks, ended = [], callbacks.Stop.on_train_batch_end


def resident():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def noted(self, batch, logs=None):
    spent = os.times()
    marks.append((time.time(), spent.user + spent.system, resident()))
    return ended(self, batch, logs)


def said():
    print("MARKS", json.dumps([marks[0], marks[len(marks) // 2], marks[-1]]))


callbacks.Stop.on_train_batch_end = noted
atexit.register(said)
sys.exit(verbs.run(sys.argv[1:]))
"""
SETTINGS = {
    "train.steps_per_execution": 10,
    "train.sample_every": 1000,
    "game.generator.width": 8,
    "game.critic.width": 8,
}


def trained(folder: pathlib.Path, run: pathlib.Path, limit: int, steps: int, epochs: int) -> dict:
    """Returns seconds to the first step, and MiB of memory then, halfway and at the end."""
    words = ["train", "--config=dcgan_digits", f"--workdir={run}", "--noprogress", "--devices=cpu"]
    settings = SETTINGS | {
        "data.name": f"folder:{folder}",
        "data.memory_limit": limit,
        "train.steps_per_epoch": steps,
        "train.epochs": epochs,
    }
    words += [f"--set={name}={value}" for name, value in settings.items()]
    began = time.time()
    command = [sys.executable, "-c", PROGRAM, *words]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"Training must end well. Received: {done.stderr[-2000:]}")
    line = next(line for line in done.stdout.splitlines() if line.startswith("MARKS "))
    (first, spent, *memory), *others = json.loads(line.removeprefix("MARKS "))
    return {
        "seconds": round(first - began, 1),
        "cpu_seconds": round(spent, 1),
        "mib": [round(mib) for mib in (*memory, *(other[2] for other in others))],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, help="Folder of pictures of one size.")
    parser.add_argument("--counts", default="1000,50000", help="Numbers of pictures.")
    parser.add_argument("--limit", type=int, default=2**20, help="data.memory_limit, in bytes.")
    parser.add_argument("--steps", type=int, default=400, help="Steps of each of two epochs.")
    parser.add_argument("--out", default="", help="File of the record.")
    values = parser.parse_args()
    paths, rows = folders.listing(values.folder).paths, []
    print("pictures  start      seconds  CPU seconds  MiB at first step, halfway, at the end")
    with tempfile.TemporaryDirectory() as scratch:
        for count in map(int, values.counts.split(",")):
            chosen = pathlib.Path(scratch, str(count))
            chosen.mkdir()
            for number, path in enumerate(paths[:count]):
                (chosen / f"{number:06}{path.suffix}").symlink_to(path.resolve())
            for epochs, start in ((1, "new"), (2, "continued")):
                run = pathlib.Path(scratch, f"run_{count}")
                row = trained(chosen, run, values.limit, values.steps, epochs)
                rows.append({"pictures": count, "start": start} | row)
                seconds = f"{row['seconds']:7.1f}  {row['cpu_seconds']:11.1f}"
                print(f"{count:8}  {start:9}  {seconds}  {row['mib']}", flush=True)
    measure.write(values.out, [], starts=rows)


if __name__ == "__main__":
    main()
