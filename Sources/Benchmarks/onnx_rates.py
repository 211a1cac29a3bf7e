#!/usr/bin/env python3
"""Images a second of ONNX files in ONNX Runtime, one thread, batch 32: one JSON object a line, for bench.py.

usage: onnx_rates.py FILE…
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
for path in sys.argv[1:]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options)
    feed = {session.get_inputs()[0].name: x}
    seconds = []
    for _ in range(4):
        start = time.process_time()
        session.run(None, feed)
        seconds.append(time.process_time() - start)
    print(json.dumps({"work": Path(path).stem, "imagesPerSecond": BATCH / statistics.median(seconds[1:])}), flush=True)
