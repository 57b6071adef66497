"""The PyTorch peer of a written step on the device that JAX has; it needs torch and numpy."""

import contextlib
import pathlib
import time

import torch_peer
import torch_steps


def device() -> str:
    """Returns `cuda` where PyTorch has a GPU, else `cpu`."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


class Step:
    """The same networks, losses and optimizers in PyTorch; see `torch_steps.py`.

    Args:
        folder: Folder of a step that has a peer.
        experiment: The experiment as JSON has it.
        mode: `eager` or `compiled`.
        arithmetic: `float32`; `tf32`; or `bfloat16`, which is PyTorch's automatic mixed precision.
    """

    def __init__(self, folder: pathlib.Path, experiment: dict, *, mode: str, arithmetic: str):
        import torch

        self.torch, self.arithmetic, self.device = torch, arithmetic, device()
        torch.set_default_device(self.device)
        weights, images = str(folder / "weights.npz"), str(folder / "images.npy")
        with self._settings():
            self.trainer = torch_steps.trainer(experiment, weights, images, mode)

    @contextlib.contextmanager
    def _settings(self):
        backends, tf32 = self.torch.backends, self.arithmetic == "tf32"
        backends.cuda.matmul.allow_tf32 = backends.cudnn.allow_tf32 = tf32
        half = self.arithmetic == "bfloat16"
        with self.torch.autocast(self.device, self.torch.bfloat16, enabled=half):
            yield

    def seconds(self, steps: int) -> float:
        """Makes `steps` steps and returns the seconds that they took."""
        with self._settings():
            torch_peer.wait()
            began = time.perf_counter()
            for _ in range(steps):
                self.trainer.step()
            torch_peer.wait()
            return time.perf_counter() - began
