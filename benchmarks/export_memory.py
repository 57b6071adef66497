"""Measures how much memory the export of an untrained config takes, with every check.

    python benchmarks/export_memory.py --out=results/deployment/export_memory.json

The config is built for examples of its own size, without its data, and exported by `zoo.export`.
The figure is the largest resident memory of the process, which holds the framework, the game and
its optimizers too; that of the game alone, before the export, is recorded next to it. The programs
that the checks start are counted by themselves.
"""

import argparse
import pathlib
import resource
import tempfile

import measure

import configs
import zoo
from export.runtime import folders
from train import experiments


def main() -> None:
    """Exports, prints the memory and writes the record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", default="dcgan_celeba64", help="Name of the config.")
    parser.add_argument("--shape", default="64,64,3", help="Shape of one example.")
    parser.add_argument("--out", default="", help="File for the record.")
    values = parser.parse_args()
    experiment = configs.load(values.config)
    shape = [int(side) for side in values.shape.split(",")]
    value_range = list(experiment.data.value_range)
    game = experiments.compiled(experiment, {"shape": shape, "value_range": value_range})
    before = _peak(resource.RUSAGE_SELF)
    with tempfile.TemporaryDirectory() as folder:
        description = zoo.Description(name=values.config, finished=False)
        bundle = zoo.export(game, pathlib.Path(folder) / "bundle", description=description)
        size = folders.size(bundle)
    memory = {
        "game": before,
        "export": _peak(resource.RUSAGE_SELF),
        "largest_child": _peak(resource.RUSAGE_CHILDREN),
    }
    print(f"{memory} bytes; the bundle has {size:,}")
    measure.write(values.out, [], config=values.config, shape=shape, bytes=memory, bundle=size)


def _peak(who: int) -> int:
    return resource.getrusage(who).ru_maxrss * 1024  # Linux counts kibibytes


if __name__ == "__main__":
    main()
