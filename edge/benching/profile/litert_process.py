"""A process that runs a model under LiteRT's profiler and prints its events: started by `litert`, never imported.

`python -m … MODEL THREADS SECONDS` reads the bytes of the input tensor from standard input and prints, as JSON, a list
of [what, kind, microseconds]. Source of the functions and structures: LiteRT's C API, litert/c/litert_*.h.
"""

from __future__ import annotations

import ctypes
import json
import sys
import time
from pathlib import Path

import ai_edge_litert

_CPU = 1  # LiteRtHwAccelerators
_WRITE = 1  # LiteRtTensorBufferLockMode
_WARM_UP, _LEAST, _MOST = 3, 5, 200  # runs
_TYPE_SIZE = 1024  # bytes; a LiteRtRankedTensorType is smaller
_Handle = ctypes.c_void_p
_index = ctypes.c_size_t


class _Event(ctypes.Structure):
    """ProfiledEventData."""

    _fields_ = (
        ("what", ctypes.c_char_p),
        ("kind", ctypes.c_int),
        ("start", ctypes.c_uint64),
        ("elapsed", ctypes.c_uint64),
        ("memory", ctypes.c_size_t * 6),
        ("index", ctypes.c_uint64),
        ("subgraph", ctypes.c_uint64),
        ("source", ctypes.c_int),
    )


class _Library:
    """LiteRT's C API: each function returns a status, which is 0 where all went well."""

    def __init__(self) -> None:
        self._functions = ctypes.CDLL(str(Path(ai_edge_litert.__file__).with_name("libLiteRt.so")))

    def call(self, name: str, *arguments: object) -> None:
        """Call a function by its name without `LiteRt`."""
        status = self._functions[f"LiteRt{name}"](*arguments)
        if status:
            raise RuntimeError(f"LiteRt{name} gave status {status}")

    def make(self, name: str, *arguments: object) -> ctypes.c_void_p:
        """Call a function whose last argument is where it puts a handle."""
        handle = _Handle()
        self.call(name, *arguments, ctypes.byref(handle))
        return handle


class _Profiled:
    """A model that is ready to be run under the profiler."""

    def __init__(self, model: str, threads: int, tensor: bytes) -> None:
        self._library = library = _Library()
        self._environment = library.make("CreateEnvironment", 0, None)
        self._model = library.make("CreateModelFromFile", self._environment, model.encode())
        self._compiled = library.make(
            "CreateCompiledModel", self._environment, self._model, self._options({"num_threads": str(threads)})
        )
        self._profiler = library.make("CompiledModelGetProfiler", self._compiled)
        self._inputs = (_Handle * 1)(self._buffer("Input"))
        self._outputs = (_Handle * 1)(self._buffer("Output"))
        self._fill(tensor)

    def _options(self, xnnpack: dict[str, str]) -> ctypes.c_void_p:
        options = self._library.make("CreateOptions")
        self._library.call("SetOptionsHardwareAccelerators", options, _CPU)
        # LiteRT frees these texts with the function it is given; ours live as long as the process.
        self._keep = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(lambda _: None)
        self._texts = []
        for name, values in (("runtime_options_string", {"enable_profiling": "true"}), ("xnnpack", xnnpack)):
            text = ctypes.create_string_buffer("".join(f"{key} = {value}\n" for key, value in values.items()).encode())
            self._texts.append(text)
            opaque = self._library.make("CreateOpaqueOptions", name.encode(), text, self._keep)
            self._library.call("AddOpaqueOptions", options, opaque)
        return options

    def _buffer(self, side: str) -> ctypes.c_void_p:
        first = _index(0)
        needs = self._library.make(f"GetCompiledModel{side}BufferRequirements", self._compiled, first, first)
        signature = self._library.make("GetModelSignature", self._model, first)
        tensor = self._library.make(f"GetSignature{side}TensorByIndex", signature, first)
        kind = ctypes.create_string_buffer(_TYPE_SIZE)
        self._library.call("GetRankedTensorType", tensor, kind)
        return self._library.make("CreateManagedTensorBufferFromRequirements", self._environment, kind, needs)

    def _fill(self, tensor: bytes) -> None:
        buffer = _Handle(self._inputs[0])
        size = _index()
        self._library.call("GetTensorBufferPackedSize", buffer, ctypes.byref(size))
        if size.value != len(tensor):
            raise RuntimeError(f"expected an input of {size.value} bytes, received {len(tensor)}")
        memory = _Handle()
        self._library.call("LockTensorBuffer", buffer, ctypes.byref(memory), _WRITE)
        ctypes.memmove(memory, tensor, len(tensor))
        self._library.call("UnlockTensorBuffer", buffer)

    def run(self) -> None:
        """Run once."""
        one = _index(1)
        self._library.call("RunCompiledModel", self._compiled, _index(0), one, self._inputs, one, self._outputs)

    def start(self) -> None:
        """Start the profiler."""
        self._library.call("StartProfiler", self._profiler)

    def events(self) -> list[tuple[str, int, int]]:
        """Stop the profiler and list what it saw."""
        self._library.call("StopProfiler", self._profiler)
        count = ctypes.c_int()
        self._library.call("GetNumProfilerEvents", self._profiler, ctypes.byref(count))
        events = (_Event * count.value)()
        self._library.call("GetProfilerEvents", self._profiler, count, events)
        return [(event.what.decode(errors="replace"), event.kind, event.elapsed) for event in events]


def main(model: str, threads: str, seconds: str) -> None:
    """Profile a model and print the events."""
    profiled = _Profiled(model, int(threads), sys.stdin.buffer.read())
    for _ in range(_WARM_UP):
        profiled.run()
    profiled.start()
    end = time.monotonic() + float(seconds)
    for count in range(1, _MOST + 1):
        profiled.run()
        if count >= _LEAST and time.monotonic() >= end:
            break
    json.dump(profiled.events(), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
