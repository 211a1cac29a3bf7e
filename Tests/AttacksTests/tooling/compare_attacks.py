#!/usr/bin/env python3
"""Our attacks beside those of Foolbox and torchattacks: same network, crops, budgets and steps, one thread each.

usage: compare_attacks.py MODEL CROPS [--split FILE | --part all] [--limit 20] [--assay .build/release/assay]

Needs torch, onnx, foolbox and torchattacks. The model is exported as ONNX and run in torch by the small interpreter
below; its one logit becomes the two logits 0 and z, so that cross-entropy means the same on both sides. Values stay
floats on both sides. Robust accuracy should be no more than 2 points or one crop above the other's, the median size of
smallest perturbations no more than 5 % above it. Ends with 1 when one is.
"""
import argparse
import json
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

ROOT = Path(__file__).resolve().parents[3]
STEPS = {"pgd": 20, "apgd-ce": 50, "square": 1000, "deepfool": 50, "cw": 100, "ddn": 100}


class Network(torch.nn.Module):
    """An ONNX graph of the few operators that our own detectors have; from pixels in [0, 1] to the logits 0 and z."""

    def __init__(self, path, mean, deviation, boundary):
        super().__init__()
        graph = onnx.load(path).graph
        self.nodes = list(graph.node)
        self.constants = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in graph.initializer}
        self.input = [i.name for i in graph.input if i.name not in self.constants][0]
        self.output = graph.output[0].name
        self.mean = torch.tensor(mean).view(1, 3, 1, 1)
        self.deviation = torch.tensor(deviation).view(1, 3, 1, 1)
        self.boundary = boundary

    def forward(self, x):
        values = dict(self.constants)
        values[self.input] = (x - self.mean) / self.deviation
        for node in self.nodes:
            given = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            inputs = [values[name] for name in node.input if name]
            values[node.output[0]] = self.run(node.op_type, inputs, given)
        z = values[self.output].reshape(-1) - self.boundary
        return torch.stack([torch.zeros_like(z), z], dim=1)

    @staticmethod
    def run(kind, inputs, given):
        functions = torch.nn.functional
        if kind == "Conv":
            top, left, bottom, right = given.get("pads", [0, 0, 0, 0])
            x = functions.pad(inputs[0], (left, right, top, bottom))
            bias = inputs[2] if len(inputs) > 2 else None
            return functions.conv2d(
                x, inputs[1], bias, given.get("strides", [1, 1]), 0, given.get("dilations", [1, 1]), given.get("group", 1))
        if kind == "BatchNormalization":
            return functions.batch_norm(inputs[0], inputs[3], inputs[4], inputs[1], inputs[2], eps=given["epsilon"])
        if kind == "MaxPool":
            top, left, bottom, right = given.get("pads", [0, 0, 0, 0])
            x = functions.pad(inputs[0], (left, right, top, bottom), value=float("-inf"))
            return functions.max_pool2d(x, given["kernel_shape"], given["strides"])
        if kind == "Gemm":
            weight = inputs[1].T if given.get("transB", 0) else inputs[1]
            return inputs[0] @ weight + (inputs[2] if len(inputs) > 2 else 0)
        if kind == "Reshape":
            return inputs[0].reshape([n if n else inputs[0].shape[k] for k, n in enumerate(inputs[1].tolist())])
        simple = {
            "Relu": torch.relu, "Sigmoid": torch.sigmoid, "Identity": lambda x: x, "Dropout": lambda x, *_: x,
            "Add": torch.add, "Mul": torch.mul, "Flatten": lambda x: x.flatten(given.get("axis", 1)),
            "GlobalAveragePool": lambda x: x.mean((2, 3), keepdim=True),
        }
        return simple[kind](*inputs)


def assay(arguments, *command):
    done = subprocess.run([str(arguments.assay), *map(str, command)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    return done.stdout


def ours(arguments, folder, attack, epsilon=None, steps=None):
    """Robust accuracy, distances of the successes, crops, gradients and seconds."""
    steps = steps or STEPS.get(attack)
    out = folder / f"{attack}-{epsilon}".replace("/", "_") / str(steps)
    command = ["attack", arguments.model, arguments.crops, "-o", out, "--attacks", attack, "--float-pixels", "--limit",
               arguments.limit, "--workers", 1, "--quiet", "--json", "--no-checks"]
    # A budget in another norm leaves minimal attacks without one.
    command += ["--linf", epsilon] if epsilon else ["--l0", 1]
    if steps:
        command += ["--steps", steps // (100 if attack == "square" else 1)]
    if arguments.split:
        command += ["--split", arguments.split]
    if arguments.part:
        command += ["--part", arguments.part]
    start = time.perf_counter()
    row = json.loads(assay(arguments, *command))["rows"][0]
    seconds = time.perf_counter() - start
    lines = [json.loads(line) for line in (out / "outcomes.jsonl").read_text().splitlines()]
    sizes = {line["entry"]["crop"]: line["outcome"]["size"]["l2"] for line in lines if line["outcome"]["isSuccess"]}
    gradients = sum(line["outcome"]["gradients"] for line in lines)
    return row["robustAccuracy"], sizes, sorted(line["entry"]["crop"] for line in lines), gradients, seconds


def crops_of(folder, indices):
    """Pixels in [0, 1] as [N, 3, H, W], and labels, 1 = fake."""
    size = json.loads((Path(folder) / "crops.json").read_text())["size"]
    pixels = np.memmap(Path(folder) / "pixels.rgb", np.uint8, "r").reshape(-1, size, size, 3)
    records = [json.loads(line) for line in (Path(folder) / "index.jsonl").read_text().splitlines()]
    x = torch.from_numpy(np.array(pixels[indices])).permute(0, 3, 1, 2).float().div(255).contiguous()
    labels = [records[i]["item"]["label"] for i in indices]
    return x, torch.tensor(labels)


def theirs(network, x, y, attack, epsilon=None):
    """Robust accuracy and distances of the successes by place, in batches."""
    import foolbox
    import torchattacks

    attacks = {
        "fgsm": lambda: foolbox.attacks.LinfFastGradientAttack(random_start=False),
        "pgd": lambda: foolbox.attacks.LinfProjectedGradientDescentAttack(
            rel_stepsize=2.5 / STEPS["pgd"], steps=STEPS["pgd"]),
        "deepfool": lambda: foolbox.attacks.L2DeepFoolAttack(steps=STEPS["deepfool"], candidates=2, overshoot=0.02),
        "cw": lambda: foolbox.attacks.L2CarliniWagnerAttack(steps=STEPS["cw"], binary_search_steps=9),
        "ddn": lambda: foolbox.attacks.DDNAttack(steps=STEPS["ddn"]),
    }
    right = network(x).argmax(1) == y
    fooled, sizes = torch.zeros(len(x), dtype=torch.bool), {}
    for start in range(0, len(x), 8):
        part = slice(start, start + 8)
        if attack in attacks:
            model = foolbox.PyTorchModel(network, bounds=(0, 1))
            _, moved, success = attacks[attack]()(model, x[part], y[part], epsilons=epsilon)
        else:
            make = {
                "apgd-ce": lambda: torchattacks.APGD(network, norm="Linf", eps=epsilon, steps=STEPS["apgd-ce"]),
                "square": lambda: torchattacks.Square(network, norm="Linf", eps=epsilon, n_queries=STEPS["square"]),
            }[attack]
            moved = make()(x[part], y[part])
            success = network(moved).argmax(1) != y[part]
        success = success & right[part]
        fooled[part] = success
        distances = (moved - x[part]).flatten(1).norm(dim=1)
        sizes |= {start + i: distances[i].item() for i in success.nonzero().flatten().tolist()}
    return (right & ~fooled).float().mean().item(), sizes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("crops")
    parser.add_argument("--split")
    parser.add_argument("--part", help="part of the split: train, validation, test or all")
    parser.add_argument("--limit", type=int, default=20, help="crops of each class")
    parser.add_argument("--attacks", default="fgsm,pgd,apgd-ce,square,deepfool,cw,ddn")
    parser.add_argument("--assay", default=ROOT / ".build/release/assay")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    torch.manual_seed(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        assay(arguments, "model", "export", *([] if arguments.model == "builtin" else [arguments.model]), "-o",
              folder / "model.onnx")
        shown = json.loads(assay(arguments, "model", "show", "--json",
                                 *([] if arguments.model == "builtin" else [arguments.model])))
        calibration, preprocessing = shown["calibration"], shown["preprocessing"]
        network = Network(
            folder / "model.onnx", preprocessing["mean"], preprocessing["deviation"],
            -calibration["offset"] / calibration["scale"]).eval()
        print(f"{'attack':10} {'budget':>8} {'here':>7} {'there':>7}")
        chosen = arguments.attacks.split(",")
        worse = []
        for attack in (a for a in ("fgsm", "pgd", "apgd-ce", "square") if a in chosen):
            for budget in ("0.5/255", "1/255", "2/255"):
                robust, _, indices, _, _ = ours(arguments, folder, attack, budget)
                x, y = crops_of(arguments.crops, indices)
                top, bottom = budget.split("/")
                other, _ = theirs(network, x, y, attack, float(top) / float(bottom))
                verdict = "" if robust <= other + max(0.02, 1.001 / len(x)) else "WEAKER"
                worse += [attack] if verdict else []
                print(f"{attack:10} {budget:>8} {robust:7.3f} {other:7.3f}   robust accuracy of {len(x)} {verdict}", flush=True)
        for attack in (a for a in ("deepfool", "cw", "ddn") if a in chosen):
            robust, sizes, indices, _, _ = ours(arguments, folder, attack)
            x, y = crops_of(arguments.crops, indices)
            _, others = theirs(network, x, y, attack)
            others = {indices[place]: size for place, size in others.items()}
            # Medians of different crops say nothing of each other.
            both = sorted(sizes.keys() & others.keys())
            here, there = (float(np.median([s[i] for i in both])) if both else float("nan") for s in (sizes, others))
            verdict = "" if here <= 1.05 * there and len(sizes) >= len(others) else "LONGER"
            worse += [attack] if verdict else []
            print(f"{attack:10} {'none':>8} {here:7.3f} {there:7.3f}   median ℓ2 of {len(both)} that both turn, of "
                  f"{len(sizes)} here and {len(others)} there {verdict}", flush=True)
        # So small a budget that few crops fool: an attack that stops early would not be comparable.
        _, _, indices, few, short = ours(arguments, folder, "pgd", "0.01/255")
        _, _, _, many, long = ours(arguments, folder, "pgd", "0.01/255", steps=220)
        x, y = crops_of(arguments.crops, indices)
        start = time.perf_counter()
        theirs(network, x, y, "pgd", 0.01 / 255)
        other = time.perf_counter() - start
        print(f"gradients a second: {(many - few) / (long - short):.0f} here, "
              f"{len(x) * STEPS['pgd'] / other:.0f} there")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
