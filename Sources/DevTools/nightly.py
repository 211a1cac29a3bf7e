#!/usr/bin/env python3
"""A big directory night after night: memory, what walk and ledger cost, a second run that finds nothing new, and shards.

usage: nightly.py [--files 10000] [--shards 4] [--shard-files 1200] [--frames 1] [--workers 2]

The directory holds hard links to short clips cut from the samples, or from the videos in data/videos of the folder that
ASSAY_SHARED names. Memory is that of the process and its decoders together, sampled ten times a second; it is flat when
its peak over the last quarter of the run is not above that of the first. The shares of walk and ledger are of the run's
wall time, from the run's own metrics.
"""
import argparse, os, re, resource, shutil, subprocess, sys, tempfile, threading, time
from functools import partial
from pathlib import Path

print = partial(print, flush=True)

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("ASSAY_SHARED") or ROOT.parent / "shared")
ASSAY = Path(os.environ.get("ASSAY", ROOT / ".build/release/assay"))


def clips(folder):
    """Half a second of each video, small: what little there is to decode leaves walk and ledger the most to show."""
    videos = sorted((SHARED / "data/videos").rglob("*.mp4")) or sorted((ROOT / "samples").glob("*.mp4"))
    made = []
    for number, video in enumerate(videos):
        clip = folder / f"clip-{number}.mp4"
        subprocess.run(
            ["ffmpeg", "-v", "error", "-y", "-ss", "1", "-i", video, "-t", "0.5", "-vf", "scale=-2:160", "-an", "-c:v",
             "libx264", "-g", "8", "-threads", "1", clip], check=True)
        # The ledger does not trust a file as new as its scan.
        os.utime(clip, (1.6e9, 1.6e9))
        made.append(clip)
    return made


def tree_memory(root):
    """Resident bytes of a process and its children."""
    total, waiting = 0, [root]
    while waiting:
        pid = waiting.pop()
        try:
            total += int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) << 10
            waiting += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        except (OSError, TypeError):
            pass
    return total


def run(command):
    """Seconds, memory samples and CPU seconds, those of decoders included, of a program that has to end well."""
    samples, start, before = [], time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)

    def watch():
        while process.poll() is None:
            samples.append(tree_memory(process.pid))
            time.sleep(0.1)

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    seconds = time.monotonic() - start
    watcher.join()
    if code not in (0, 3):
        sys.exit(f"{command} exited with {code}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, samples, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def stage_seconds(metrics):
    text = Path(metrics).read_text()
    return {name: float(value) for name, value in
            re.findall(r'assay_stage_seconds\{stage="(\w+)",state="busy"\} (\S+)', text)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--shards", type=int, default=4)
    parser.add_argument("--shard-files", type=int, default=1200)
    parser.add_argument("--frames", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="assay-nightly-"))
    try:
        measure(folder, options)
    finally:
        shutil.rmtree(folder)


def measure(folder, options):
    made = clips(folder)
    for name, count in [("uploads", options.files), ("few", options.shard_files)]:
        for number in range(count):
            place = folder / name / f"{number // 500:04}"
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy2(made[number % len(made)], place / f"{number}.mp4")
    settings = ["--frames", options.frames, "--workers", options.workers, "-q"]
    scan = [ASSAY, "scan", folder / "uploads", "-o", folder / "out", "--metrics", folder / "metrics", *settings]

    seconds, samples, _ = run(scan)
    busy = stage_seconds(folder / "metrics")
    quarter = max(1, len(samples) // 4)
    print(f"{options.files} links to {len(made)} clips of half a second, {options.frames} frames, {options.workers} workers")
    print(f"first run            {seconds:9.1f} s   {options.files / seconds:.1f} videos/s")
    print(f"memory, first and last quarter   {max(samples[:quarter]) >> 20} and {max(samples[-quarter:]) >> 20} MB")
    for stage in sorted(busy.keys() & {"walk", "record"}):
        print(f"{stage:6} {busy[stage]:8.2f} s   {100 * busy[stage] / seconds:.2f} % of the run")
    again, _, cpu = run(scan)
    print(f"second run           {again:9.2f} s   {cpu:.2f} s of CPU")

    one = [ASSAY, "scan", folder / "few", *settings]
    # CPU time: on a machine that others use too, wall clock would compare their moods.
    whole = run([*one, "-o", folder / "one"])[2]
    plan, parts = folder / "plan", folder / "parts"
    split = run([ASSAY, "plan", folder / "few", "-o", plan, "--shards", options.shards])[2]
    for shard in range(options.shards):
        split += run([ASSAY, "scan", "--plan", plan, "--shard", shard, "-o", parts, *settings])[2]
    split += run([ASSAY, "merge", plan, parts, "-o", folder / "merged"])[2]
    print(f"{options.shard_files} videos in one run {whole:.1f} s of CPU, in {options.shards} shards, plan and merge included, "
          f"{split:.1f} s: {100 * (split / whole - 1):+.1f} %")


main()
