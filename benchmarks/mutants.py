"""Makes mutants of a source file: copies with one small error each, as a programmer makes them."""

import ast
import hashlib
import random
from collections.abc import Iterator
from typing import NamedTuple

ARITHMETIC = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Pow: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
COMPARISONS = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
# the function that is called in the place of another, both ways
PAIRS = (
    ("reduce_mean", "reduce_sum"),
    ("mean", "sum"),
    ("minimum", "maximum"),
    ("min", "max"),
    ("reduce_any", "reduce_all"),
    ("any", "all"),
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
    ("ceil", "floor"),
    ("square", "abs"),
    ("log", "log1p"),
    ("exp", "expm1"),
    ("softplus", "relu"),
    ("tanh", "sigmoid"),
    ("std", "var"),
    ("argmin", "argmax"),
    ("normal", "uniform"),
    ("cos", "sin"),
    ("logpdf", "pdf"),
)
OTHER = dict(PAIRS) | {second: first for first, second in PAIRS}
# functions whose removal leaves a value of the same kind: `f(x)` becomes `x`
REMOVABLE = {
    *("stop_gradient", "softplus", "square", "sqrt", "exp", "log", "abs", "negative", "relu"),
    *("tanh", "sigmoid", "l2_normalize", "expm1", "log1p", "clip_by_value", "sorted", "reversed"),
    *("_normalize", "finish", "same_shape", "crop", "_positive", "held", "total", "cast"),
}

RARER = ("arguments", "argument dropped")  # most of these end in an error at once
LIBRARIES = ("keras", "tf", "np", "special", "stats")


class Mutant(NamedTuple):
    """One small error in one file.

    Attributes:
        file: Path of the file, relative to the repository.
        function: Qualified name of the innermost function or class; empty at the module's level.
        line: Line of the statement.
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
        for kind, after in _changes(node, statement):
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
    """Returns `count` of the mutants, at most one of a statement, spread over the files.

    The files take turns, so that a long file has no more mutants than a short one while the short
    one has any. A change of one function leaves the order of the other mutants as it was.
    """

    def place_in_order(mutant):
        draw = random.Random(f"{seed} {mutant.key}").random()
        return 2.0 * draw if mutant.kind in RARER else draw

    order = sorted(candidates, key=place_in_order)
    taken, by_file = set(), {}
    for mutant in order:
        place = mutant.file, mutant.function, mutant.statement
        if place not in taken:
            taken.add(place)
            by_file.setdefault(mutant.file, []).append(mutant)
    turns = [
        (turn, file, mutant)
        for file, some in by_file.items()
        for turn, mutant in enumerate(some)
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
    if isinstance(node, (ast.expr, ast.stmt)) and not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
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


def _changes(node: ast.AST, statement: ast.stmt) -> Iterator[tuple[str, str]]:
    """Yields the kind and the new text of each change of a node."""
    if isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        if not any(_text(side) for side in (node.left, node.right)):
            op = ARITHMETIC[type(node.op)]()
            yield "arithmetic", f"({ast.unparse(ast.BinOp(node.left, op, node.right))})"
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for op in COMPARISONS[type(node.ops[0])]:
            changed = ast.Compare(node.left, [op()], node.comparators)
            yield "comparison", f"({ast.unparse(changed)})"
    elif isinstance(node, ast.BoolOp):
        op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield "boolean", f"({ast.unparse(ast.BoolOp(op, node.values))})"
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "sign", f"({ast.unparse(node.operand)})"
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "boolean", f"({ast.unparse(node.operand)})"
    elif isinstance(node, ast.IfExp):
        yield "branches", f"({ast.unparse(ast.IfExp(node.test, node.orelse, node.body))})"
    elif isinstance(node, ast.Constant):
        yield from _constants(node.value)
    elif isinstance(node, ast.Call):
        yield from _calls(node)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        if not ast.unparse(node.value).startswith("super()"):
            yield "statement", "pass"
    elif isinstance(node, ast.AugAssign):
        yield "statement", "pass"
    elif isinstance(node, ast.Return) and isinstance(node.value, (ast.BinOp, ast.Call)):
        if isinstance(node.value, ast.BinOp) or _module(node.value.func) in ("tf", "np"):
            yield "sign", f"return -({ast.unparse(node.value)})"


def _exchangeable(argument: ast.expr) -> bool:
    """Says whether an argument may be a tensor: no text, number, list, function or type."""
    text = ast.unparse(argument)
    return isinstance(argument, (ast.Name, ast.Attribute, ast.Call, ast.BinOp, ast.UnaryOp)) and (
        "dtype" not in text and not text.startswith(("np.float", "tf.float", "np.int", "tf.int"))
    )


def _text(node: ast.expr) -> bool:
    return isinstance(node, (ast.JoinedStr, ast.List, ast.Tuple)) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _constants(value) -> Iterator[tuple[str, str]]:
    if isinstance(value, bool):
        yield "constant", str(not value)
    elif isinstance(value, int):
        yield "constant", str(value + 1)
    elif isinstance(value, float):
        yield "constant", repr(2.0 * value if value else 1.0)


def _module(function: ast.expr) -> str:
    while isinstance(function, ast.Attribute):
        function = function.value
    return function.id if isinstance(function, ast.Name) else ""


def _calls(node: ast.Call) -> Iterator[tuple[str, str]]:
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name in OTHER:
        other = (
            ast.Attribute(function.value, OTHER[name])
            if isinstance(function, ast.Attribute)
            else ast.Name(OTHER[name])
        )
        yield "function", ast.unparse(ast.Call(other, node.args, node.keywords))
    if name in REMOVABLE and node.args:
        yield "call removed", f"({ast.unparse(node.args[0])})"
    if len(node.args) > 1 and all(_exchangeable(argument) for argument in node.args[:2]):
        if name not in ("isinstance", "getattr", "setattr", "zip"):
            args = [node.args[1], node.args[0], *node.args[2:]]
            yield "arguments", ast.unparse(ast.Call(function, args, node.keywords))
    needed = name[:1].isupper() and _module(function) not in LIBRARIES  # fields of a named tuple
    for i, keyword in enumerate(node.keywords):
        if keyword.arg not in (None, "name") and not needed:
            rest = node.keywords[:i] + node.keywords[i + 1 :]
            yield "argument dropped", ast.unparse(ast.Call(function, node.args, rest))
