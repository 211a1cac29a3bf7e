#!/usr/bin/env python3
"""Images a second of the peers, one thread, batch 32, 256×256: one JSON object a line, for bench.py.

usage: peer_rates.py FILE…

ONNX Runtime on each FILE; torch for training steps and input gradients of the paper's network and the wide one, with
channels last and, for the wide network's gradient, in torch's own layout.
"""
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import nn

BATCH = 32
torch.set_num_threads(1)
torch.manual_seed(0)
x = np.random.default_rng(1).standard_normal((BATCH, 3, 256, 256), np.float32)
labels = (torch.rand(BATCH, 1) > 0.5).float()
loss = nn.BCEWithLogitsLoss()


def block(inputs, outputs, kernel, pool):
    return [nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False), nn.BatchNorm2d(outputs),
            nn.ReLU(True), nn.MaxPool2d(pool)]


def paper():
    """The paper's network, Meso-4 of Afchar et al. 2018."""
    return nn.Sequential(
        *block(3, 8, 3, 2), *block(8, 8, 5, 2), *block(8, 16, 5, 2), *block(16, 16, 5, 4), nn.Flatten(),
        nn.Linear(1024, 16), nn.ReLU(True), nn.Linear(16, 1))


def wide():
    """Four 3×3 convolutions; `wide` of BenchmarkNetworks.swift."""
    return nn.Sequential(
        *block(3, 32, 3, 2), *block(32, 64, 3, 2), *block(64, 128, 3, 2), *block(128, 128, 3, 2), nn.Flatten(),
        nn.Linear(128 * 256, 256), nn.ReLU(True), nn.Linear(256, 1))


def rate(work):
    seconds = []
    for _ in range(4):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return BATCH / statistics.median(seconds[1:])


def say(work, images_per_second):
    print(json.dumps({"work": work, "imagesPerSecond": images_per_second}), flush=True)


def training_step(network, pictures):
    optimiser = torch.optim.Adam(network.train().parameters(), 1e-3)

    def step():
        optimiser.zero_grad()
        loss(network(pictures), labels).backward()
        optimiser.step()

    return step


def input_gradient(network, pictures):
    network.eval().requires_grad_(False)
    pictures = pictures.clone().requires_grad_(True)

    def gradient():
        pictures.grad = None
        loss(network(pictures), labels).backward()

    return gradient


for path in sys.argv[1:]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options)
    feed = {session.get_inputs()[0].name: x}
    say(f"ONNX Runtime {Path(path).stem}", rate(lambda: session.run(None, feed)))

for make in (paper, wide):
    network = make().to(memory_format=torch.channels_last)
    pictures = torch.from_numpy(x).to(memory_format=torch.channels_last)
    say(f"torch training step {make.__name__} channels_last", rate(training_step(network, pictures)))
    say(f"torch input gradient {make.__name__} channels_last", rate(input_gradient(network, pictures)))
say("torch input gradient wide", rate(input_gradient(wide(), torch.from_numpy(x))))
