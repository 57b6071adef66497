"""Compares and times written steps in JAX and in PyTorch, and writes the table; `stablehlo.py`.

It needs jax and numpy, and torch where PyTorch is to be timed.
"""

import importlib.util
import json
import pathlib
import sys
import time

import measure
import stablehlo_files
import stablehlo_jax
import stablehlo_torch

ARITHMETICS = {"float32": ("float32", "tf32"), "bfloat16": ("bfloat16",)}  # of a step's precision
# why PyTorch has no time
NO_PEER = "torch_peer.py does not have these networks"
NO_TORCH = "PyTorch is not installed"
OTHER_DEVICE = "PyTorch and JAX have different devices"


def folders(folder: pathlib.Path, configs: list[str]) -> list[pathlib.Path]:
    """Returns the folders of the written steps of some configs, of all if none is named."""
    paths = sorted(path.parent for path in folder.glob("*/*/step.json"))
    return [path for path in paths if not configs or path.parent.name in configs]


def arithmetics(precision: str, platform: str) -> list[str]:
    """Returns in which arithmetics a step is made on a platform; only a GPU has TF32."""
    return [each for each in ARITHMETICS[precision] if each != "tf32" or platform == "gpu"]


def run(folder: pathlib.Path, arithmetic: str, rounds: int, seconds: float) -> dict:
    """Returns the row of one step: how far it is from the CPU's, and its times."""
    platform = stablehlo_jax.device()["platform"]
    # XLA's CPU computes what is in a loop with one thread
    inner = 10 if platform == "gpu" else 1
    step = stablehlo_jax.Step(folder, tf32=arithmetic == "tf32", inner=inner)
    row = {"game": step.about["game"], "data": step.about["data"]}
    row |= {"bytes": (folder / "step.mlir").stat().st_size, **step.differences()}
    row["equal"] = stablehlo_files.within(row, arithmetic)
    if not rounds or not row["equal"]:
        return row
    competitors, row["torch"] = {"jax": step}, _no_torch(step.about, platform)
    for mode in () if row["torch"] else ("eager", "compiled"):
        try:
            peer = stablehlo_torch.Step(
                folder, step.about["peer"], mode=mode, arithmetic=arithmetic
            )
            peer.seconds(1)
            competitors[f"torch_{mode}"] = peer
        # whatever a compiler makes of a step is a result of this table
        except Exception as error:
            row["torch"] = f"{mode}: {type(error).__name__}: {str(error).strip()[:200]}"
    steps = {name: measure.calibrated(one, seconds, inner) for name, one in competitors.items()}
    rounds = measure.interleave(
        {k: lambda k=k, c=c: c.seconds(steps[k]) / steps[k] for k, c in competitors.items()}, rounds
    )
    row["ms"] = {name: measure.quartiles([1e3 * s for s in each]) for name, each in rounds.items()}
    return row


def _no_torch(about: dict, platform: str) -> str | None:
    """Returns why PyTorch has no time for a step; None if it has."""
    if not about["peer"]:
        return NO_PEER
    if importlib.util.find_spec("torch") is None:
        return NO_TORCH
    same = {"gpu": "cuda"}.get(platform, platform) == stablehlo_torch.device()
    return None if same else OTHER_DEVICE


def write(folder: pathlib.Path, configs: list[str], out: pathlib.Path, **timing) -> None:
    """Measures the steps that a record lacks, and writes it and its table after each of them.

    Args:
        folder: Folder of the written steps.
        configs: Configs whose steps are measured; all if none is named.
        out: Folder of the record.
        **timing: `rounds` and `seconds`; see `run`.

    Raises:
        ValueError: If the record is of other code or of another device than this one's.
    """
    out.mkdir(parents=True, exist_ok=True)
    kept, there = out / "stablehlo.json", stablehlo_jax.device()
    record = json.loads(kept.read_text()) if kept.exists() else {"steps": {}}
    for path in folders(folder, configs):
        about = stablehlo_files.about(path)
        here = {"commit": about["commit"], "device": there, "written_with": about["versions"]}
        if any(record.get(key, value) != value for key, value in here.items()):
            others = {key: record[key] for key in here}
            raise ValueError(
                "A table has steps of one commit, made on one device; give another --out. "
                f"Received: {here}, in {kept}: {others}"
            )
        words = ["FOLDER" if word == str(folder) else word for word in sys.argv]
        record |= {"command": " ".join(["python", *words]), **here}
        for arithmetic in arithmetics(about["precision"], there["platform"]):
            name, start = f"{about['config']} {arithmetic}", time.monotonic()
            if "equal" in record["steps"].get(name, {}):
                continue
            if "error" in about:
                row = {"error": about["error"]}
            else:
                row = run(path, arithmetic, **timing)
            record["steps"][name] = row
            record["versions"] = stablehlo_jax.versions()
            record.setdefault("explanation", "")
            kept.write_text(json.dumps(record, indent=1) + "\n")
            (out / "stablehlo.md").write_text(table(record))
            said = row.get("error") or ("equal" if row["equal"] else "NOT EQUAL")
            print(f"{name}: {said} in {time.monotonic() - start:.0f} s", flush=True)


def table(record: dict) -> str:
    """Returns the record as a table in Markdown."""
    there, rows = record["device"], record["steps"]
    versions = {"TensorFlow": record["written_with"]["tensorflow"]} | record["versions"]
    packages = ", ".join(f"{name} {version}" for name, version in versions.items())
    timed = any("ms" in row for row in rows.values())
    head = ["config", "game", "arithmetic", "module, KiB", "largest difference of a weight"]
    head += ["weights that differ by more than 1e-5", "optimizers", "logs", "equal"]
    head += ["JAX, ms a step", "PyTorch eager", "PyTorch compiled", "remark"] * timed
    lines = [
        "# Training steps as StableHLO, in JAX",
        "",
        f"    {record['command']}",
        "",
        "Each step was written on a CPU, with the state that TensorFlow left there, and was made "
        "once in JAX on the same arguments.",
        f"JAX computed on: {there['kind']} ({there['platform']}). {packages}. "
        + ("" if timed else "No step was timed."),
        "",
        "`optimizers` is the difference of what the optimizers keep of the gradients, relative to "
        "its norm, and `logs` the largest relative",
        "difference of a logged value. benchmarks/README.md says which differences count as equal.",
        "",
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
    ]
    lines += [f"| {' | '.join(_cells(name, row, timed))} |" for name, row in sorted(rows.items())]
    return "\n".join(lines) + "\n"


def _cells(name: str, row: dict, timed: bool) -> list[str]:
    config, arithmetic = name.split()
    if "error" in row:
        rest = [""] * (4 if timed else 0)
        return [config, "", arithmetic, *[""] * 5, row["error"].replace("|", "/"), *rest]
    kept = "none kept" if row["optimizers"] is None else f"{row['optimizers']:.1e}"
    numbers = [f"{row['bytes'] / 1024:.0f}", f"{row['weights']:.1e}", f"{row['different']:.2%}"]
    cells = [config, row["game"], arithmetic, *numbers, kept, f"{row['logs']:.1e}"]
    cells.append("yes" if row["equal"] else "NO")
    if timed:
        times = [row.get("ms", {}).get(key) for key in ("jax", "torch_eager", "torch_compiled")]
        cells += ["" if each is None else f"{each['median']:.3g}" for each in times]
        cells.append(row.get("torch") or "")
    return cells
