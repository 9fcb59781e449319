"""TensorFlow's operators that compute, and nothing else: what a SavedModel may hold unless it is trusted.

TensorFlow has over a thousand operators. Some read and write files, start Python or talk to other machines, and a graph
that is loaded can run them. What is not listed here is refused by its name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_ARITHMETIC = """
    Abs Add AddN AddV2 ArgMax ArgMin BiasAdd Cast Ceil ClipByValue Cos Cumsum Div DivNoNan Elu Equal Erf Exp Expm1 Floor
    FloorDiv FloorMod Greater GreaterEqual Identity IdentityN Inv InvertPermutation IsFinite IsInf IsNan LeakyRelu Less
    LessEqual Log Log1p LogSoftmax LogicalAnd LogicalNot LogicalOr Max Maximum Mean Min Minimum Mod Mul MulNoNan Neg
    NotEqual Pow Prod RealDiv Reciprocal Relu Relu6 Rint Round Rsqrt Selu Sigmoid Sign Sin Softmax Softplus Softsign
    Sqrt Square SquaredDifference Sub Sum Tan Tanh TruncateDiv TruncateMod Xdivy ZerosLike OnesLike L2Loss All Any
"""
_NETWORKS = """
    AvgPool AvgPool3D BatchMatMul BatchMatMulV2 BatchMatMulV3 Conv2D Conv2DBackpropInput Conv3D
    DepthToSpace DepthwiseConv2dNative Einsum FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3 LRN MatMul MaxPool
    MaxPool3D MaxPoolV2 MirrorPad Pad PadV2 SpaceToBatchND BatchToSpaceND SpaceToDepth TopKV2 FakeQuantWithMinMaxArgs
    FakeQuantWithMinMaxVars FakeQuantWithMinMaxVarsPerChannel CropAndResize ResizeArea ResizeBicubic ResizeBilinear
    ResizeNearestNeighbor AdjustContrastv2 AdjustHue AdjustSaturation HSVToRGB RGBToHSV ImageProjectiveTransformV2
    ImageProjectiveTransformV3 NonMaxSuppressionV3 _FusedConv2D _FusedMatMul
"""
_SHAPES = """
    BroadcastArgs BroadcastTo Concat ConcatV2 EnsureShape ExpandDims Fill Gather GatherNd GatherV2 LinSpace OneHot Pack
    ParallelConcat Range Rank Reshape ReverseV2 ScatterNd Select SelectV2 Shape ShapeN Size Slice Snapshot Split SplitV
    Squeeze StopGradient PreventGradient StridedSlice Tile Transpose Unpack Where BroadcastGradientArgs Bitcast
"""
_RANDOM = """
    RandomStandardNormal RandomUniform RandomUniformInt TruncatedNormal StatelessRandomGetKeyCounter
    StatelessRandomGetAlg StatelessRandomNormalV2 StatelessRandomUniformV2 StatelessRandomUniformIntV2
    StatelessRandomUniformFullIntV2 StatelessTruncatedNormalV2 RngReadAndSkip StatelessRandomGetKeyCounterAlg
    StatelessRandomUniform StatelessRandomUniformFullInt StatefulUniform StatefulStandardNormalV2
"""
_STRUCTURE = """
    Assert Assign AssignAddVariableOp AssignSubVariableOp AssignVariableOp Const ControlTrigger Enter Exit Merge Switch
    NextIteration LoopCond If While StatelessIf StatelessWhile Case StatelessCase NoOp PartitionedCall Placeholder
    PlaceholderV2 PlaceholderWithDefault ReadVariableOp ResourceGather StatefulPartitionedCall VarHandleOp
    VarIsInitializedOp Variable VariableV2 VariableShape IsVariableInitialized DisableCopyOnRead
    MutexV2 _Arg _Retval
"""
# The saver's: they read and write files, at a path that the saver is given. It is not run here.
_SAVING = """
    RestoreV2 SaveV2 MergeV2Checkpoints ShardedFilename StaticRegexFullMatch StringJoin
"""
COMPUTING = frozenset(f"{_ARITHMETIC} {_NETWORKS} {_SHAPES} {_RANDOM} {_STRUCTURE}".split())
SAVING = frozenset(_SAVING.split())


def strangers(graph: Any) -> list[str]:
    """List the operators of a MetaGraphDef that may do more than compute, sorted.

    Saving and restoring is for the saver's own functions alone: whatever else calls them is a stranger too.
    """
    functions = {function.signature.name: function.node_def for function in graph.graph_def.library.function}
    saver = _saver_nodes(graph)
    saving = _reached([saver], functions)
    others = [node for node in graph.graph_def.node if node.name not in {own.name for own in saver}]
    entries = [functions[name] for name in graph.object_graph_def.concrete_functions if name in functions]
    computing = _reached([others, *entries], functions)
    found = _foreign(others, COMPUTING) | _foreign(saver, COMPUTING | SAVING)
    for name, nodes in functions.items():
        apart = name in saving and name not in computing
        found |= _foreign(nodes, COMPUTING | SAVING if apart else COMPUTING)
    return sorted(found)


def _foreign(nodes: Iterable[Any], allowed: frozenset[str]) -> set[str]:
    return {node.op for node in nodes} - allowed


def _saver_nodes(graph: Any) -> list[Any]:
    """Find what the saver's results are made of, back to its inputs."""
    nodes = {node.name: node for node in graph.graph_def.node}
    saver = graph.saver_def
    pending = [name for name in (saver.save_tensor_name, saver.restore_op_name, saver.filename_tensor_name) if name]
    found: dict[str, Any] = {}
    while pending:
        name = pending.pop().lstrip("^").split(":")[0]
        if name in nodes and name not in found:
            found[name] = nodes[name]
            pending += nodes[name].input
    return list(found.values())


def _reached(starts: Iterable[Iterable[Any]], functions: dict[str, Any]) -> set[str]:
    """Name the functions that nodes call, at any depth; whatever attribute names a function counts as a call."""
    pending = [node for nodes in starts for node in nodes]
    found: set[str] = set()
    while pending:
        node = pending.pop()
        for name in _called(node):
            if name in functions and name not in found:
                found.add(name)
                pending += functions[name]
    return found


def _called(node: Any) -> list[str]:
    named = [value.func.name for value in node.attr.values() if value.HasField("func")]
    listed = [function.name for value in node.attr.values() for function in value.list.func]
    return [node.op, *named, *listed]
