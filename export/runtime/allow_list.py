"""The operations that a bundle's programs may hold.

They are read from the files by protobuf alone, before anything is loaded.
"""

import pathlib

_ELEMENTWISE = """
Abs Add AddN AddV2 Ceil Clip Cos Div DivNoNan Elu Equal Erf Erfc Exp Expm1 Floor FloorDiv FloorMod
Greater GreaterEqual IsFinite LeakyRelu Less LessEqual Lgamma Log Log1p LogSoftmax LogicalAnd
LogicalNot LogicalOr Max Maximum Min Minimum Mul Neg NotEqual Pow RealDiv Reciprocal Relu Relu6
Round Rsqrt Selu Sigmoid Sign Sin Softmax Softplus Softsign Sqrt Square SquaredDifference Sub Tan
Tanh TruncateDiv TruncateMod BitwiseAnd BitwiseOr BitwiseXor Invert Select SelectV2 Cast
"""
_ARRAYS = """
ArgMax ArgMin BroadcastArgs BroadcastTo ConcatV2 Const Cumsum Einsum ExpandDims Fill GatherNd
GatherV2 Identity IdentityN MatrixBandPart Mean MirrorPad NoOp OneHot Pack Pad PadV2 Placeholder
PreventGradient Prod Range Rank Reshape ReverseV2 Shape Size Slice Split SplitV Squeeze
StopGradient StridedSlice Sum All Any Tile TopKV2 Transpose Unpack Where ZerosLike OnesLike
EnsureShape
"""
_LAYERS = """
AvgPool BatchMatMulV2 BatchMatMulV3 BiasAdd Conv2D Conv2DBackpropInput DepthToSpace
DepthwiseConv2dNative FusedBatchNormV3 L2Loss MatMul MaxPool ResizeBilinear ResizeNearestNeighbor
SpaceToDepth
"""
_STATE = "DisableCopyOnRead PartitionedCall ReadVariableOp StatefulPartitionedCall VarHandleOp"
TENSORFLOW = frozenset(f"{_ELEMENTWISE} {_ARRAYS} {_LAYERS} {_STATE}".split())
# of the saver alone, which a loader calls with its own file name
RESTORING = frozenset({"RestoreV2", "AssignVariableOp"})
SAVING = frozenset(
    {"SaveV2", "MergeV2Checkpoints", "ShardedFilename", "StringJoin", "StaticRegexFullMatch"}
)

ONNX = frozenset(
    """
Abs Add And ArgMax ArgMin AveragePool BatchNormalization BitwiseAnd BitwiseNot BitwiseOr
BitwiseXor Cast Ceil Clip Concat Constant ConstantOfShape Conv ConvTranspose Cos CumSum
DepthToSpace Div Einsum Elu Equal Erf Exp Expand Flatten Floor Gather GatherElements GatherND Gemm
GlobalAveragePool Greater GreaterOrEqual Identity InstanceNormalization LayerNormalization
LeakyRelu Less LessOrEqual Log LogSoftmax MatMul Max MaxPool Mean Min Mod Mul Neg Not OneHot Or
Pad Pow Range Reciprocal ReduceL2 ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd
ReduceSum ReduceSumSquare Relu Reshape Resize Round Selu Shape Sigmoid Sign Sin Slice Softmax
Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Tan Tanh Tile TopK Transpose Unsqueeze
Where
""".split()
)


def read_saved_model(path: pathlib.Path):
    """Returns the one meta graph in saved_model.pb, parsed and not loaded.

    Raises:
        ValueError: If there is not exactly one, for serving.
    """
    from tensorflow.core.protobuf import saved_model_pb2

    saved = saved_model_pb2.SavedModel.FromString((path / "saved_model.pb").read_bytes())
    tags = [sorted(graph.meta_info_def.tags) for graph in saved.meta_graphs]
    if tags != [["serve"]]:
        raise ValueError(f"A bundle's SavedModel has one graph, tagged 'serve'. Received: {tags}")
    return saved.meta_graphs[0]


def check_saved_model(graph) -> None:
    """Checks every operation of the graph and of its function library.

    Operations that touch files may be reached from the saver only.

    Args:
        graph: MetaGraphDef.

    Raises:
        ValueError: If an operation is not on the list, or a file could be read or written outside
            the saver.
    """
    nodes = {node.name: node for node in graph.graph_def.node}
    functions = {function.signature.name: function for function in graph.graph_def.library.function}
    every = {node.op for node in nodes.values()} | {
        node.op for function in functions.values() for node in function.node_def
    }
    # in older files a function is called by an operation of its name
    _refuse(
        every - TENSORFLOW - RESTORING - SAVING - set(functions),
        "is on the list of operations that a SavedModel may hold",
    )
    if graph.asset_file_def:
        raise ValueError(
            "A bundle's SavedModel holds no assets. "
            f"Received: {[asset.filename for asset in graph.asset_file_def]}"
        )
    kinds = {node.WhichOneof("kind") for node in graph.object_graph_def.nodes}
    if kinds - {"user_object", "variable", "bare_concrete_function", "function", "constant"}:
        raise ValueError(
            "A bundle's SavedModel holds variables and functions only. "
            f"Received: {sorted(map(str, kinds))}"
        )
    outputs = [
        tensor.name
        for signature in graph.signature_def.values()
        for tensor in signature.outputs.values()
    ]
    collected = [
        name for collection in graph.collection_def.values() for name in collection.node_list.value
    ]
    roots = {*map(_node, [*outputs, *collected])}
    served = _reached(roots, nodes, functions) | _reached_functions(
        graph.object_graph_def.concrete_functions, functions
    )
    _refuse(
        served & (RESTORING | SAVING),
        "of a signature or an initializer leaves files and variables alone",
    )
    _refuse(
        _reached({_node(graph.saver_def.restore_op_name)}, nodes, functions) & SAVING,
        "that restores variables writes no file",
    )


def check_onnx(model) -> None:
    """Checks an ONNX model by the format's own rules, and every operation of its graph by the list.

    Raises:
        ValueError: If an operation is not on the list, or a domain is not the standard one, or
            weights lie in another file.
    """
    import onnx

    domains = {entry.domain for entry in model.opset_import} | {
        node.domain for node in model.graph.node
    }
    if domains != {""} or model.functions:
        raise ValueError(
            "A bundle's ONNX graphs use the standard domain only. "
            f"Received: {sorted(domains)}, {len(model.functions)} functions"
        )
    _refuse(
        {node.op_type for node in model.graph.node} - ONNX,
        "is on the list of operations that an ONNX graph may hold",
    )
    if any(tensor.external_data for tensor in model.graph.initializer):
        raise ValueError(
            "A bundle's ONNX graphs hold their weights themselves. Received: external data"
        )
    onnx.checker.check_model(model, full_check=True)


def _refuse(operations: set[str], rule: str) -> None:
    if operations:
        raise ValueError(f"Every operation {rule}. Received: {', '.join(sorted(operations))}")


def _node(tensor: str) -> str:
    return tensor.removeprefix("^").split(":")[0]


def _reached(roots: set[str], nodes: dict, functions: dict) -> set[str]:
    """Returns the operations that run for these nodes."""
    operations, waiting, seen = set(), list(roots), set(roots)
    while waiting:
        node = nodes.get(waiting.pop())
        if node is None:  # an optional name that is empty
            continue
        operations |= {node.op} | _reached_functions(_called(node), functions)
        before = {_node(name) for name in node.input} - seen
        seen |= before
        waiting += before
    return operations


def _reached_functions(names, functions: dict) -> set[str]:
    operations, waiting, seen = set(), list(names), set(names)
    while waiting:
        function = functions.get(waiting.pop())
        for node in function.node_def if function else ():
            operations.add(node.op)
            inner = set(_called(node)) - seen
            seen |= inner
            waiting += inner
    return operations


def _called(node) -> list[str]:
    values = [*node.attr.values()]
    return [
        node.op,
        *(v.func.name for v in values if v.HasField("func")),
        *(f.name for v in values for f in v.list.func),
    ]
