#!/usr/bin/env python3
"""Scans on a real Slurm of three nodes while it breaks; each merged manifest must be that of one machine.

usage: slurm_faults.py ASSAY [--lab SCRIPTS] [calm off freeze controller segfault]

Needs root, slurmctld, slurmd, slurm-client and munge, and SCRIPTS, a folder with up.sh and down.sh that start and stop
such a Slurm (cluster in the folder that ASSAY_SHARED names); says so and ends with 0 without them.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SUBMIT = HERE.parents[2] / "pipelines/deploy/slurm/submit.sh"
OPTIONS = ["--faces", "whole-frame", "--frames", "12"]
FAULTS = ["calm", "off", "freeze", "controller", "segfault"]


def run(*command, **more):
    return subprocess.run([str(part) for part in command], check=True, text=True, capture_output=True, **more).stdout


def make_videos(folder, count):
    """Hard links of one short clip, old enough for the ledger to trust."""
    folder.mkdir()
    run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=10:duration=2", "-c:v", "libx264",
        "-pix_fmt", "yuv420p", folder / "000.mp4")
    os.utime(folder / "000.mp4", (1_577_836_800, 1_577_836_800))
    for number in range(1, count):
        os.link(folder / "000.mp4", folder / f"{number:03}.mp4")


def manifest(folder):
    """What does not depend on time and machine."""
    whole = json.loads((folder / "manifest.json").read_text())
    for name in ("startedAt", "finishedAt", "host"):
        del whole["run"][name]
    return whole, (folder / "manifest.csv").read_bytes(), (folder / "submission.csv").read_bytes()


class Lab:
    def __init__(self, scripts, place):
        self.scripts = scripts
        self.environment = os.environ | {"SLURM_LAB": str(place), "SLURM_CONF": str(place / "slurm.conf")}

    def script(self, name, *arguments):
        # No pipes: the daemons that it starts would hold them open.
        command = ["bash", str(self.scripts / name), *arguments]
        subprocess.run(command, check=True, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def command(self, *command, **variables):
        return run(*command, env=self.environment | variables)

    def is_busy(self, jobs):
        try:
            return bool(self.command("squeue", "-h", "-j", jobs).strip())
        except subprocess.CalledProcessError:
            return True  # the controller is away


def break_something(lab, fault):
    """Hits node n2, or the controller, in the middle of the run; returns what mends it."""
    if fault == "off":
        lab.script("node.sh", "off", "n2")
        return lambda: lab.script("node.sh", "start", "n2")
    if fault == "freeze":
        lab.script("node.sh", "freeze", "n2")
        # Longer than SlurmdTimeout, 10 s: its elements run again elsewhere and then it wakes up.
        time.sleep(25)
        lab.script("node.sh", "thaw", "n2")
    if fault == "controller":
        lab.script("node.sh", "ctl-kill", "x")
        time.sleep(5)
        lab.script("node.sh", "ctl-start", "x")
    return lambda: None


def scan(lab, assay, videos, output, fault):
    program = assay
    if fault == "segfault":
        program = output.with_suffix(".sh")
        died = output.with_suffix(".died")
        program.write_text(
            f'#!/bin/sh\nif [ "$SLURM_ARRAY_TASK_ID" = 1 ] && mkdir {died} 2>/dev/null; then kill -SEGV $$; fi\n'
            f'exec {assay} "$@"\n')
        program.chmod(0o755)
    jobs = lab.command(SUBMIT, "--shards", "9", videos, output, *OPTIONS, ASSAY=str(program)).split()
    for _ in range(600):
        if any(output.glob("cluster-*/parts/part-*")):
            break
        time.sleep(0.1)
    mend = break_something(lab, fault)
    begin = time.monotonic()
    while lab.is_busy(",".join(jobs)):
        if time.monotonic() - begin > 300:
            raise TimeoutError(lab.command("squeue", "-l"))
        time.sleep(0.5)
    mend()
    return len(list(output.glob("cluster-*/parts/part-*")))


def main():
    shared = Path(os.environ.get("ASSAY_SHARED") or HERE.parents[2].parent / "shared")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assay", type=Path)
    parser.add_argument("--lab", type=Path, default=shared / "cluster")
    parser.add_argument("faults", nargs="*", default=FAULTS)
    arguments = parser.parse_args()
    missing = [name for name in ("slurmctld", "slurmd", "sbatch", "munged") if not shutil.which(name, path="/usr/sbin:/usr/bin")]
    if missing or os.geteuid() != 0 or not (arguments.lab / "up.sh").exists():
        print(f"skipped: needs root, {arguments.lab}/up.sh and Slurm (missing: {', '.join(missing) or 'none'})")
        return 0
    assay = arguments.assay.resolve()
    with tempfile.TemporaryDirectory(prefix="assay-slurm-") as work:
        work = Path(work)
        work.chmod(0o755)
        make_videos(work / "videos", 72)
        run(assay, "scan", work / "videos", "-o", work / "one", "-q", *OPTIONS)
        expected = manifest(work / "one")
        lab = Lab(arguments.lab, work / "lab")
        lab.script("up.sh", "3", "2")
        failed = 0
        try:
            for fault in arguments.faults:
                begin = time.monotonic()
                parts = scan(lab, assay, work / "videos", work / fault, fault)
                same = (work / fault / "manifest.json").exists() and manifest(work / fault) == expected
                failed += not same
                print(f"{fault}: {parts} parts, {time.monotonic() - begin:.0f} s,"
                      f" {'the manifest of one machine' if same else 'ANOTHER MANIFEST'}", flush=True)
                if not same:
                    for log in sorted((work / fault).glob("cluster-*/logs/*")):
                        print(log.name, log.read_text()[-500:])
        finally:
            lab.script("down.sh")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
