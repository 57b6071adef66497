"""Compares the memory that `zoo train --dry_run` predicts with what a step takes.

python benchmarks/plan_memory.py --out=DIR [CONFIG …]

Each config makes two steps in a process of its own, at its batch size, on random examples of its
shape. TensorFlow's allocator counts the bytes of all tensors on the CPU: weights, optimizers,
batches, and what the operations need. Its peak over the second step is the measured memory; the
program, TensorFlow itself and the data set are not in it. DIR/plan_memory.json and .md are written
after each config, and configs that are there already are left out.
"""

import argparse
import ctypes
import json
import pathlib
import subprocess
import sys
import time


def child(name: str) -> dict:
    """Returns predicted and measured bytes of one config, in a process that does nothing else."""
    import numpy as np
    import tensorflow as tf

    # what TensorFlow's CPU allocator counts once it is asked to; Python has no door to it
    library = pathlib.Path(tf.__file__).parent / "libtensorflow_framework.so.2"
    ctypes.CDLL(str(library))["_ZN3tsl23EnableCPUAllocatorStatsEv"]()
    import configs
    from train import experiments, memory
    from train.data import descriptions, folders, table

    experiment = configs.load(name)
    chosen = experiment.data
    try:
        data = descriptions.describe(experiments.load(experiment))
    except (table.NotPreparedError, folders.MissingFolderError):
        options = {"size": chosen.size, "crop": chosen.crop, "value_range": chosen.value_range}
        data = descriptions.expect(chosen.name, **options)
    data["classes"] = data.get("classes") or 10
    game = experiments.trainable(experiment, data)
    shapes = {key: () if key == "label" else tuple(data["shape"]) for key in game.inputs}
    state, step = memory.state(game), memory.step(game, shapes, chosen.batch_size)
    rows, draws, batch = chosen.batch_size * game.turns, np.random.default_rng(0), {}
    for key, shape in shapes.items():
        low, high = game.input_ranges()[key] or (-1.0, 1.0)
        batch[key] = (
            draws.integers(0, 10, rows)
            if key == "label"
            else draws.uniform(low, high, (rows, *shape)).astype("float32")
        )
    batches = tf.data.Dataset.from_tensors(batch).repeat()
    game.fit(batches, steps_per_epoch=1, verbose=0)
    tf.config.experimental.reset_memory_stats("CPU:0")
    game.fit(batches, steps_per_epoch=1, verbose=0)
    measured = tf.config.experimental.get_memory_info("CPU:0")["peak"]
    if not measured:
        raise RuntimeError("the allocator counted nothing")
    return {"state": state, "step": step, "measured": measured}


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
        cells = [f"{number / 2**20:.1f}" for number in numbers]
        lines.append(f"| {name} | {' | '.join(cells)} | {total / row['measured']:.2f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("configs", nargs="*", help="Configs to measure; all of them if none.")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="Folder of the table.")
    parser.add_argument("--child", help="Config that is measured in this process.")
    values = parser.parse_args()
    if values.child:
        print(json.dumps(child(values.child)))
        return
    import configs
    from train import runs

    values.out.mkdir(parents=True, exist_ok=True)
    kept = values.out / "plan_memory.json"
    # asked before anything is written, which would count as a change of the code
    record = {"command": " ".join(sys.argv), "versions": runs.versions(), "commit": runs.commit()}
    if kept.exists():
        record = json.loads(kept.read_text())
        if record["commit"]["hash"] != runs.commit()["hash"]:
            raise ValueError(
                "A table is measured at one commit; give another folder. "
                f"Received: {kept} of {record['commit']['hash']}"
            )
    rows = dict.fromkeys(configs.available(), {}) | record.get("configs", {})
    for name in values.configs or configs.available():
        if rows[name]:
            continue
        start = time.monotonic()
        command = [sys.executable, __file__, f"--out={values.out}", f"--child={name}"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            print(f"{name}: {done.stderr.strip().splitlines()[-1]}", flush=True)
            continue
        rows[name] = json.loads(done.stdout.splitlines()[-1])
        kept.write_text(json.dumps(record | {"configs": rows}, indent=2) + "\n")
        (values.out / "plan_memory.md").write_text(table(rows))
        ratio = (rows[name]["state"] + rows[name]["step"]) / rows[name]["measured"]
        print(f"{name}: {ratio:.2f} in {time.monotonic() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
