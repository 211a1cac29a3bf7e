#!/usr/bin/env python3
"""Images a second of the peers, one thread, batch 32, 256×256: one JSON object a line, for bench.py.

usage: peer_rates.py PEERS FILE…

ONNX Runtime on each FILE; torch, in its own memory layout, for the input gradient of the wide network of PEERS/nets.py
(cnn.py there measures torch with channels last).
"""
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime

BATCH = 32
x = np.random.default_rng(1).standard_normal((BATCH, 3, 256, 256), np.float32)


def rate(work):
    seconds = []
    for _ in range(4):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return BATCH / statistics.median(seconds[1:])


def say(work, images_per_second):
    print(json.dumps({"work": work, "imagesPerSecond": images_per_second}), flush=True)


for path in sys.argv[2:]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options)
    feed = {session.get_inputs()[0].name: x}
    say(f"ONNX Runtime {Path(path).stem}", rate(lambda: session.run(None, feed)))

sys.path.insert(0, sys.argv[1])
try:
    import nets
    import torch
except ImportError:
    sys.exit(0)
torch.set_num_threads(1)
network = nets.wide().eval().requires_grad_(False)
pictures = torch.from_numpy(x).requires_grad_(True)
loss = torch.nn.BCEWithLogitsLoss()


def gradient():
    pictures.grad = None
    loss(network(pictures), torch.zeros(BATCH, 1)).backward()


say("torch input gradient wide", rate(gradient))
