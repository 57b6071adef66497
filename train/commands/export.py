"""`zoo export`: makes a bundle of a run."""

import argparse

from export import options
from train.commands import arguments
from zoo.command import parsers


def add_arguments(parser: parsers.Parser) -> None:
    """Declares the arguments of the verb."""
    arguments.add_run(parser)
    parser.add_argument(
        "--out",
        required=True,
        metavar="DIR",
        help="Directory of the bundle, which must not exist yet.",
    )
    parser.add_argument(
        "--version",
        type=parsers.integer(1),
        default=1,
        metavar="N",
        help="Version of the model, which names the directories that model servers look for "
        "(default: %(default)s).",
    )
    parser.add_argument(
        "--endpoints",
        metavar="NAME,…",
        help="Endpoints that the bundle has, such as sample,generate; without it, all that the "
        "model offers. Each holds its own copy of the weights in ONNX.",
    )
    _add_choice(
        parser,
        "output",
        options.OUTPUTS,
        "What images are: float32 values in the model's range, or uint8 pixels from 0 to 255, both "
        "where the bundle gives images and where it takes them",
    )
    _add_choice(
        parser,
        "layout",
        options.LAYOUTS,
        "Order of the axes of images, both where the bundle gives images and where it takes them: "
        "rows, height, width, channels or rows, channels, height, width",
    )
    _add_choice(
        parser,
        "weights",
        tuple(options.WEIGHTS),
        "What kernels are stored as: single precision; or half the bytes, as integers of 16 bits "
        "with scales or in half precision, which is less exact. All compute in single precision",
    )
    arguments.add_best(parser)
    parser.add_argument(
        "--sign",
        metavar="KEY",
        help="PEM file of a private key, whose holder then signs the bundle: `zoo check --key` "
        "verifies it.",
    )
    parser.add_argument(
        "--litert",
        metavar="DIR",
        help="Also write the directory DIR, which must not exist yet, with LiteRT files (for "
        "phones) of `generate`, `encode` and `reconstruct`, as far as the model has them. LiteRT "
        "cannot compute `sample`, since it has no bitwise operations.",
    )
    parser.add_argument(
        "--torch_fidelity",
        metavar="FILE.onnx",
        help="Also write FILE.onnx, which must not exist yet, with the generator as torch-fidelity "
        "measures one: from noise to uint8 images [rows, 3, height, width]. The command that "
        "measures it is printed.",
    )
    parser.add_argument(
        "--hub",
        metavar="DIR",
        help="Also write the directory DIR, which must not exist yet, with what a model hub takes: "
        "the bundle and a card with the hub's metadata. The command that uploads it is printed; "
        "nothing is sent.",
    )
    parser.epilog = "The bundle appears at --out only when every check of it has passed."


def _add_choice(parser: parsers.Parser, name: str, words: tuple[str, ...], text: str) -> None:
    """Declares an option that takes one of some words, the first without it."""
    parser.add_argument(
        f"--{name}",
        type=parsers.choice(f"word for --{name}", words),
        default=words[0],
        metavar=f"{{{','.join(words)}}}",
        help=f"{text} (default: %(default)s).",
    )


def run(values: argparse.Namespace) -> int:
    """Writes the bundle."""
    from export.runtime import manifests

    manifests.refuse_existing(values.out)
    for directory in (values.hub, values.litert):
        if directory is not None:
            manifests.refuse_existing(directory)
    if values.litert is not None:
        from export import litert_models

        litert_models.check_installed()
    if values.torch_fidelity is not None:
        from export import torch_fidelity

        torch_fidelity.check_path(values.torch_fidelity)
    from train import runs

    source = runs.Run(values.run, best=values.best)
    if values.sign is not None:
        from export.runtime import signatures

        signatures.check_private_key(values.sign)
    source.record()  # a wrong path is an error now, not after the imports
    from train import bundles

    endpoints = None if values.endpoints is None else values.endpoints.split(",")
    bundles.write(
        source,
        values.out,
        version=values.version,
        endpoints=endpoints,
        output=values.output,
        layout=values.layout,
        weights=values.weights,
        sign=values.sign,
    )
    if values.litert is not None:
        for name, difference in litert_models.write(values.out, values.litert).items():
            print(f"ok  LiteRT: golden values of {name}  {difference:.2g}")
        print(
            f"LiteRT files: {values.litert}. LiteRT has no bitwise operations, so there is none of "
            "`sample`."
        )
    if values.torch_fidelity is not None:
        measured = torch_fidelity.write(values.out, values.torch_fidelity)
        print(f"For torch-fidelity: {values.torch_fidelity}. Measure it with\n  {measured}")
    if values.hub is not None:
        from export import hub

        hub.write(values.out, values.hub)
        print(f"For a model hub: {values.hub}. Upload it with\n  {hub.command(values.hub)}")
    return 0
