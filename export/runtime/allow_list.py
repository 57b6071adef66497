"""The operations that a bundle's programs may hold."""

from export.runtime import documents

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


def refuse(operations: set[str], rule: str) -> None:
    """Raises ValueError, by the rule that they break, if there are any of these operations."""
    if operations:
        names = ", ".join(sorted(map(documents.shown, operations))[:8])
        raise ValueError(f"Every operation {rule}. Received: {names}")
