"""Compares the memory that `zoo train --dry_run` predicts with what a step takes.

python benchmarks/plan_memory.py --out=DIR [--processes=N] [CONFIG …]

Each config makes two steps at its batch size, on random examples of its shape, in a process of its
own, or in several. Measured is what lies there between steps, which are weights, optimizers and the
batch, and what the second step holds at its peak next to that. The program, TensorFlow itself and
the data set are not in it. `tensor_bytes.c`, which a C compiler makes and the process loads before
TensorFlow, counts every allocation of a tensor. TensorFlow's own statistics on a CPU leave out all
tensors below 256 KiB, and count larger ones by the piece of a region in which they lie, which is up
to twice their size and changes from run to run. TensorFlow runs one operation at a time, on two
threads. The order of the operations, and with it the peak, is then the same in each step of a
process; it can differ between processes, of which the table shows the median.

DIR/plan_memory.json and .md are written after each config. Configs that are there already are left
out; a record of another commit is begun anew.
"""

import argparse
import ctypes
import gc
import importlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import traceback

COUNTER = "ZOO_TENSOR_BYTES"  # variable of the environment with the library's path
WITHIN = (0.8, 1.2)
MARK = "<!-- written by benchmarks/plan_memory.py -->\n\n"


def counted(name: str, *, predicted: bool) -> dict:
    """Returns the bytes of one config: those measured and, if wanted, those predicted."""
    import random_examples
    import tensorflow as tf

    import configs
    from train import experiments, memory

    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.threading.set_intra_op_parallelism_threads(2)
    experiment = configs.load(name)
    _, data = random_examples.opened(experiment)
    game = experiments.trainable(experiment, data)
    shapes = {key: () if key == "label" else tuple(data["shape"]) for key in game.inputs}
    row = {
        "state": memory.state(game),
        "measured": measured(game, shapes, experiment.data.batch_size),
    }
    if predicted:
        row["step"] = memory.step(game, shapes, experiment.data.batch_size)
    return row


def measured(game, shapes: dict[str, tuple[int, ...]], batch_size: int) -> int:
    """Returns the bytes of weights, optimizers, the batch, and what the second step adds."""
    import keras
    import random_examples
    import tensorflow as tf

    from train import memory

    shape = next(shape for key, shape in shapes.items() if key != "label")
    batch = random_examples.batch(game, shape, batch_size * game.turns)
    library = ctypes.CDLL(os.environ[COUNTER])
    for function in (library.tensor_bytes, library.tensor_bytes_at_most):
        function.restype = ctypes.c_long
    between = []

    def begin(step: int, logs: dict) -> None:
        if step == 0:
            gc.collect()
            between.append(library.tensor_bytes())
            library.tensor_bytes_begin()

    game.fit(
        tf.data.Dataset.from_tensors(batch).repeat(),
        steps_per_epoch=2,
        callbacks=[keras.callbacks.LambdaCallback(on_train_batch_end=begin)],
        verbose=0,
    )
    more, state = library.tensor_bytes_at_most() - between[0], memory.state(game)
    if between[0] < state or not more:
        raise RuntimeError("TensorFlow allocates its tensors by other functions than are counted.")
    return state + sum(value.nbytes for value in batch.values()) + more


def forked(name: str, *, predicted: bool) -> dict:
    """Returns `counted` of a child of this process, which has the libraries loaded already."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if not child:
        try:
            row = counted(name, predicted=predicted)
            with open(writing, "w") as answer:
                json.dump(row, answer)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else {}


def ratio(row: dict) -> float:
    """Returns what is predicted, as a fraction of the median of what was measured."""
    return (row["state"] + row["step"]) / statistics.median(row["measured"])


def table(rows: dict) -> str:
    """Returns the rows as Markdown, below a sentence that counts and names them."""
    low, high = WITHIN
    ratios = {name: ratio(row) for name, row in sorted(rows.items()) if row}
    outside = [f"{name} ({value:.2f})" for name, value in ratios.items() if not low < value < high]
    lines = [
        f"{len(ratios)} of {len(rows)} configs were measured, and {len(ratios) - len(outside)} of "
        f"the predictions are within 20 %. Outside: {', '.join(outside) or 'none'}.",
        "",
        "| config | weights and optimizers, MiB | a step, MiB | predicted, MiB | measured, MiB | "
        "predicted / measured |",
        "|---|---|---|---|---|---|",
    ]
    for name, row in sorted(rows.items()):
        if not row:
            lines.append(f"| {name} | | | | not run | |")
            continue
        numbers = [row["state"], row["step"], row["state"] + row["step"]]
        cells = [f"{number / 2**20:.2f}" for number in numbers]
        cells.append(" ".join(f"{number / 2**20:.2f}" for number in sorted(row["measured"])))
        lines.append(f"| {name} | {' | '.join(cells)} | {ratios[name]:.2f} |")
    return "\n".join(lines) + "\n"


def preloaded() -> int:
    """Runs this program again in an environment in which the tensors are counted."""
    with tempfile.TemporaryDirectory() as folder:
        library = str(pathlib.Path(folder) / "tensor_bytes.so")
        source = pathlib.Path(__file__).with_name("tensor_bytes.c")
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", str(source), "-o", library], check=True)
        settings = {"LD_PRELOAD": library, COUNTER: library, "TF_ONEDNN_USE_SYSTEM_ALLOCATOR": "1"}
        return subprocess.run([sys.executable, *sys.argv], env=os.environ | settings).returncode


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("configs", nargs="*", help="Configs to measure; all of them if none.")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="Folder of the table.")
    parser.add_argument("--processes", type=int, default=1, help="Measurements of a config.")
    values = parser.parse_args()
    if COUNTER not in os.environ:
        sys.exit(preloaded())
    importlib.import_module("tensorflow")
    importlib.import_module("train.experiments")
    import configs
    from train import runs

    values.out.mkdir(parents=True, exist_ok=True)
    kept, text = values.out / "plan_memory.json", values.out / "plan_memory.md"
    # asked before anything is written, which would count as a change of the code
    record = {
        "command": f"python benchmarks/plan_memory.py --out={values.out}",
        "versions": runs.versions(),
        "commit": runs.commit(),
    }
    if kept.exists():
        old = json.loads(kept.read_text())
        if old["commit"]["hash"] == record["commit"]["hash"]:
            record = old
    rows = dict.fromkeys(configs.available(), {}) | record.get("configs", {})
    # what a person has written above the table stays
    before = text.read_text().partition(MARK)[0] if text.exists() else ""
    for name in values.configs or configs.available():
        if rows[name]:
            continue
        start = time.monotonic()
        answers = [forked(name, predicted=turn == 0) for turn in range(values.processes)]
        if not all(answers):
            print(f"{name}: not measured, for the reason above", flush=True)
            continue
        rows[name] = answers[0] | {"measured": [answer["measured"] for answer in answers]}
        kept.write_text(json.dumps(record | {"configs": rows}, indent=2) + "\n")
        text.write_text(before + MARK + table(rows))
        print(f"{name}: {ratio(rows[name]):.2f} in {time.monotonic() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
