"""Trains the same networks in PyTorch, in a process that `step_time.py` starts.

The process needs torch and numpy only. It gets the experiment as JSON, and the initial weights and
the images as files. It prints one line of JSON when it is ready. Then it reads numbers of steps
from its standard input, one on a line, makes that many steps, and prints the seconds that they
took.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

import torch_steps

WARM = 10  # steps before the clock starts, at most as many as are timed


def start(
    python: str, experiment, weights: pathlib.Path, images: pathlib.Path, *, mode: str, steps: int
) -> "Worker":
    """Starts a process and waits until it has made its first steps."""
    command = [
        python,
        os.path.abspath(__file__),
        json.dumps(experiment.as_dict()),
        str(weights),
        str(images),
        mode,
        str(steps),
    ]
    return Worker(
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    )


class Worker:
    """A running process; `ready` is its first answer: version, threads and first losses."""

    def __init__(self, process: subprocess.Popen):
        self.process, self.ready = process, self._answer(process)

    @staticmethod
    def _answer(process) -> dict:
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(
                f"The PyTorch process ended with {process.wait()}; its message is above"
            )
        return json.loads(line)

    def seconds(self, steps: int) -> float:
        """Makes `steps` steps and returns the seconds that they took."""
        print(steps, file=self.process.stdin, flush=True)
        return self._answer(self.process)["seconds"]

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def available(python: str) -> bool:
    """Returns whether a Python interpreter has torch."""
    return subprocess.run([python, "-c", "import torch"], capture_output=True).returncode == 0


def wait() -> None:
    """Waits until a GPU has done what it was given; a CPU has."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("experiment", type=json.loads, help="The experiment as JSON.")
    parser.add_argument("weights", help="Initial weights of both networks, an npz file.")
    parser.add_argument("images", help="Training images [N, H, W, C] of uint8, an npy file.")
    parser.add_argument("mode", choices=("eager", "compiled"), help="Whether to use torch.compile.")
    parser.add_argument("steps", type=int, help="Number of steps to make before the first answer.")
    options = parser.parse_args()
    import torch

    if torch.cuda.is_available():
        torch.set_default_device("cuda")
    trainer = torch_steps.trainer(options.experiment, options.weights, options.images, options.mode)
    began = time.perf_counter()
    losses = [[float(loss) for loss in trainer.step()] for _ in range(options.steps)]
    ready = {
        "torch": trainer.torch.__version__,
        "threads": trainer.torch.get_num_threads(),
        "last_losses": losses[-1],
    }
    print(json.dumps(ready | {"first_seconds": round(time.perf_counter() - began, 2)}), flush=True)
    for line in sys.stdin:
        for _ in range(min(WARM, int(line))):
            trainer.step()
        wait()
        began = time.perf_counter()
        for _ in range(int(line)):
            trainer.step()
        wait()
        print(json.dumps({"seconds": time.perf_counter() - began}), flush=True)


if __name__ == "__main__":
    main()
