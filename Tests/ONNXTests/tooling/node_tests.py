#!/usr/bin/env python3
"""The ONNX project's own node tests against this engine: how many of those for supported operators pass.

usage: node_tests.py [--runner .build/release/DevTools] [--verbose] [NAME…]

Needs numpy and onnx. Build the runner first: swift build -c release --product DevTools. The cases come from
onnx.backend's generator. The network here has one input, whose first axis is the batch: all inputs but the first float
one become initialisers. A case is out of scope when it is not about 32-bit floats, when its operator is not supported,
or when what it does crosses the batch. Ends with 1 when a case fails that DIFFERENT does not name.
"""
import argparse
import collections
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases

ROOT = Path(__file__).resolve().parents[3]
OPERATORS = set("""
Add AveragePool BatchNormalization Cast Clip Concat Constant Conv ConvTranspose Div Dropout Erf Exp Flatten Gelu Gemm
GlobalAveragePool GlobalMaxPool GroupNormalization HardSigmoid HardSwish Identity InstanceNormalization
LayerNormalization LeakyRelu MatMul MaxPool Mul Neg PRelu Pad Pow ReduceMax ReduceMean ReduceSum Relu Reciprocal
Reshape Resize Sigmoid Slice Softmax Split Sqrt Squeeze Sub Sum Tanh Transpose Unsqueeze
""".split())

# Cases whose expected output is another one: with a factor and aligned corners the engine follows ONNX Runtime.
DIFFERENT = {"test_resize_downsample_scales_linear_align_corners"}


def single_input(model, inputs):
    """The model with all inputs but the first float one as initialisers, and that one."""
    model = onnx.ModelProto.FromString(model.SerializeToString())
    names = [i.name for i in model.graph.input]
    main = next((k for k, a in enumerate(inputs) if a.dtype == np.float32 and a.ndim >= 2), None)
    if main is None:
        return None, None
    for name, array in [p for k, p in enumerate(zip(names, inputs)) if k != main]:
        model.graph.initializer.append(numpy_helper.from_array(array, name))
    kept = [i for i in model.graph.input if i.name == names[main]]
    del model.graph.input[:]
    model.graph.input.extend(kept)
    return model, inputs[main]


def run(runner, model, x, folder):
    path, data, out = folder / "model.onnx", folder / "x.bin", folder / "y"
    path.write_bytes(model.SerializeToString())
    data.write_bytes(np.ascontiguousarray(x).tobytes())
    shape = ",".join(map(str, x.shape))
    done = subprocess.run([runner, "run", path, shape, data, out], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        return None, done.stderr.strip() or f"ended with {done.returncode}"
    shapes = [[int(n) for n in line.split(",")] for line in done.stdout.split()]
    return [np.fromfile(f"{out}.{k}", np.float32).reshape(s) for k, s in enumerate(shapes)], None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runner", default=ROOT / ".build/release/DevTools")
    parser.add_argument("--verbose", action="store_true", help="name every case")
    parser.add_argument("names", nargs="*", help="only cases whose name contains one of these")
    arguments = parser.parse_args()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases = collect_testcases(None)
    counts, reasons = collections.Counter(), collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            if case.kind != "node" or (arguments.names and not any(n in case.name for n in arguments.names)):
                continue
            used = {n.op_type for n in case.model.graph.node}
            opset = next((o.version for o in case.model.opset_import if o.domain in ("", "ai.onnx")), 0)
            if not used <= OPERATORS or "_expanded" in case.name:
                continue
            for inputs, outputs in case.data_sets:
                inputs = [numpy_helper.to_array(a) if isinstance(a, onnx.TensorProto) else a for a in inputs]
                outputs = [numpy_helper.to_array(a) if isinstance(a, onnx.TensorProto) else a for a in outputs]
                arrays = all(isinstance(a, np.ndarray) for a in inputs + outputs)
                model, x = single_input(case.model, inputs) if arrays else (None, None)
                if model is None or any(o.dtype != np.float32 for o in outputs):
                    counts["out of scope"] += 1
                    reasons["not one 32-bit float value with a batch"] += 1
                    continue
                # Newer opsets of unchanged operators are the same operators.
                for o in model.opset_import:
                    if o.domain in ("", "ai.onnx") and o.version > 21:
                        o.version = 21
                got, why = run(arguments.runner, model, x, Path(folder))
                if why is not None:
                    counts["refused"] += 1
                    reasons[why.splitlines()[-1].split("): ")[-1][:110]] += 1
                    if arguments.verbose:
                        print(f"refused {case.name} (opset {opset}): {why}")
                    continue
                good = len(got) == len(outputs) and all(
                    a.shape == b.shape and np.allclose(a, b, rtol=1e-3, atol=1e-5) for a, b in zip(got, outputs))
                outcome = "passed" if good else "different" if case.name in DIFFERENT else "failed"
                counts[outcome] += 1
                if outcome == "failed":
                    shapes = [(a.shape, b.shape) for a, b in zip(got, outputs)]
                    worst = max((np.abs(a - b).max() for a, b in zip(got, outputs) if a.shape == b.shape), default=None)
                    print(f"FAILED {case.name}: {shapes} {worst}")
    for name in ("passed", "failed", "different", "refused", "out of scope"):
        print(f"{name:13s} {counts[name]}")
    for reason, count in reasons.most_common():
        print(f"  {count:4d}  {reason}")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
