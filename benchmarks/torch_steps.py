"""The training steps as PyTorch's tutorials write them: of a GAN and of a variational autoencoder.

Importing this module imports no PyTorch.
"""

import torch_networks

LOSSES = ("non_saturating", "wasserstein", "least_squares")


def why_not(experiment) -> str:
    """Returns why there is no PyTorch peer of an experiment; an empty string if there is one."""
    game, options = experiment.game, experiment.game.options
    networks = [value for value in options.values() if hasattr(value, "options")]
    plain = {"kernel", "most", "label", "skip", "initial"} & {
        key for network in networks for key in network.options
    }
    dense = [n for n in networks if n.name in ("mlp_generator", "mlp_critic", "mlp_encoder")]
    known = ("gan", ("generator", "critic")), ("vae", ("encoder", "decoder"))
    reasons = {
        "the game has no step in PyTorch": game.name not in dict(known),
        "labels": options.get("conditional"),
        "the schedule": options.get("schedule", "alternating") != "alternating",
        "the constraint": "constraint" in options,
        "the augmentation": "augmentation" in options,
        "the loss": game.name == "gan" and options["loss"].name not in LOSSES,
        "the networks": bool(plain)
        or any("normalization" in n.options for n in dense)
        or any(
            options[name].name
            not in (
                "mlp_generator",
                "mlp_critic",
                "mlp_encoder",
                "dcgan_generator",
                "dcgan_critic",
            )
            for name in dict(known).get(game.name, ())
        ),
        "the optimizer": any(o.name != "adam" for o in experiment.optimizers.values()),
    }
    return ", ".join(reason for reason, holds in reasons.items() if holds)


def trainer(experiment: dict, weights: str, images: str, mode: str):
    """Returns the trainer of an experiment.

    Args:
        experiment: The experiment as values of JSON.
        weights: File of the initial weights.
        images: File of the examples.
        mode: "eager" or "compiled".
    """
    kinds = {"gan": GAN, "vae": VAE}
    return kinds[experiment["game"]["name"]](experiment, weights, images, mode)


class Trainer:
    """Batches from a tensor in memory, and the optimizers; a subclass makes the step.

    Args:
        experiment: The experiment as values of JSON.
        images: File of the examples, an npy file of uint8 [N, H, W, C] or of points [N, D].
    """

    def __init__(self, experiment: dict, images: str):
        import numpy as np
        import torch

        self.torch, self.game = torch, experiment["game"]
        examples = torch.from_numpy(np.load(images))
        self.shape, self.value_range = list(examples.shape[1:]), None
        stored = examples.float()
        if examples.ndim == 4:
            stored = examples.permute(0, 3, 1, 2).contiguous()
            self.value_range = experiment["data"]["value_range"]
        self.images = stored.to(torch.get_default_device())
        self.latent, self.prior = self.game["prior"]["size"], self.game["prior"]["name"]
        self.moves, self.batch = (
            self.game.get("critic_updates", 1),
            experiment["data"]["batch_size"],
        )
        self.settings, self.optimizers, self.averages = experiment["optimizers"], {}, {}
        self.order = iter(())

    def load(self, weights: str, **modules) -> None:
        """Copies the initial weights of Keras into modules by name."""
        import numpy as np

        kept = np.load(weights)
        for name, module in modules.items():
            values = [kept[key] for key in sorted(kept.files) if key.startswith(name)]
            torch_networks.load_weights(module, values)

    def add_optimizer(self, name: str, *modules) -> None:
        """Makes Adam for a player; of a schedule of its rate, the first rate stays."""
        o, parameters = self.settings[name], [p for m in modules for p in m.parameters()]
        rate = o["learning_rate"]
        if isinstance(rate, dict):
            rate = rate["values"][0] if "values" in rate else rate["initial_learning_rate"]
        betas = (o.get("beta_1", 0.9), o.get("beta_2", 0.999))
        self.optimizers[name] = self.torch.optim.Adam(parameters, rate, betas, eps=1e-8)
        averages = self.torch.optim.swa_utils
        if o.get("use_ema"):
            average = averages.get_ema_multi_avg_fn(o["ema_momentum"])
            self.averages[name] = [
                (module, averages.AveragedModel(module, multi_avg_fn=average)) for module in modules
            ]

    def move(self, name: str) -> None:
        """Updates the parameters of a player, and their averages if it has any."""
        self.optimizers[name].step()
        for module, averaged in self.averages.get(name, ()):
            averaged.update_parameters(module)

    def next_batch(self):
        rows = next(self.order, None)
        if rows is None:
            wanted = self.batch * self.moves
            count = len(self.images)
            shuffled = self.torch.cat(
                [self.torch.randperm(count) for _ in range(-(-wanted // count))]
            )
            self.order = iter(shuffled[: len(shuffled) // wanted * wanted].split(wanted))
            rows = next(self.order)
        if self.value_range is None:
            return self.images[rows]
        low, high = self.value_range
        return self.images[rows].float() / 255.0 * (high - low) + low


class GAN(Trainer):
    """A critic and a generator in turns."""

    def __init__(self, experiment: dict, weights: str, images: str, mode: str):
        super().__init__(experiment, images)
        torch, game = self.torch, self.game | {"value_range": self.value_range}
        self.generator, self.critic = torch_networks.networks(game, self.shape)
        self.load(weights, generator=self.generator, critic=self.critic)
        self.add_optimizer("critic", self.critic)
        self.add_optimizer("generator", self.generator)
        self.loss, self.penalty = game["loss"]["name"], game.get("penalty", {}).get("weight", 0.0)
        self.fake, self.critic_loss = self.generator, self._critic_loss
        self.generator_loss = self._generator_loss
        if mode == "compiled":
            self.fake = torch.compile(self.generator)
            self.generator_loss = torch.compile(self._generator_loss)
            if not self.penalty:  # torch.compile has no double backward
                self.critic_loss = torch.compile(self._critic_loss)

    def latents(self):
        z = self.torch.empty(self.batch, self.latent)
        return z.uniform_(-1.0, 1.0) if self.prior == "uniform" else z.normal_()

    def _critic_loss(self, x, x_fake, eps):
        functional = self.torch.nn.functional
        logits_real, logits_fake = self.critic(x), self.critic(x_fake)
        if self.loss == "wasserstein":
            loss = logits_fake.mean() - logits_real.mean()
        elif self.loss == "least_squares":
            loss = 0.5 * (logits_real - 1.0).square().mean() + 0.5 * logits_fake.square().mean()
        else:
            loss = (
                functional.softplus(-logits_real).mean() + functional.softplus(logits_fake).mean()
            )
        if self.penalty:
            between = (eps * x + (1.0 - eps) * x_fake).requires_grad_()
            (slopes,) = self.torch.autograd.grad(
                self.critic(between).sum(), between, create_graph=True
            )
            squares = slopes.square().flatten(1).sum(1)
            loss = loss + self.penalty * ((squares + 1e-12).sqrt() - 1.0).square().mean()
        return loss

    def _generator_loss(self, z):
        logits = self.critic(self.generator(z))
        if self.loss == "wasserstein":
            return -logits.mean()
        if self.loss == "least_squares":
            return 0.5 * (logits - 1.0).square().mean()
        return self.torch.nn.functional.softplus(-logits).mean()

    def step(self):
        x = self.next_batch()
        for move in range(self.moves):
            with self.torch.no_grad():
                x_fake = self.fake(self.latents())
            self.optimizers["critic"].zero_grad()
            eps = self.torch.rand(self.batch, *[1] * len(self.shape))
            loss = self.critic_loss(x[move :: self.moves], x_fake, eps)
            loss.backward()
            self.move("critic")
        self.optimizers["generator"].zero_grad()
        generator_loss = self.generator_loss(self.latents())
        generator_loss.backward(inputs=list(self.generator.parameters()))
        self.move("generator")
        return loss.detach(), generator_loss.detach()


class VAE(Trainer):
    """An encoder with a decoder, on pixels in [0, 1]."""

    def __init__(self, experiment: dict, weights: str, images: str, mode: str):
        super().__init__(experiment, images)
        options = self.game["encoder"], self.game["decoder"]
        self.encoder = torch_networks.encoder(options[0], 2 * self.latent, self.shape, "tanh")
        self.decoder = torch_networks.decoder(options[1], self.latent, self.shape, None)
        self.load(weights, encoder=self.encoder, decoder=self.decoder)
        self.add_optimizer("autoencoder", self.encoder, self.decoder)
        compiled = mode == "compiled"
        self.loss = self.torch.compile(self._loss) if compiled else self._loss

    def _loss(self, x, eps):
        mean, log_variance = self.encoder(x).chunk(2, dim=1)
        z = mean + (0.5 * log_variance).exp() * eps
        entropy = self.torch.nn.functional.binary_cross_entropy_with_logits(
            self.decoder(z), x, reduction="sum"
        )
        drawn = self.game.get("kl") == "monte_carlo"
        squares = z.square() if drawn else log_variance.exp() + mean.square()
        return (entropy + 0.5 * (squares - 1.0 - log_variance).sum()) / len(x)

    def step(self):
        x = self.next_batch()
        x = self.torch.bernoulli(x) if self.game.get("binarize") else x
        self.optimizers["autoencoder"].zero_grad()
        loss = self.loss(x, self.torch.randn(self.batch, self.latent))
        loss.backward()
        self.move("autoencoder")
        return (loss.detach(),)
