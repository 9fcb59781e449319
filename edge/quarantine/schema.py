"""TFLite's schema, as far as it has anything but small numbers: what a table's fields point to, by their numbers.

Source: schema.fbs of TFLite (file identifier TFL3), whose fields are numbered in the order in which it lists them, a
union taking two.
"""

from __future__ import annotations

from .flatbuffer import Kind, Of, Scalar, Tables, Text, Union, Vector

_BYTE, _SHORT, _WORD, _LONG = Scalar(1), Scalar(2), Scalar(4), Scalar(8)
_BYTES, _SHORTS, _WORDS, _LONGS = Vector(1), Vector(2), Vector(4), Vector(8)

_QUANTIZATION = Kind(
    "QuantizationParameters",
    {
        0: _WORDS,
        1: _WORDS,
        2: _WORDS,
        3: _LONGS,
        4: _BYTE,
        5: Union(
            4, {1: Kind("CustomQuantization", {0: _BYTES}), 2: Kind("BlockwiseQuantization", {0: _WORD, 1: _WORD})}
        ),
        6: _WORD,
    },
)
_INDICES = {
    1: Kind("Int32Vector", {0: _WORDS}),
    2: Kind("Uint16Vector", {0: _SHORTS}),
    3: Kind("Uint8Vector", {0: _BYTES}),
}
_DIMENSION = Kind(
    "DimensionMetadata", {0: _BYTE, 1: _WORD, 2: _BYTE, 3: Union(2, _INDICES), 4: _BYTE, 5: Union(4, _INDICES)}
)
_SPARSITY = Kind("SparsityParameters", {0: _WORDS, 1: _WORDS, 2: Tables(_DIMENSION)})
_VARIANT = Kind("VariantSubType", {0: _WORDS, 1: _BYTE, 2: _BYTE})
_TENSOR = Kind(
    "Tensor",
    {
        0: _WORDS,
        1: _BYTE,
        2: _WORD,
        3: Text(),
        4: Of(_QUANTIZATION),
        5: _BYTE,
        6: Of(_SPARSITY),
        7: _WORDS,
        8: _BYTE,
        9: Tables(_VARIANT),
        10: _WORD,
    },
)
# Of the options, those that are not all small numbers.
_OPTIONS = {
    3: Kind("ConcatEmbeddingsOptions", {1: _WORDS, 2: _WORDS}),
    17: Kind("ReshapeOptions", {0: _WORDS}),
    30: Kind("SqueezeOptions", {0: _WORDS}),
    111: Kind("VarHandleOptions", {0: Text(), 1: Text()}),
    115: Kind("BucketizeOptions", {0: _WORDS}),
}
_LONG_LISTS = {
    2: ("StablehloBroadcastInDimOptions", (0,)),
    3: ("StablehloSliceOptions", (0, 1, 2)),
    7: ("StablehloScatterOptions", (1, 2, 3)),
    9: ("StablehloDynamicSliceOptions", (0,)),
    10: ("StablehloPadOptions", (0, 1, 2)),
    13: ("StablehloReduceWindowOptions", (0, 1, 2, 3, 4)),
    16: ("StablehloGatherOptions", (0, 1, 2, 4)),
    17: ("StablehloTransposeOptions", (0,)),
}
_OPTIONS_2 = {number: Kind(name, dict.fromkeys(fields, _LONGS)) for number, (name, fields) in _LONG_LISTS.items()} | {
    4: Kind("StablehloConvolutionOptions", dict.fromkeys((0, 1, 2, 3, 7, 10, 13), _LONGS) | {4: _BYTES, 16: _WORDS}),
    5: Kind("StablehloCustomCallOptions", {0: Text(), 2: Text(), 4: _WORDS, 5: _BYTES}),
    6: Kind("StablehloReduceOptions", {0: _LONGS, 1: _WORD}),
    12: Kind("StablehloDotGeneralOptions", dict.fromkeys((0, 1, 2, 3), _LONGS) | {4: _WORDS}),
    21: Kind("StableHLOCompositeOptions", {0: Text(), 1: _WORD, 2: _BYTES}),
    23: Kind("StablehloCaseOptions", {0: _WORDS}),
}
_OPERATOR = Kind(
    "Operator",
    {
        0: _WORD,
        1: _WORDS,
        2: _WORDS,
        3: _BYTE,
        4: Union(3, _OPTIONS),
        5: _BYTES,
        6: _BYTE,
        7: _BYTES,
        8: _WORDS,
        9: _LONG,
        10: _LONG,
        11: _BYTE,
        12: Union(11, _OPTIONS_2),
        13: _WORD,
    },
)
_SUBGRAPH = Kind("SubGraph", {0: Tables(_TENSOR), 1: _WORDS, 2: _WORDS, 3: Tables(_OPERATOR), 4: Text(), 5: _WORD})
_TENSOR_MAP = Kind("TensorMap", {0: Text(), 1: _WORD})
MODEL = Kind(
    "Model",
    {
        0: _WORD,
        1: Tables(Kind("OperatorCode", {0: _BYTE, 1: Text(), 2: _WORD, 3: _WORD})),
        2: Tables(_SUBGRAPH),
        3: Text(),
        4: Tables(Kind("Buffer", {0: _BYTES, 1: _LONG, 2: _LONG})),
        5: _WORDS,
        6: Tables(Kind("Metadata", {0: Text(), 1: _WORD})),
        7: Tables(Kind("SignatureDef", {0: Tables(_TENSOR_MAP), 1: Tables(_TENSOR_MAP), 2: Text(), 4: _WORD})),
        8: Tables(Kind("ExternalBufferGroup", {0: Text()})),
        9: Tables(Kind("ExternalBuffer", {0: _WORD, 1: _WORD, 2: _LONG, 3: _LONG, 4: Text()})),
    },
)
