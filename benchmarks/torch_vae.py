"""Trains the VAE of `vae_binarized_mnist` in PyTorch, to tell the protocol from our own code.

PYTHONPATH=. python benchmarks/torch_vae.py binarized_mnist.npz --seed=0 --out=torch_vae_seed0.json

It runs in an environment that has torch and numpy and nothing of TensorFlow.

The protocol is that of the config. What the config takes from this project is PyTorch's own here:
the layers with their initial weights and biases, Adam, and the schedule. The state with the best
bound on the validation images is kept, and measured by 200 importance samples on the test images.
"""

import argparse
import copy
import json
import math
import time

import numpy as np
import torch
from torch import nn

from train import runs

BATCH, EPOCHS, LATENTS, UNITS = 100, 500, 40, 400


def networks() -> nn.ModuleDict:
    """Returns the encoder, whose outputs are means and log variances, and the decoder."""
    return nn.ModuleDict(
        {
            "encoder": nn.Sequential(
                nn.Linear(784, UNITS), nn.ReLU(), nn.Linear(UNITS, 2 * LATENTS)
            ),
            "decoder": nn.Sequential(nn.Linear(LATENTS, UNITS), nn.ReLU(), nn.Linear(UNITS, 784)),
        }
    )


def log_likelihood(model: nn.ModuleDict, x: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
    """Returns log p(x | z) [N] in nats."""
    logits = model["decoder"](z)
    errors = nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return -errors.sum(-1)


def bound(model: nn.ModuleDict, x: torch.Tensor) -> torch.Tensor:
    """Returns the evidence lower bound [N] by one draw, with the divergence in closed form."""
    mean, log_variance = model["encoder"](x).chunk(2, dim=-1)
    z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
    divergence = 0.5 * (mean**2 + log_variance.exp() - 1.0 - log_variance).sum(-1)
    return log_likelihood(model, x, z) - divergence


def evidence(model: nn.ModuleDict, x: torch.Tensor, draws: int = 200) -> torch.Tensor:
    """Returns log p(x) [N] by importance samples of the encoder's posterior."""
    mean, log_variance = model["encoder"](x).chunk(2, dim=-1)
    weights = []
    for _ in range(draws):
        noise = torch.randn_like(mean)
        z = mean + torch.exp(0.5 * log_variance) * noise
        # log p(z) - log q(z | x); the constants cancel
        ratio = 0.5 * (noise**2 + log_variance - z**2).sum(-1)
        weights.append(log_likelihood(model, x, z) + ratio)
    return torch.logsumexp(torch.stack(weights), dim=0) - math.log(draws)


def train(data: dict[str, torch.Tensor], seed: int, epochs: int) -> tuple[nn.ModuleDict, dict]:
    """Returns the networks at their best epoch, and what happened on the way."""
    torch.manual_seed(seed)
    model, best, about = networks(), None, {"validation_bound": -math.inf}
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [200, 350], gamma=10 ** (-1 / 5))
    for epoch in range(1, epochs + 1):
        for rows in torch.randperm(len(data["train"])).split(BATCH):
            optimizer.zero_grad()
            (-bound(model, data["train"][rows]).mean()).backward()
            optimizer.step()
        schedule.step()
        with torch.no_grad():
            value = float(bound(model, data["valid"]).mean())
        if value > about["validation_bound"]:
            best, about = copy.deepcopy(model), {"validation_bound": value, "epoch": epoch}
        if epoch % 10 == 0:
            print(f"epoch {epoch}  validation bound {value:.3f}", flush=True)
    return best, about


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="npz file with train, valid and test, of 0 and 255.")
    parser.add_argument("--seed", type=int, default=0, help="Seed of every random draw.")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="Passes over the data.")
    parser.add_argument("--out", help="JSON file for the outcome.")
    values = parser.parse_args()
    torch.set_num_threads(1)
    start = time.time()
    with np.load(values.data) as file:
        data = {
            name: torch.from_numpy((file[name].reshape(-1, 784) > 127).astype(np.float32))
            for name in ("train", "valid", "test")
        }
    model, about = train(data, values.seed, values.epochs)
    with torch.no_grad():
        nats = torch.cat([evidence(model, x) for x in data["test"].split(1000)]).double()
        bounds = torch.cat([bound(model, x) for x in data["test"].split(1000)]).double()
    outcome = {
        "log_likelihood": float(nats.mean()),
        "log_likelihood_standard_error": float(nats.std() / math.sqrt(len(nats))),
        "bound": float(bounds.mean()),
        **about,
        "epochs": values.epochs,
        "seed": values.seed,
        "importance_samples": 200,
        "seconds": round(time.time() - start),
        "commit": runs.commit(),
        "versions": {"torch": torch.__version__, "numpy": np.__version__},
        "command": f"python benchmarks/torch_vae.py binarized_mnist.npz --seed={values.seed}",
    }
    print(json.dumps(outcome, indent=1))
    if values.out:
        with open(values.out, "w") as file:
            file.write(json.dumps(outcome, indent=1) + "\n")


if __name__ == "__main__":
    main()
