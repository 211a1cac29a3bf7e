"""Golden numbers of operators (Tests/NeuralNetTests/OperatorValueTests.swift): python3 operators.py, with torch.

Each line: name, the sum of the output, and its product with a probe, both in the order of tensors.
"""
import torch
import torch.nn.functional as F


def wave(*shape, rate=0.7):
    count = torch.Size(shape).numel()
    return (2 * torch.sin(torch.arange(count, dtype=torch.float64) * rate)).reshape(shape)


def show(name, y):
    y = y.double().contiguous().flatten()
    probe = torch.cos(torch.arange(y.numel(), dtype=torch.float64) * 0.3)
    print(f'("{name}", {y.sum():.5f}, {(y * probe).sum():.5f}),')


x = wave(2, 3, 4, 5)
show("transposed convolution", F.conv_transpose2d(x, wave(3, 2, 3, 3, rate=0.31), wave(2), stride=2, padding=1, output_padding=1))
show("transposed convolution, groups", F.conv_transpose2d(wave(2, 4, 3, 4), wave(4, 3, 3, 3, rate=0.31), groups=2, dilation=2))
show("layer norm", F.layer_norm(x, (3, 4, 5), wave(3, 4, 5, rate=0.2), wave(3, 4, 5, rate=0.1), 1e-5))
show("group norm", F.group_norm(wave(2, 6, 3, 5), 2, wave(6), wave(6, rate=0.1), 1e-5))
show("instance norm", F.instance_norm(x, weight=wave(3), bias=wave(3, rate=0.1), eps=1e-5))
show("leaky ReLU", F.leaky_relu(x, 0.2))
show("clip", x.clamp(-1, 0.5))
show("tanh", x.tanh())
show("SiLU", F.silu(x))
show("hard swish", F.hardswish(x * 3))
show("hard sigmoid", F.hardsigmoid(x * 3))
show("GELU", F.gelu(x))
show("GELU by tanh", F.gelu(x, approximate="tanh"))
show("exponential", x.exp())
show("softmax", F.softmax(x, 1))
show("add broadcast", x + wave(3, 1, 1, rate=0.2))
show("subtract", wave(5, rate=0.2) - x)
show("multiply", x * wave(1, 1, 4, 1, rate=0.2))
show("divide", x / (3 + wave(4, 1, rate=0.2)))
show("concat", torch.cat([x, x * 2], 2))
show("slice", x[:, 1:, :, 1:5:2])
show("pad", F.pad(x, (1, 2, 0, 3), value=0.25))
show("pad by reflection", F.pad(x, (4, 1, 2, 3), mode="reflect"))
show("pad with edges", F.pad(x, (4, 1, 2, 3), mode="replicate"))
show("transpose", x.permute(0, 2, 3, 1))
show("reshape", x.permute(0, 2, 3, 1).reshape(2, -1, 6))
show("resize to the nearest", F.interpolate(x, scale_factor=2, mode="nearest"))
show("resize bilinearly", F.interpolate(x, size=(7, 3), mode="bilinear", align_corners=False))
show("resize bilinearly, corners", F.interpolate(x, size=(7, 3), mode="bilinear", align_corners=True))
show("mean", x.mean((2, 3), keepdim=True))
show("sum", x.sum(2))
show("maximum", x.amax((1, 3)))
show("linear on rows", F.linear(wave(2, 4, 6), wave(5, 6, rate=0.31), wave(5)))
show("matrices", wave(2, 4, 6) @ wave(6, 5, rate=0.31))
show("matrices of rank 4", wave(2, 3, 4, 5) @ wave(1, 1, 5, 3, rate=0.31))
