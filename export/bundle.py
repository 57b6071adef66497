"""A bundle: a run's endpoints in every form, checked, and moved into place whole or not at all."""

import json
import os
import pathlib
import shutil
import tempfile

import tensorflow as tf

from export import card, functions, onnx, saved_model
from export.runtime import backends, checks, golden_rows, manifests
from train import checkpoints, runs


def write(run: runs.Run, out: str | os.PathLike, *, version: int = 1) -> pathlib.Path:
    """Writes a bundle of the run's game, with averaged weights where the experiment averages them.

    Args:
        run: A run with a checkpoint.
        out: Directory of the bundle; must not exist.
        version: Positive; names the directories that servers look for.

    Returns:
        The bundle's directory.

    Raises:
        FileExistsError: If `out` exists.
        FileNotFoundError: If the run does not, or has no checkpoint.
        ValueError: If a check failed; `out` is then not made.
    """
    out = pathlib.Path(out)
    manifests.refuse_existing(out)
    game, record = checkpoints.load_game(run), run.record()
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = pathlib.Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        partial.chmod(0o755)  # mkdtemp's is for its owner alone
        with game.averaged_weights():
            described = _programs(game, record, _metrics(run), partial, version)
        gate = checks.Gate()
        checks.examine(partial, described, gate)
        if gate.failures:
            raise ValueError(
                f"A bundle is made when every check passes; {out} is not. Failed:\n  "
                + "\n  ".join(gate.failures)
            )
        described["golden"]["largest_difference"] = gate.differences
        (partial / "README.md").write_text(card.write(described))
        manifests.seal(partial, described)
        manifests.verify(partial)
        manifests.refuse_existing(out)
        os.rename(partial, out)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    print(f"Bundle: {out}  ({checks.directory_bytes(out):,} bytes)", flush=True)
    return out


def _programs(
    game, record: dict, metrics: list[dict], directory: pathlib.Path, version: int
) -> dict:
    """Writes the SavedModel, the ONNX graphs and the golden values; returns the manifest so far."""
    step, offered = int(game.step.numpy()), game.endpoints()
    print(
        f"Exporting {record['experiment']['name']} at step {step}: {', '.join(offered)}", flush=True
    )
    goldens = functions.golden(game)
    golden_rows.write(directory / "golden.npz", goldens)
    described = functions.describe(game, goldens, record["data"])
    path = backends.saved_model_path(directory, {"version": version})
    variables = saved_model.write(path, offered, goldens)
    properties = {"source": f"{record['experiment']['name']}, step {step}", "version": str(version)}
    for name, endpoint in offered.items():
        onnx.write(
            directory / "onnx" / name,
            name,
            endpoint,
            described[name],
            version=version,
            properties=properties,
        )
    found = manifests.compose(
        record=record,
        step=step,
        metrics=metrics,
        described=described,
        version=version,
        variable_bytes=sum(
            variable.shape.num_elements() * tf.as_dtype(variable.dtype).size
            for variable in variables
        ),
        limits={
            "tested_rows": golden_rows.ROWS,
            "triton_max_batch_size": onnx.MAX_BATCH,
            "integers": ["0", str(2**63 - 1)],
        },
    )
    found["sizes"]["saved_model"] = checks.directory_bytes(path)
    return found


def _metrics(run: runs.Run, last: int = 10) -> list[dict]:
    lines = run.metrics.read_text().splitlines() if run.metrics.is_file() else []
    return [json.loads(line) for line in lines[-last:] if line.strip()]
