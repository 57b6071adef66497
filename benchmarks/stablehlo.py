"""Takes training steps to a machine that has JAX and no TensorFlow, and times them there.

    python benchmarks/stablehlo.py write FOLDER [CONFIG …] [--precisions=float32,bfloat16]
    python benchmarks/stablehlo.py time FOLDER --out=DIR [--rounds=9] [--seconds=2]

`write` needs this project. It writes the first step of each config to FOLDER/CONFIG/PRECISION: as a
StableHLO module, with its arguments, and with the state that it left on this CPU. `time` needs JAX
and numpy, and this folder of scripts. On whatever device JAX has, it makes each step once and
compares the state with the CPU's. It then times it, next to the same networks in PyTorch if PyTorch
is installed and `torch_peer.py` has them. --rounds=0 leaves the timing out. DIR/stablehlo.json and
.md are written after each step. A second call of either continues, and tries again what failed.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import time


def write(options: argparse.Namespace) -> None:
    """Writes the steps, each in a process of its own."""
    import configs
    from train import runs

    for name in options.configs or [*configs.available(), "mlp", "mlp_wide"]:
        for precision in options.precisions.split(","):
            folder, start = options.folder / name / precision, time.monotonic()
            if (folder / "step.mlir").exists():
                continue
            shutil.rmtree(folder, ignore_errors=True)
            command = [sys.executable, __file__, "write", str(options.folder), name]
            command += [f"--child={precision}"]
            done = subprocess.run(command, capture_output=True, text=True)
            print(f"{name}, {precision}: ", end="")
            if done.returncode:
                error = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
                folder.mkdir(parents=True, exist_ok=True)
                about = {"config": name, "precision": precision, "error": error[:300]}
                about |= {"commit": runs.commit(), "versions": runs.versions()}
                (folder / "step.json").write_text(json.dumps(about, indent=1) + "\n")
                print(error, flush=True)
            else:
                print(f"written in {time.monotonic() - start:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    writes = verbs.add_parser("write", help="Write steps, on a machine with this project.")
    times = verbs.add_parser("time", help="Compare and time them, on a machine with JAX.")
    for verb in (writes, times):
        verb.add_argument("folder", type=pathlib.Path, help="Folder of the written steps.")
        verb.add_argument("configs", nargs="*", help="Configs; all of them if none is named.")
    writes.add_argument(
        "--precisions", default="float32,bfloat16", help="Values of train.precision."
    )
    writes.add_argument("--child", help="Precision of the one step that this process writes.")
    times.add_argument("--out", type=pathlib.Path, required=True, help="Folder of the table.")
    times.add_argument(
        "--rounds", type=int, default=9, help="How often each competitor is timed; 0 for no timing."
    )
    times.add_argument("--seconds", type=float, default=2.0, help="Seconds of one measurement.")
    options = parser.parse_args()
    if options.verb == "time":
        import stablehlo_table

        timing = {"rounds": options.rounds, "seconds": options.seconds}
        stablehlo_table.write(options.folder, options.configs, options.out, **timing)
    elif options.child:
        import stablehlo_write

        folder = options.folder / options.configs[0] / options.child
        stablehlo_write.step(options.configs[0], options.child, folder)
    else:
        write(options)


if __name__ == "__main__":
    main()
