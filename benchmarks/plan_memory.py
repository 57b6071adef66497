"""Compares the memory that `zoo train --dry_run` predicts with what a step takes.

python benchmarks/plan_memory.py --out=DIR [CONFIG …]
python benchmarks/plan_memory.py --out=DIR --predict

Each config makes two steps in a process of its own, at its batch size, on random examples of its
shape; the second is measured. What is measured are weights, optimizers and the batch, which lie
there between steps, and what the second step holds at its peak next to what lies there. The
program, TensorFlow itself and the data set are not in it. `tensor_bytes.c`, which a C compiler
makes and the process loads before TensorFlow, counts every allocation of a tensor exactly.
TensorFlow's own statistics on a CPU leave out all tensors below 256 KiB, and count larger ones by
the piece of a region that they lie in, which is up to twice their size and changes from run to
run. TensorFlow runs one operation at a time, on two threads, so that the order of the operations,
and with it the peak, is the same in each run.

DIR/plan_memory.json and .md are written after each config. Configs that are there already are left
out; a record of another commit is begun anew. With `--predict` the configs that have been measured are predicted again by the code as
it is, and nothing is measured.
"""

import argparse
import ctypes
import gc
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import traceback

COUNTER = "ZOO_TENSOR_BYTES"  # variable of the environment with the library's path
WITHIN = (0.8, 1.2)


def counted(name: str, inter_op: int, *, measured: bool) -> dict:
    """Returns the bytes of one config, predicted and measured."""
    import numpy as np
    import tensorflow as tf

    import configs
    from train import experiments, memory
    from train.data import descriptions, folders, table

    tf.config.threading.set_inter_op_parallelism_threads(inter_op)
    tf.config.threading.set_intra_op_parallelism_threads(2)
    experiment = configs.load(name)
    chosen = experiment.data
    options = {"size": chosen.size, "crop": chosen.crop, "value_range": chosen.value_range}
    try:
        data = descriptions.describe(experiments.load(experiment))
    except (table.NotPreparedError, folders.MissingFolderError):
        data = descriptions.expect(chosen.name, **options)
    data["classes"] = data.get("classes") or 10
    game = experiments.trainable(experiment, data)
    shapes = {key: () if key == "label" else tuple(data["shape"]) for key in game.inputs}
    state = memory.state(game)
    row = {"state": state, "step": memory.step(game, shapes, chosen.batch_size)}
    if not measured:
        return row
    rows, draws, batch = chosen.batch_size * game.turns, np.random.default_rng(0), {}
    for key, shape in shapes.items():
        low, high = game.input_ranges()[key] or (-1.0, 1.0)
        batch[key] = (
            draws.integers(0, 10, rows)
            if key == "label"
            else draws.uniform(low, high, (rows, *shape)).astype("float32")
        )
    library = ctypes.CDLL(os.environ[COUNTER])
    for function in (library.tensor_bytes, library.tensor_bytes_at_most):
        function.restype = ctypes.c_long
    batches = tf.data.Dataset.from_tensors(batch).repeat()
    game.fit(batches, steps_per_epoch=1, verbose=0)
    gc.collect()
    library.tensor_bytes_begin()
    between = library.tensor_bytes()
    game.fit(batches, steps_per_epoch=1, verbose=0)
    more = library.tensor_bytes_at_most() - between
    if between < state or not more:
        raise RuntimeError("TensorFlow allocates its tensors by other functions than are counted.")
    return row | {"measured": state + sum(value.nbytes for value in batch.values()) + more}


def forked(name: str, inter_op: int, *, measured: bool) -> dict:
    """Returns `counted` of a child of this process, which has the libraries loaded already."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if not child:
        try:
            row = counted(name, inter_op, measured=measured)
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


def table(rows: dict) -> str:
    lines = [
        "| config | weights and optimizers, MiB | a step, MiB | predicted, MiB | measured, MiB | "
        "predicted / measured |",
        "|---|---|---|---|---|---|",
    ]
    for name, row in sorted(rows.items()):
        if "measured" not in row:
            lines.append(f"| {name} | | | | not run | |")
            continue
        total = row["state"] + row["step"]
        numbers = [row["state"], row["step"], total, row["measured"]]
        cells = [f"{number / 2**20:.2f}" for number in numbers]
        lines.append(f"| {name} | {' | '.join(cells)} | {total / row['measured']:.2f} |")
    ratios = [
        (row["state"] + row["step"]) / row["measured"] for row in rows.values() if "measured" in row
    ]
    low, high = WITHIN
    close = sum(low <= ratio <= high for ratio in ratios)
    text = f"{len(ratios)} of {len(rows)} configs were measured; {close} are within 20 %."
    return "\n".join([text, "", *lines]) + "\n"


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
    parser.add_argument("--predict", action="store_true", help="Only predict again.")
    parser.add_argument("--inter_op", type=int, default=1, help="Operations at a time.")
    values = parser.parse_args()
    if COUNTER not in os.environ:
        sys.exit(preloaded())
    import keras
    import tensorflow

    import configs
    from train import experiments, runs

    values.out.mkdir(parents=True, exist_ok=True)
    kept = values.out / "plan_memory.json"
    # asked before anything is written, which would count as a change of the code
    commit = runs.commit()
    command = f"python benchmarks/plan_memory.py --out={values.out}"
    record = {"command": command, "versions": runs.versions(), "commit": commit}
    record["operations_at_a_time"] = values.inter_op
    old = json.loads(kept.read_text()) if kept.exists() else {}
    if values.predict:
        record = old | {"predicted_at": commit}
    elif old.get("commit", {}).get("hash") == commit["hash"]:
        record = old
    rows = dict.fromkeys(configs.available(), {}) | record.get("configs", {})
    for name in values.configs or configs.available():
        if bool(rows[name]) != values.predict:
            continue
        start = time.monotonic()
        row = forked(name, values.inter_op, measured=not values.predict)
        if not row:
            continue
        rows[name] = rows[name] | row
        kept.write_text(json.dumps(record | {"configs": rows}, indent=2) + "\n")
        (values.out / "plan_memory.md").write_text(table(rows))
        ratio = (rows[name]["state"] + rows[name]["step"]) / rows[name]["measured"]
        print(f"{name}: {ratio:.2f} in {time.monotonic() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
