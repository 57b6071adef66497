"""The rooms of the project, which may import which, and the imports as they are in the source.

`python tests/rooms.py` prints the graph of rooms as Mermaid, for docs/architecture.md.
"""

import ast
import functools
import pathlib

ROOT = pathlib.Path(__file__).parents[1]
PACKAGES = ("zoo", "train", "export", "configs")

# From the bottom to the top. A room imports from lines above its own, never from its own line or
# below. A name stands for the module and for all in it, unless a longer name fits: "zoo" is what
# lies flat in zoo/.
LINES = (
    {"zoo": ("zoo",)},  # names, draws, priors, penalties …: the maths, which knows no network
    {"zoo/divergences": ("zoo.divergences",)},
    {"zoo/losses": ("zoo.losses",)},
    {
        "zoo/networks": ("zoo.networks",),
        "zoo/games": ("zoo.games",),
        "zoo/metrics": ("zoo.metrics",),
    },
    {"zoo/laws": ("zoo.laws",)},
    {"zoo/command": ("zoo.command", "zoo.__main__")},
    {"configs/schema": ("configs.schema",), "export/runtime": ("export.runtime",)},
    {"configs": ("configs",), "export": ("export",), "export/web": ("export.web",)},
    {"export/server": ("export.server",)},
    {"export/commands": ("export.commands",)},
    {"train/data": ("train.data", "train")},
    {
        "train/runs": (
            "train.runs",
            "train.experiments",
            "train.checkpoints",
            "train.device_records",
            "train.clusters",
            "train.checkpoint_files",
            "train.damage",
            "train.gathered",
            "train.history",
            "train.owners",
        )
    },
    {"train/inference": ("train.inference",)},
    {"train/evaluation": ("train.evaluation",)},
    {"train/report": ("train.report",)},
    {
        "train/callbacks": (
            "train.callbacks",
            "train.live_line",
            "train.tensorboard",
            "train.measuring",
            "train.verdict",
        )
    },
    {
        "train/loop": (
            "train.loop",
            "train.plan",
            "train.resuming",
            "train.devices",
            "train.segments",
            "train.workers",
            "train.arithmetic",
            "train.memory",
            "train.disk_errors",
            "train.bundles",
            "train.statistics",
        )
    },
    {"train/commands": ("train.commands",)},
)
# What a whole package may import of the others, whatever the lines say.
REACH = {
    "zoo": ("zoo",),
    "configs": ("configs", "zoo.build", "zoo.names"),
    "export": ("export", "zoo"),
    "train": ("train", "export", "configs", "zoo"),
}


def sources(*folders: str) -> list[pathlib.Path]:
    """Returns the Python files in folders of the repository, sorted."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def module(path: pathlib.Path) -> str:
    """Returns the module's name: `zoo.losses` for zoo/losses/__init__.py."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@functools.cache
def tree(path: pathlib.Path) -> ast.Module:
    """Returns the parsed file."""
    return ast.parse(path.read_text())


@functools.cache
def imported(path: pathlib.Path) -> frozenset[str]:
    """Returns the modules that a file imports, in functions too.

    `from zoo import names` is zoo.names, `from zoo.losses import hinge` is zoo.losses.hinge.
    """
    modules = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise ValueError(f"{path}:{node.lineno} imports relatively")
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                ours = within(inner, *PACKAGES) and _is_module(inner)
                modules.add(inner if ours else node.module)
    return frozenset(modules)


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or path.is_dir()


def within(name: str, *packages: str) -> bool:
    """Says whether a module is one of the packages or lies in one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def room(name: str) -> str:
    """Returns the room of a module: the one with the longest name that the module lies in."""
    fitting = [
        (len(prefix), title)
        for line in LINES
        for title, prefixes in line.items()
        for prefix in prefixes
        if within(name, prefix)
    ]
    return max(fitting)[1]


def modules() -> dict[str, set[str]]:
    """Returns what each module of the project imports of the project."""
    return {
        module(path): {name for name in imported(path) if within(name, *PACKAGES)}
        for path in sources(*PACKAGES)
    }


def graph(edges: dict[str, set[str]]) -> dict[str, set[str]]:
    """Returns which other rooms each room imports, from what each module imports."""
    rooms = {title: set() for line in LINES for title in line}
    for name, targets in edges.items():
        rooms[room(name)] |= {room(target) for target in targets} - {room(name)}
    return rooms


def reachable(edges: dict[str, set[str]], start: str) -> set[str]:
    """Returns the nodes that a node reaches in one step or more."""
    seen, waiting = set(), list(edges.get(start, ()))
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += edges.get(node, ())
    return seen


def circles(edges: dict[str, set[str]]) -> list[str]:
    """Returns the nodes that reach themselves, sorted."""
    return sorted(node for node in edges if node in reachable(edges, node))


def mermaid() -> str:
    """Returns the graph of rooms as Mermaid.

    An arrow means "imports". One that follows from others is left out.
    """
    edges = graph(modules())
    lines = ["graph TD"]
    for title, targets in edges.items():
        lines.append(f"    {title.replace('/', '_')}[{title}]")
        implied = {far for target in targets for far in reachable(edges, target)}
        lines += [
            f"    {title.replace('/', '_')} --> {target.replace('/', '_')}"
            for target in sorted(targets - implied)
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(mermaid())
