"""Which operations of a TensorFlow graph run for given nodes, and how its functions call others."""

from collections.abc import Iterable

from google.protobuf import message

_MOST_DEPTH = 32
_MOST_NODES = 100_000  # after every call is replaced by what it calls


def node(tensor: str) -> str:
    """Returns the name of the node that computes a tensor, or that a control input names."""
    return tensor.removeprefix("^").split(":")[0]


def called(operation: message.Message) -> list[str]:
    """Returns what may be names of functions that a node calls."""
    values = [entry.value for entry in operation.attr]
    return [
        operation.op,  # in older files a function is called by an operation of its name
        *(value.func.name for value in values if value.HasField("func")),
        *(function.name for value in values for function in value.list.func),
    ]


def reached(roots: Iterable[str], nodes: dict, functions: dict) -> set[str]:
    """Returns the operations that run for these nodes, those within functions too."""
    waiting = list(roots)
    operations, seen = set(), set(waiting)
    while waiting:
        current = nodes.get(waiting.pop())
        if current is None:  # an optional name that is empty
            continue
        operations |= {current.op} | reached_from(called(current), functions)
        before = {node(name) for name in current.input} - seen
        seen |= before
        waiting += before
    return operations


def reached_from(names: Iterable[str], functions: dict) -> set[str]:
    """Returns the operations within these functions, and within all that they call."""
    operations, waiting = set(), list(names)
    seen = set(waiting)
    while waiting:
        function = functions.get(waiting.pop())
        for operation in function.node_def if function else ():
            operations.add(operation.op)
            inner = set(called(operation)) - seen
            seen |= inner
            waiting += inner
    return operations


def check_calls(functions: dict[str, message.Message]) -> None:
    """Checks that no function calls itself, and that the calls together stay small.

    Raises:
        ValueError: If a function calls itself by any detour, calls nest deeper than 32, or a
            function stands for more than 100,000 operations.
    """
    sizes: dict[str, int] = {}
    inner = {
        name: [each for n in function.node_def for each in called(n) if each in functions]
        for name, function in functions.items()
    }
    for start in functions:
        open_calls = [(start, iter(inner[start]))]
        while open_calls:
            name, calls = open_calls[-1]
            following = next((each for each in calls if each not in sizes), None)
            if following is None:
                own = len(functions[name].node_def)
                sizes[name] = own + sum(sizes[each] for each in inner[name])
                open_calls.pop()
                if sizes[name] > _MOST_NODES:
                    raise ValueError(
                        f"A function must stand for at most {_MOST_NODES} operations. "
                        f"Received: {sizes[name]} in {ascii(name)[:80]}"
                    )
                continue
            if following in {name for name, _ in open_calls} or len(open_calls) > _MOST_DEPTH:
                raise ValueError(
                    f"Functions must not call themselves, nor nest deeper than {_MOST_DEPTH}. "
                    f"Received: recursion or depth at {ascii(following)[:80]}"
                )
            open_calls.append((following, iter(inner[following])))
