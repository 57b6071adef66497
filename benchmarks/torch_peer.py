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


def _sizes(size: int) -> list[int]:
    """Returns the size of an image and of each of its halvings, down to 4 pixels."""
    sizes = [size]
    while sizes[-1] > 4:
        sizes.append(-(-sizes[-1] // 2))
    return sizes


def networks(game: dict, shape: list[int]):
    """Returns (generator, critic) as torch modules with the layers of the project's networks."""
    from torch import nn

    size, _, channels = shape
    latent, width = game["prior"]["size"], game["generator"].get("width", 64)
    squash = nn.Sigmoid() if game["value_range"][0] == 0 else nn.Tanh()
    if game["generator"]["name"] == "mlp_generator":

        def dense(sizes, activation):
            return [
                layer for a, b in zip(sizes, sizes[1:]) for layer in (nn.Linear(a, b), activation())
            ]

        units, critic_units = list(game["generator"]["units"]), list(game["critic"]["units"])
        pixels = size * size * channels
        hidden = dense([latent, *units], nn.ReLU)
        generator = nn.Sequential(
            *hidden, nn.Linear(units[-1], pixels), nn.Unflatten(1, (channels, size, size)), squash
        )
        critic = nn.Sequential(
            nn.Flatten(), *dense([pixels, *critic_units], nn.ELU), nn.Linear(critic_units[-1], 1)
        )
        return generator, critic
    batch_norm = game["generator"].get("normalization", "batch") == "batch"
    sizes = _sizes(size)
    depth = len(sizes) - 1
    wide = width * 2 ** (depth - 1)
    layers = [nn.Linear(latent, sizes[-1] ** 2 * wide, bias=not batch_norm)]
    layers += [nn.BatchNorm1d(sizes[-1] ** 2 * wide)] * batch_norm + [
        nn.ReLU(),
        nn.Unflatten(1, (wide, sizes[-1], sizes[-1])),
    ]
    for level in reversed(range(depth)):
        out = width * 2 ** (level - 1) if level else channels
        more = sizes[level] - (2 * sizes[level + 1] - 1)  # 1 doubles the size, 0 leaves out one row
        plain = level and batch_norm
        layers.append(nn.ConvTranspose2d(wide, out, 5, 2, 2, output_padding=more, bias=not plain))
        layers += ([nn.BatchNorm2d(out)] * batch_norm + [nn.ReLU()]) if level else [squash]
        wide = out
    features, wide = [], channels
    for level in range(depth):
        out = width * 2**level
        plain = level and batch_norm
        features.append(nn.Conv2d(wide, out, 5, 2, 2, bias=not plain))
        features += [nn.BatchNorm2d(out)] * bool(plain) + [nn.LeakyReLU(0.2)]
        wide = out
    return nn.Sequential(*layers), nn.Sequential(
        *features, nn.Flatten(), nn.Linear(wide * sizes[-1] ** 2, 1)
    )


def load_weights(module, values) -> None:
    """Copies trainable weights of Keras, in order, into a torch module.

    Padding differs by one pixel between the two libraries, so that the outputs differ; the work
    does not.
    """
    import numpy as np
    import torch

    parameters = list(module.parameters())
    if len(parameters) != len(values):
        raise ValueError(
            "The networks must have the same weights. "
            f"Received: {len(parameters)} in torch, {len(values)} in Keras"
        )
    for parameter, value in zip(parameters, values):
        value = np.ascontiguousarray(value.transpose(3, 2, 0, 1) if value.ndim == 4 else value.T)
        if tuple(parameter.shape) != value.shape:
            raise ValueError(
                "The networks must have the same shapes. "
                f"Received: {tuple(parameter.shape)} in torch, {value.shape} in Keras"
            )
        parameter.data.copy_(torch.from_numpy(value))


class Trainer:
    """The training step as PyTorch's tutorials write it."""

    def __init__(self, experiment: dict, weights: str, images: str, mode: str):
        import numpy as np
        import torch

        self.torch, game = torch, experiment["game"]
        stored = torch.from_numpy(np.load(images)).permute(0, 3, 1, 2).contiguous()
        self.images = stored.to(torch.get_default_device())
        self.low, self.high = experiment["data"]["value_range"]
        game = game | {"value_range": (self.low, self.high)}
        self.generator, self.critic = networks(game, list(np.load(images, mmap_mode="r").shape[1:]))
        kept = np.load(weights)
        for module, name in ((self.generator, "generator"), (self.critic, "critic")):
            load_weights(module, [kept[key] for key in sorted(kept.files) if key.startswith(name)])
        self.latent, self.prior = game["prior"]["size"], game["prior"]["name"]
        self.wasserstein = game["loss"]["name"] == "wasserstein"
        self.penalty = game.get("penalty", {}).get("weight", 0.0)
        self.moves, self.batch = game.get("critic_updates", 1), experiment["data"]["batch_size"]
        self.optimizers = {}
        for name, module in (("critic", self.critic), ("generator", self.generator)):
            o = experiment["optimizers"][name]
            betas = (o.get("beta_1", 0.9), o.get("beta_2", 0.999))
            self.optimizers[name] = torch.optim.Adam(
                module.parameters(), o["learning_rate"], betas, eps=1e-7
            )
        self.fake, self.critic_loss, self.generator_loss = (
            self.generator,
            self._critic_loss,
            self._generator_loss,
        )
        if mode == "compiled":
            self.fake, self.generator_loss = (
                torch.compile(self.generator),
                torch.compile(self._generator_loss),
            )
            if not self.penalty:  # torch.compile has no double backward
                self.critic_loss = torch.compile(self._critic_loss)
        self.order = iter(())

    def next_batch(self):
        rows = next(self.order, None)
        if rows is None:
            wanted = self.batch * self.moves
            shuffled = self.torch.randperm(len(self.images))
            self.order = iter(shuffled[: len(shuffled) // wanted * wanted].split(wanted))
            rows = next(self.order)
        return self.images[rows].float() / 255.0 * (self.high - self.low) + self.low

    def latents(self):
        z = self.torch.empty(self.batch, self.latent)
        return z.uniform_(-1.0, 1.0) if self.prior == "uniform" else z.normal_()

    def _critic_loss(self, x, x_fake, eps):
        functional = self.torch.nn.functional
        logits_real, logits_fake = self.critic(x), self.critic(x_fake)
        if self.wasserstein:
            loss = logits_fake.mean() - logits_real.mean()
        else:
            loss = (
                functional.softplus(-logits_real).mean() + functional.softplus(logits_fake).mean()
            )
        if self.penalty:
            between = (eps * x + (1.0 - eps) * x_fake).requires_grad_()
            (slopes,) = self.torch.autograd.grad(
                self.critic(between).sum(), between, create_graph=True
            )
            loss = (
                loss
                + self.penalty
                * ((slopes.square().sum((1, 2, 3)) + 1e-12).sqrt() - 1.0).square().mean()
            )
        return loss

    def _generator_loss(self, z):
        logits = self.critic(self.generator(z))
        return (
            -logits.mean()
            if self.wasserstein
            else self.torch.nn.functional.softplus(-logits).mean()
        )

    def step(self):
        x = self.next_batch()
        for move in range(self.moves):
            with self.torch.no_grad():
                x_fake = self.fake(self.latents())
            self.optimizers["critic"].zero_grad()
            loss = self.critic_loss(
                x[move :: self.moves], x_fake, self.torch.rand(self.batch, 1, 1, 1)
            )
            loss.backward()
            self.optimizers["critic"].step()
        self.optimizers["generator"].zero_grad()
        generator_loss = self.generator_loss(self.latents())
        generator_loss.backward(inputs=list(self.generator.parameters()))
        self.optimizers["generator"].step()
        return loss.detach(), generator_loss.detach()


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
    trainer = Trainer(options.experiment, options.weights, options.images, options.mode)
    began = time.perf_counter()
    losses = [tuple(map(float, trainer.step())) for _ in range(options.steps)]
    ready = {
        "torch": trainer.torch.__version__,
        "threads": trainer.torch.get_num_threads(),
        "losses": losses,
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
