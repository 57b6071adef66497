"""The small errors of a mutation pass: what may take the place of a piece of source text."""

import ast
import builtins
from collections.abc import Iterator

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

LIBRARIES = ("keras", "tf", "np", "special", "stats")


def of(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yields the kind and the new text of each small error that can be made in a node."""
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
    return isinstance(node, (ast.JoinedStr, ast.List, ast.Tuple, ast.Dict)) or (
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
    if name in OTHER and (isinstance(function, ast.Attribute) or hasattr(builtins, OTHER[name])):
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
