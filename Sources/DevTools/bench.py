#!/usr/bin/env python3
"""Assay beside what a user would otherwise run, as ratios in one interleaved run.

usage: bench.py [--rounds N] [--skip scan,memory,network]

References: `ffmpeg -threads 1 -i X -f null -` for the CPU time of a scan; ONNX Runtime and torch for the networks, which
pip fetches from PyPI into .build/peers the first time. ASSAY_SHARED names a folder with what no registry has: videos
(data/videos/dfdc), a YuNet file (models) and the Python pipelines that scans are compared with (peers/peer.py, run by
PEERS_PYTHON). What is absent is not measured, and the output says so.
Every round runs all contestants once, in turn; a figure is the median over the rounds, so that the drift of a shared
machine falls on all of them alike.
"""
import argparse, json, os, re, resource, shutil, statistics, subprocess, sys, tempfile, threading, time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("ASSAY_SHARED") or ROOT.parent / "shared")
ASSAY = ROOT / ".build/release/assay"
NETWORKS = ROOT / ".build/release/DevTools"
PEERS_PYTHON = os.environ.get("PEERS_PYTHON", sys.executable)
PEERS = ROOT / ".build/peers"
PEER_PACKAGES = ["numpy", "onnxruntime", "torch"]
WORKERS = 2

# What is measured, what it is measured beside, and what is wanted.
NETWORK_BARS = [
    ("inference paper", "ONNX Runtime paper", "at least 1.5"),
    ("inference wide", "ONNX Runtime wide", "at least 1.6"),
    ("inference resnet-50", "ONNX Runtime resnet-50", "at least 1.0"),
    ("inference xception", "ONNX Runtime xception", "at least 1.0"),
    ("inference efficientnet-b0", "ONNX Runtime efficientnet-b0", "at least 1.0"),
    ("training paper", "torch training step paper channels_last", "at least 2.2"),
    ("training wide", "torch training step wide channels_last", "at least 3.5"),
    ("gradient paper", "torch input gradient paper channels_last", "at least 2"),
    ("gradient wide", "torch input gradient wide", "at least 4"),
    ("gradient wide", "torch input gradient wide channels_last", "none"),
]


class Run:
    """One finished program: seconds of wall clock and CPU, peak memory of the process tree, and what it printed."""

    def __init__(self, command, watch_memory=False):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.peak_mb = 0.0
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if watch_memory:
            threading.Thread(target=self._watch, args=(process,), daemon=True).start()
        self.output, _ = process.communicate()
        self.wall = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.code = process.returncode

    def _watch(self, process):
        while process.poll() is None:
            self.peak_mb = max(self.peak_mb, tree_pss_mb(process.pid))
            time.sleep(0.05)


def tree_pss_mb(pid):
    """Proportional set size of a process and all its descendants, in MB."""
    total, stack = 0, [pid]
    while stack:
        pid = stack.pop()
        try:
            for line in open(f"/proc/{pid}/smaps_rollup"):
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
            for task in os.listdir(f"/proc/{pid}/task"):
                stack += [int(c) for c in open(f"/proc/{pid}/task/{task}/children").read().split()]
        except OSError:
            pass  # it ended while we looked
    return total / 1024


def scan(folder, out, detector=()):
    return [str(ASSAY), "scan", str(folder), "-o", str(out), "--workers", str(WORKERS), "--quiet", "--rescan", *detector]


def detectors():
    """The face detectors, and how they are asked for: YuNet where a file of it lies beside the package."""
    model = SHARED / "models/yunet_n_dynamic.onnx"
    found = {"standard": ()}
    if model.exists():
        found["YuNet"] = ("--detector", "yunet", "--detector-model", str(model))
    return found


def checked(run, accepted=(0,)):
    if run.code not in accepted:
        sys.exit(f"a contestant failed with exit code {run.code}:\n{run.output}")
    return run


def hard_links(folder, videos, count):
    """`count` names for copies of the videos, made by hard links beside one copy of each."""
    folder.mkdir()
    copies = [shutil.copy(v, folder / f"0000-{v.name}") for v in videos]
    for i in range(len(copies), count):
        os.link(copies[i % len(copies)], folder / f"{i:04}-{videos[i % len(videos)].name}")
    return folder


def bench_scan(work, videos, rounds):
    folder = hard_links(work / "repeated", videos, 6 * len(videos))
    count = 6 * len(videos)  # enough that start-up, which the peers do not count, weighs little
    peers = {}
    if (SHARED / "peers/peer.py").exists() and Path(PEERS_PYTHON).exists():
        peer = [PEERS_PYTHON, str(SHARED / "peers/peer.py"), str(folder), "--procs", str(WORKERS), "--threads", "1"]
        peers = {
            "PyAV + YuNet + ONNX Runtime": peer + ["--decode", "pyav", "--det", "yunet", "--cnn", "ort"],
            "OpenCV + MTCNN + torch": peer,
        }
    ours = {name: {"cpu": [], "wall": []} for name in detectors()}
    plain_cpu = []
    peer_rates = {name: [] for name in peers}
    for _ in range(rounds):
        for name, flags in detectors().items():
            run = checked(Run(scan(folder, work / "out", flags)))
            ours[name]["cpu"].append(run.cpu / count)
            ours[name]["wall"].append(run.wall / count)
        plain_cpu.append(sum(
            checked(Run(["ffmpeg", "-v", "error", "-threads", "1", "-i", str(v), "-f", "null", "-"])).cpu
            for v in videos) / len(videos))
        for name, command in peers.items():
            found = re.search(r"([\d.]+) videos/min", Run(command).output)
            if found:
                peer_rates[name].append(60 / float(found.group(1)))  # seconds a video, without the peer's start-up
    print(f"scan, {count} DFDC videos, {WORKERS} workers, median of {rounds} interleaved rounds")
    for detector, times in ours.items():
        report(f"{detector}: CPU per video / plain ffmpeg decode", median_ratio(times["cpu"], plain_cpu), "at most 1.0")
        for name, bar in (("PyAV + YuNet + ONNX Runtime", 2), ("OpenCV + MTCNN + torch", 6)):
            if peer_rates.get(name):
                ratio = median_ratio(peer_rates[name], times["wall"])
                report(f"{detector}: wall, times faster than {name}", ratio, f"at least {bar}")
            else:
                print(f"  {name}: not present, not measured")
        print(f"  (this machine today, {detector}: {statistics.median(times['cpu']):.2f} s CPU and "
              f"{statistics.median(times['wall']):.2f} s wall a video)")


def bench_memory(work, videos):
    few = checked(Run(scan(hard_links(work / "ten", videos, 10), work / "out10"), watch_memory=True))
    many = checked(Run(scan(hard_links(work / "many", videos, 200), work / "out200"), watch_memory=True))
    print("peak memory of the whole process tree (PSS)")
    print(f"  10 videos {few.peak_mb:.0f} MB, 200 videos {many.peak_mb:.0f} MB (bar: at most 400 MB)")
    report("200 videos / 10 videos", many.peak_mb / few.peak_mb, "0.9 to 1.1")


def fetch_peers():
    """Whether ONNX Runtime and torch are in .build/peers; fetches them the first time."""
    if not (PEERS / "complete").exists():
        print(f"fetching {', '.join(PEER_PACKAGES)} from PyPI into {PEERS}", flush=True)
        fetched = Run([sys.executable, "-m", "pip", "install", "--quiet", "--target", str(PEERS), *PEER_PACKAGES])
        if fetched.code != 0:
            print(f"networks: no peers, since pip failed:\n{fetched.output}")
            return False
        (PEERS / "complete").touch()
    return True


def bench_networks(work):
    """Images a second of the networks here and in the peers' frameworks, one thread, batch 32."""
    peers_present = fetch_peers()
    files = []
    if peers_present:
        checked(Run([str(NETWORKS), "export", str(work)]))
        files = sorted(str(f) for f in work.glob("*.onnx"))
    ours, peers = {}, {}
    for _ in range(2):
        for entry in json_lines([str(NETWORKS), "measure"]):
            value = entry.get("imagesPerSecond") or entry.get("gflop") or entry.get("gflops") or entry["times"]
            ours.setdefault(entry["work"], []).append(value)
        if not peers_present:
            continue
        rates = Path(__file__).with_name("peer_rates.py")
        for entry in json_lines(["env", f"PYTHONPATH={PEERS}", sys.executable, str(rates), *files]):
            peers.setdefault(entry["work"], []).append(entry["imagesPerSecond"])
    print("networks, one thread, batch 32, 256×256")
    for work, peer, bar in NETWORK_BARS:
        if peer in peers:
            report(f"{work} / {peer}", median_ratio(ours[work], peers[peer]), bar)
        else:
            print(f"  {work}: {statistics.median(ours[work]):.0f} images/s ({peer}: not present, no ratio)")
    for name, bar in (("paper", "0.40"), ("wide", "none")):
        flops = [rate * g for rate, g in zip(ours[f"inference {name}"], ours[f"gflop {name}"])]
        report(f"inference {name}, as a share of sgemm's speed", median_ratio(flops, ours["sgemm"]), bar)
        report(f"inference {name}, two workers / one", statistics.median(ours[f"scaling {name}"]), "at least 1.8")
    print("  (this machine today, images/s: " + ", ".join(
        f"{work} {statistics.median(rates):.0f}" for work, rates in ours.items()
        if work.split()[0] in ("inference", "gradient", "training")) + ")")


def json_lines(command):
    return [json.loads(line) for line in checked(Run(command)).output.splitlines() if line.startswith("{")]


def median_ratio(numerators, denominators):
    return statistics.median(a / b for a, b in zip(numerators, denominators))


def report(name, ratio, bar):
    print(f"  {name:64s} {ratio:6.2f}   (bar: {bar})", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--skip", default="", help="parts to leave out, by commas: scan, memory, network")
    arguments = parser.parse_args()
    skip = set(arguments.skip.split(","))
    videos = sorted((SHARED / "data/videos/dfdc").glob("*.mp4"))
    with tempfile.TemporaryDirectory() as work:
        if not videos:
            print(f"scan and memory: no DFDC videos in {SHARED / 'data/videos/dfdc'}, not measured")
        else:
            if "scan" not in skip:
                bench_scan(Path(work), videos, arguments.rounds)
            if "memory" not in skip:
                bench_memory(Path(work), videos)
    if "network" not in skip:
        with tempfile.TemporaryDirectory() as work:
            bench_networks(Path(work))


if __name__ == "__main__":
    main()
