"""Prints the tables of the documentation from the records in this folder.

python results/tables.py modes
python results/tables.py univariate
python results/tables.py cross
python results/tables.py kde
python results/tables.py toy
python results/tables.py probes
python results/tables.py bounds
python results/tables.py codes
python results/tables.py tempered
python results/tables.py precisions
python results/tables.py fashion

Where a row covers several seeds, each number is their mean ± half of their range.
"""

import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).parent


def records(metric: str) -> dict[str, dict]:
    """Returns the records of what trained runs reached under a metric, by file name."""
    everything = {
        path.relative_to(HERE).as_posix(): json.loads(path.read_text())
        for path in sorted(HERE.rglob("*.json"))
    }
    return {
        name: record
        for name, record in everything.items()
        if record.get("metric") == metric and "experiment" in record
    }


def modes() -> list[list[str]]:
    """Modes covered and fraction of samples near them, for each run on a mixture in the plane."""
    rows = [["data", "loss", "seed", "modes", "share", "record"]]
    for name, record in records("modes").items():
        experiment, beside = record["experiment"], record["beside"]
        loss = experiment["game"]["loss"]["name"]
        of = f"{record['value']} of {record['protocol']['modes']}"
        rows.append(
            [
                experiment["data"]["name"],
                loss,
                str(experiment["seed"]),
                of,
                f"{beside['share']:.3f}",
                name,
            ]
        )
    return rows


# Nowozin et al., 2016, arXiv:1606.00709, table 3: mean and standard deviation of the generators
PAPER = {
    "kl": (1.0335, 1.8236),
    "reverse_kl": (1.5624, 1.6403),
    "jensen_shannon": (1.2854, 1.7659),
    "jeffrey": (1.2295, 1.8087),
    "pearson": (0.6157, 1.9031),
}


def fits() -> dict[str, list[dict]]:
    """Returns the records of the univariate experiment by the divergence of the training.

    The divergences of the paper's table come first, in its order, and the others follow by name.
    """
    trained = {}
    for record in records("gaussian_fit").values():
        spec = record["experiment"]["game"]["loss"]["divergence"]
        options = ", ".join(f"{value:g}" for key, value in spec.items() if key != "name")
        trained.setdefault(spec["name"] + (f"({options})" if options else ""), []).append(record)
    names = [*(name for name in PAPER if name in trained), *sorted(set(trained) - set(PAPER))]
    return {name: trained[name] for name in names}


def univariate() -> list[list[str]]:
    """The Gaussian that each divergence leads to, the best one, and the paper's."""
    rows = [
        [
            "divergence",
            "mean",
            "best",
            "the paper",
            "std",
            "best",
            "the paper",
            "its divergence",
            "smallest",
            "bound",
            "seeds",
        ]
    ]
    for name, group in fits().items():
        beside = [record["beside"] for record in group]
        mean, std = PAPER.get(name, (None, None))
        rows.append(
            [
                name,
                _over_seeds([b["mean"] for b in beside]),
                f"{beside[0]['best_mean']:.4f}",
                "" if mean is None else f"{mean:.4f}",
                _over_seeds([b["std"] for b in beside]),
                f"{beside[0]['best_std']:.4f}",
                "" if std is None else f"{std:.4f}",
                _over_seeds([record["value"] for record in group]),
                f"{beside[0]['best_value']:.4f}",
                _over_seeds([b["bound"] for b in beside]),
                ", ".join(str(record["experiment"]["seed"]) for record in group),
            ]
        )
    return rows


def cross() -> list[list[str]]:
    """The divergences of the paper's table at every trained Gaussian, by quadrature."""
    rows = [["trained with", *PAPER]]
    for name, group in fits().items():
        values = [[record["beside"]["divergences"][other] for record in group] for other in PAPER]
        rows.append([name, *(_over_seeds(column) for column in values)])
    return rows


# Nowozin et al., 2016, table 4, in nats, by another evaluation program. Only the value of KL was
# checked against a source; the others are from memory.
PAPER_KDE = {
    "kl": 416,
    "reverse_kl": 319,
    "pearson": 429,
    "neyman": 300,
    "squared_hellinger": -708,
    "jeffrey": -2101,
    "jensen_shannon": 367,
    "gan": 305,
}


def kde() -> list[list[str]]:
    """Parzen log likelihoods of MNIST for each divergence, the highest first."""
    rows = [["divergence", "nats", "bandwidth", "the paper's, another evaluator", "seed", "record"]]
    values = []
    for name, record in records("parzen").items():
        experiment = record["experiment"]
        spec = experiment["game"]["loss"].get("divergence")
        if spec is not None and experiment["data"]["name"] == "mnist":
            options = ", ".join(f"{value:g}" for key, value in spec.items() if key != "name")
            title = spec["name"] + (f"({options})" if options else "")
            values.append((record["value"], title, record, PAPER_KDE.get(spec["name"], ""), name))
    for value, title, record, paper, name in sorted(values, key=lambda row: -row[0]):
        nats, seed = (
            f"{value:.1f} ± {record['standard_error']:.1f}",
            str(record["experiment"]["seed"]),
        )
        rows.append([title, nats, f"{record['protocol']['bandwidth']:.3f}", str(paper), seed, name])
    return rows


# Mescheder et al., 2017, table 1: log likelihood, bound, reconstruction error, and KL of the
# aggregated posterior from the prior
PAPER_TOY = {
    "vae_toy": (-1.568, -1.697, 0.0885, 0.165),
    "avb_toy": (-1.403, -1.421, 0.00577, 0.026),
}


def toy() -> list[list[str]]:
    """Each run on four points with a latent plane, and the paper's values."""
    rows = [
        [
            "config",
            "seed",
            "step",
            "log likelihood",
            "bound",
            "reconstruction error",
            "KL(q(z), p(z))",
            "record",
        ]
    ]
    keys = ("elbo", "reconstruction_error", "aggregated_posterior_kl")
    for name, record in records("quadrature").items():
        experiment, beside = record["experiment"], record["beside"]
        values = [f"{value:.4f}" for value in (record["value"], *(beside[key] for key in keys))]
        rows.append(
            [experiment["name"], str(experiment["seed"]), f"{record['step']:,}", *values, name]
        )
    return rows + [
        [f"{name}, the paper's", "", "100,000", *(f"{value:.4g}" for value in values), ""]
        for name, values in PAPER_TOY.items()
    ]


def probes() -> list[list[str]]:
    """Accuracies of probes on trained encoders, on untrained ones and on raw pixels."""
    rows = [
        [
            "runs",
            "data",
            "probe",
            "codes",
            "untrained",
            "layer before",
            "untrained",
            "raw pixels",
            "seeds",
        ]
    ]
    groups: dict[tuple[str, str, str], list[dict]] = {}
    for metric in ("nearest_neighbor", "linear_probe"):
        for record in records(metric).values():
            key = (_runs(record), record["protocol"]["data"], metric)
            groups.setdefault(key, []).append(record)
    for key, group in groups.items():
        beside = [record["beside"] for record in group]
        columns = ("encode", "untrained_encode", "features", "untrained_features", "raw_pixels")
        values = [
            _over_seeds([b[column] for b in beside], 2) if column in beside[0] else ""
            for column in columns
        ]
        rows.append(
            [*key, *values, ", ".join(str(record["experiment"]["seed"]) for record in group)]
        )
    return rows


def bounds() -> list[list[str]]:
    """Log likelihoods by annealed importance sampling, and bounds, of models of MNIST, in nats."""
    rows = [["runs", "latents", "step", "bound", "log likelihood (AIS)", "seeds"]]
    groups: dict[tuple, list[dict]] = {}
    for record in records("ais").values():
        if record["experiment"]["data"]["name"] != "mnist":
            continue
        key = (_runs(record), record["experiment"]["game"]["prior"]["size"], record["step"])
        groups.setdefault(key, []).append(record)
    for (name, size, step), group in groups.items():
        values = [
            _over_seeds([r["beside"]["bound"] for r in group], 2),
            _over_seeds([r["value"] for r in group], 2),
        ]
        rows.append(
            [
                name,
                str(size),
                f"{step:,}",
                *values,
                ", ".join(str(record["experiment"]["seed"]) for record in group),
            ]
        )
    return rows


def codes() -> list[list[str]]:
    """How closely codes follow latents, and how codes are distributed compared with the prior.

    A mean is the distance of a coordinate's mean from 0, and a variance is a multiple of the
    prior's. Both are averaged over the coordinates. In brackets are the mean that is farthest from
    0, and the least and the greatest variance.
    """
    rows = [
        [
            "config",
            "seed",
            "correlation",
            "least",
            "mean, samples",
            "variance",
            "mean, examples",
            "variance",
            "record",
        ]
    ]
    for name, record in records("code_correlation").items():
        experiment, beside = record["experiment"], record["beside"]
        moments = []
        for part in ("codes_of_samples", "codes_of_examples"):
            values = beside[part]
            moments.append(f"{values['mean']:.3f} ({values['largest_mean']:.3f})")
            least, greatest = values["least_variance"], values["greatest_variance"]
            moments.append(f"{values['variance']:.2f} ({least:.2f} to {greatest:.2f})")
        values = [f"{value:.3f}" for value in (record["value"], beside["least"])]
        rows.append([experiment["name"], str(experiment["seed"]), *values, *moments, name])
    return rows


def tempered() -> list[list[str]]:
    """Fréchet distances of games with a lens and without, and their differences seed by seed."""
    distances: dict[tuple[str, str, int], dict[int, float]] = {}
    for name, record in records("fd_mnist_features").items():
        if name.startswith("tan/"):
            kind, _, loss = _runs(record).removeprefix("long_").partition("_")
            seeds = distances.setdefault((kind, loss, record["step"]), {})
            seeds[record["experiment"]["seed"]] = record["value"]
    rows = [
        [
            "over",
            "steps",
            "lens's error",
            "without",
            "with a lens",
            "difference",
            "seeds in which the lens has less",
        ]
    ]
    for (kind, loss, steps), lens in distances.items():
        if kind != "plain":
            plain = {seed: distances["plain", loss, steps][seed] for seed in lens}
            differences = {seed: lens[seed] - plain[seed] for seed in lens}
            values = [
                _over_seeds(list(values.values()), 2) for values in (plain, lens, differences)
            ]
            less = [str(seed) for seed, difference in differences.items() if difference < 0]
            rows.append(
                [
                    loss,
                    str(steps),
                    kind,
                    *values,
                    f"{', '.join(less) or 'none'} of {', '.join(map(str, lens))}",
                ]
            )
    return rows


def precisions() -> list[list[str]]:
    """Fréchet distances of the same training under each arithmetic of the hidden layers."""
    names = ["float32", "bfloat16", "float16"]
    distances: dict[str, dict[str, dict[int, float]]] = {}
    for name, record in records("fd_mnist_features").items():
        if name.startswith("gans/precision_"):
            experiment = record["experiment"]
            row = distances.setdefault(f"{experiment['name']}, {record['step']} steps", {})
            seeds = row.setdefault(experiment["train"]["precision"], {})
            seeds[experiment["seed"]] = record["value"]
    rows = [["config", *names]]
    for config, row in distances.items():
        cells = [_with_seeds(row.get(name, {})) for name in names]
        rows.append([config, *cells])
    return rows


def fashion() -> list[list[str]]:
    """Fréchet distances of one run on Fashion-MNIST for each objective, the least first."""
    rows = [["config", "steps", "Fréchet distance", "record"]]
    runs = sorted(records("fd_fashion_features").items(), key=lambda item: item[1]["value"])
    for name, record in runs:
        distance = f"{record['value']:.3f} ± {record['standard_error']:.3f}"
        rows.append([record["experiment"]["name"], f"{record['step']:,}", distance, name])
    return rows


def _runs(record: dict) -> str:
    """Returns the name of a record's run without its seed, which all seeds have in common."""
    return re.sub(r"_seed\d+$", "", record["command"].split()[2])


def _with_seeds(values: dict[int, float]) -> str:
    seeds = f"seed{'s' * (len(values) > 1)} {', '.join(map(str, values))}"
    return f"{_over_seeds([*values.values()], 2)} ({seeds})" if values else "not run"


def _over_seeds(values: list[float | None], digits: int = 4) -> str:
    if None in values:
        return "infinite"
    mean, half = sum(values) / len(values), (max(values) - min(values)) / 2
    return f"{mean:.{digits}f} ± {half:.{digits}f}" if len(values) > 1 else f"{mean:.{digits}f}"


TABLES = {
    "bounds": bounds,
    "codes": codes,
    "cross": cross,
    "fashion": fashion,
    "kde": kde,
    "modes": modes,
    "precisions": precisions,
    "probes": probes,
    "tempered": tempered,
    "toy": toy,
    "univariate": univariate,
}

if __name__ == "__main__":
    if sys.argv[1:2] == [] or sys.argv[1] not in TABLES:
        sys.exit(f"usage: python results/tables.py {'|'.join(TABLES)}")
    head, *rest = TABLES[sys.argv[1]]()
    for row in (head, ["---"] * len(head), *rest):
        print("| " + " | ".join(row) + " |")
