"""Makes mutants of a source file: copies with one small error each, as a programmer makes them."""

import ast
import hashlib
import random
from collections.abc import Iterator
from typing import NamedTuple

import small_errors

RARER = ("arguments", "argument dropped")  # most of these end in an error at once


class Mutant(NamedTuple):
    """One small error in one file.

    Attributes:
        file: Path of the file, relative to the repository.
        function: Qualified name of the innermost function or class; empty at the module's level.
        line: Line on which the changed part begins.
        kind: What was done: "arithmetic", "comparison", "constant" …
        before: Source text of the part that was changed.
        after: Source text that took its place.
        statement: Source text of the whole statement, on one line.
        nth: Which of the equal changes in equal statements of the function this is, from 0.
        start: Offset of the part in the file's bytes.
        stop: Offset at which the part ends.
    """

    file: str
    function: str
    line: int
    kind: str
    before: str
    after: str
    statement: str
    nth: int
    start: int
    stop: int

    @property
    def key(self) -> str:
        """Twelve digits that stay the same when other lines of the file change."""
        text = "\n".join(
            [self.file, self.function, self.statement, self.before, self.after, str(self.nth)]
        )
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def of(self, source: str) -> str:
        """Returns the file's text with the error in it."""
        encoded = source.encode()
        return (encoded[: self.start] + self.after.encode() + encoded[self.stop :]).decode()


def mutants(file: str, source: str) -> list[Mutant]:
    """Returns every mutant of a file's text that compiles, in the order of the text.

    Left out are docstrings, the texts of errors, annotations, imports and `__all__`, whose change
    is no error of a computation.

    Args:
        file: Path of the file, relative to the repository.
        source: The file's text.
    """
    found, times = [], {}
    lengths = [0]
    for line in source.encode().splitlines(keepends=True):
        lengths.append(lengths[-1] + len(line))

    def offsets(node):
        return (
            lengths[node.lineno - 1] + node.col_offset,
            lengths[node.end_lineno - 1] + node.end_col_offset,
        )

    for node, function, statement in _nodes(ast.parse(source), "", None):
        start, stop = offsets(node)
        before = source.encode()[start:stop].decode()
        for kind, after in small_errors.of(node):
            text = " ".join(_header(statement).split())
            same = (function, text, before, after)
            mutant = Mutant(
                file,
                function,
                node.lineno,
                kind,
                before,
                after,
                text,
                times.get(same, 0),
                start,
                stop,
            )
            times[same] = mutant.nth + 1
            try:
                compile(mutant.of(source), file, "exec")
            except SyntaxError:
                continue
            found.append(mutant)
    return found


def chosen(candidates: list[Mutant], count: int, seed: int) -> list[Mutant]:
    """Returns `count` of the mutants, at most one of a line, spread over the files.

    The files take turns, so that a long file has no more mutants than a short one while the short
    one has any. A change of one function leaves the order of the other mutants as it was.
    """

    def place_in_order(mutant):
        draw = random.Random(f"{seed} {mutant.key}").random()
        return 2.0 * draw if mutant.kind in RARER else draw

    order = sorted(candidates, key=place_in_order)
    taken, by_file = set(), {}
    for mutant in order:
        place = mutant.file, mutant.line
        if place not in taken:
            taken.add(place)
            by_file.setdefault(mutant.file, []).append(mutant)
    turns = [
        (turn, file, mutant) for file, some in by_file.items() for turn, mutant in enumerate(some)
    ]
    return [mutant for _, _, mutant in sorted(turns, key=lambda row: row[:2])][:count]


def _header(statement: ast.stmt) -> str:
    """Returns a statement's text; of one with a body, the line that opens it."""
    text = ast.unparse(statement)
    return text.split("\n")[0] if hasattr(statement, "body") else text


def _nodes(node: ast.AST, function: str, statement) -> Iterator[tuple[ast.AST, str, ast.stmt]]:
    """Yields what may be changed, with the name of its function and its statement."""
    if isinstance(node, (ast.Import, ast.ImportFrom, ast.Raise, ast.JoinedStr)):
        return
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    if isinstance(node, ast.stmt):
        statement = node
    if isinstance(node, (ast.expr, ast.stmt)) and not isinstance(
        node, (ast.FunctionDef, ast.ClassDef)
    ):
        yield node, function, statement
    children = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.AnnAssign):
        children = [node.value] if node.value else []
    elif isinstance(node, ast.ClassDef):
        function, children = _inner(function, node.name), node.body
    elif isinstance(node, ast.FunctionDef):
        defaults = [d for d in (*node.args.defaults, *node.args.kw_defaults) if d]
        function, children = _inner(function, node.name), [*defaults, *node.body]
    elif isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, ast.Store):
        return
    for child in children:
        yield from _nodes(child, function, statement)


def _inner(outer: str, name: str) -> str:
    return f"{outer}.{name}" if outer else name
