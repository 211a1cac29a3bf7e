#!/usr/bin/env python3
"""Feeds mutated videos of six containers to the decoder process, best of a build with AddressSanitizer.

usage:
  swift build --sanitize=address --scratch-path .build-asan --product assay
  fuzz_decoder.py .build-asan/debug/assay --work fuzz --minutes 60 [--seed 1]
  fuzz_decoder.py .build-asan/debug/assay --reproduce fuzz/crashes/1234.bin

Execution number n of a seed is always the same file and the same request; a second run in the same folder goes on
behind the last one. What crashed the process, hung it or made it talk nonsense lies in crashes/, the file beside a
JSON file that tells the request, the end and the sanitizer's report.
"""
import argparse
import json
import math
import os
import random
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PATTERN = ["-f", "lavfi", "-i", "testsrc2=s=96x80:r=25:d=0.8"]
SOUND = ["-f", "lavfi", "-i", "sine=d=0.8"]
X264 = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "8", "-bf", "2"]
# Each container with several codecs: demuxers differ by what is in them.
CLIPS = {
    "h264.mp4": [*PATTERN, *SOUND, *X264, "-c:a", "aac"],
    "fragments.mp4": [*PATTERN, *X264, "-movflags", "frag_keyframe+empty_moov"],
    "mpeg4.mp4": [*PATTERN, "-c:v", "mpeg4", "-bf", "2", "-movflags", "faststart"],
    "hevc.mp4": [*PATTERN, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none"],
    "h264.mkv": [*PATTERN, *SOUND, *X264, "-c:a", "flac"],
    "mpeg2.mkv": [*PATTERN, "-c:v", "mpeg2video", "-bf", "2"],
    "av1.mkv": [*PATTERN, "-c:v", "libsvtav1", "-preset", "12", "-g", "10"],
    "vp8.webm": [*PATTERN, "-c:v", "libvpx", "-cpu-used", "8", "-auto-alt-ref", "1"],
    "vp9.webm": [*PATTERN, "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"],
    "mpeg4.avi": [*PATTERN, *SOUND, "-c:v", "mpeg4", "-bf", "2"],
    "mjpeg.avi": [*PATTERN, "-c:v", "mjpeg", "-pix_fmt", "yuvj422p"],
    "ffv1.avi": [*PATTERN, "-c:v", "ffv1"],
    "h264.ts": [*PATTERN, *SOUND, *X264, "-c:a", "mp2"],
    "mpeg2.ts": [*PATTERN, "-c:v", "mpeg2video", "-bf", "2", "-g", "8"],
    "flv1.flv": [*PATTERN, *SOUND, "-c:v", "flv", "-g", "8", "-c:a", "adpcm_swf", "-ar", "44100"],
    "h264.flv": [*PATTERN, *X264],
}
INTERESTING = [0, 1, 2, 7, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF]
REQUEST, INFO, FRAME, CROP, DONE, FAILED, END = 1, 2, 3, 4, 5, 6, 0
CROP_SIZE = 64


def make_clips(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, arguments in CLIPS.items():
        if not (folder / name).exists():
            subprocess.run(["ffmpeg", "-v", "error", "-y", "-threads", "1", *arguments, folder / name], check=True)
    return {name: (folder / name).read_bytes() for name in CLIPS}


def mutate(clips, chance):
    """A changed clip, and what was done to it."""
    name = chance.choice(sorted(clips))
    data = bytearray(clips[name])
    steps = []
    for _ in range(chance.choice([1, 1, 2, 3, 5, 8, 16])):
        kind = chance.choice(["bits", "bytes", "head", "number", "number", "fourcc", "cut", "drop", "repeat", "splice",
                              "blank"])
        # The front and the end hold headers and indexes in most containers.
        span = chance.choice([len(data), len(data), min(len(data), 1500)])
        place = chance.randrange(span) if chance.random() < 0.8 else max(0, len(data) - 1 - chance.randrange(span))
        length = min(chance.choice([1, 4, 16, 64, 188, 1000]), len(data) - place)
        if kind == "bits":
            data[place] ^= 1 << chance.randrange(8)
        elif kind == "bytes":
            data[place:place + length] = chance.randbytes(length)
        elif kind == "head":
            data[chance.randrange(min(len(data), 300))] = chance.randrange(256)
        elif kind == "number":
            value = chance.choice(INTERESTING) if chance.random() < 0.7 else chance.randrange(1 << 32)
            width, order = chance.choice([(1, ">B"), (2, ">H"), (2, "<H"), (4, ">I"), (4, "<I"), (8, ">Q")])
            packed = struct.pack(order, value & ((1 << (8 * width)) - 1))
            data[place:place + width] = packed[:len(data) - place]
        elif kind == "fourcc":
            # The names of boxes and chunks change places.
            names = [b"moov", b"trak", b"stsd", b"stsz", b"stco", b"stts", b"mdat", b"avcC", b"moof", b"LIST", b"idx1"]
            found = data.find(chance.choice(names))
            if found >= 0:
                data[found:found + 4] = chance.choice(names)
        elif kind == "cut":
            del data[max(1, chance.randrange(len(data))):]
        elif kind == "drop":
            del data[place:place + length]
        elif kind == "repeat":
            data[place:place] = data[place:place + length] * chance.choice([1, 2, 20])
        elif kind == "splice":
            other = clips[chance.choice(sorted(clips))]
            start = chance.randrange(len(other))
            data[place:place + length] = other[start:start + length]
        elif kind == "blank":
            data[place:place + length] = bytes(length)
        steps.append(kind)
        if not data:
            data = bytearray(b"\0")
    return name, bytes(data), steps


def order_of(chance):
    """A request as a scan makes it; most take the cheap source of faces, some everything that the worker can do."""
    order = {"content": "video", "frames": chance.choice([1, 4, 16]), "margin": 0.3,
             "mode": chance.choice(["exact", "exact", "exact", "fast", "keyframes"]), "cropSize": CROP_SIZE,
             "faces": "detect" if chance.random() < 0.1 else "whole-frame", "cpuSeconds": 60}
    draw = chance.random()
    if draw < 0.03:
        order["recompression"] = {"crf": 30, "isHalfSize": chance.random() < 0.5}
    elif draw < 0.05:
        order["content"] = "picture"
    return order


class Worker:
    """A decoder process without a sandbox, which would keep the sanitizer from its report."""

    def __init__(self, program):
        self.program, self.child, self.served = program, None, 0

    def start(self):
        ours, theirs = socket.socketpair()
        self.log = tempfile.TemporaryFile()
        environment = {"PATH": os.environ["PATH"], "SWIFT_BACKTRACE": "enable=no",
                       "ASAN_OPTIONS": "detect_leaks=0:exitcode=99:allocator_may_return_null=1:handle_abort=1"
                                       ":detect_stack_use_after_return=1:soft_rss_limit_mb=2500"}
        self.child = subprocess.Popen(
            ["sh", "-c", f'exec 3<&{theirs.fileno()}; exec "$0" decode-worker --memory 0 --sandbox none', self.program],
            pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.log,
            env=environment)
        theirs.close()
        self.socket, self.served = ours, 0

    def stop(self):
        if self.child:
            self.child.kill()
            self.child.wait()
            self.socket.close()
            self.log.close()
            self.child = None

    def receive(self, count, deadline):
        data = bytearray()
        while len(data) < count:
            if not select.select([self.socket], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError
            part = self.socket.recv(count - len(data))
            if not part:
                raise EOFError
            data += part
        return bytes(data)

    def decode(self, descriptor, order, seconds):
        """The messages of the answer. Raises TimeoutError, EOFError, or ValueError for nonsense."""
        if self.child is None or self.served >= 100 or self.child.poll() is not None:
            self.stop()
            self.start()
        self.served += 1
        payload = json.dumps(order).encode()
        deadline = time.monotonic() + seconds
        socket.send_fds(self.socket, [struct.pack("<II", REQUEST, len(payload))], [descriptor])
        self.socket.sendall(payload)
        messages = []
        while True:
            kind, length = struct.unpack("<II", self.receive(8, deadline))
            if length > 1 << 20:
                raise ValueError(f"a message of {length} bytes")
            messages.append((kind, self.receive(length, deadline)))
            if kind == END:
                check(messages, order)
                return messages


def check(messages, order):
    """Raises ValueError for an answer that a scan would not believe."""
    frames, missing = 0, 0
    for kind, payload in messages:
        if kind == CROP:
            missing -= 1
            if missing < 0 or len(payload) != CROP_SIZE * CROP_SIZE * 3:
                raise ValueError("a crop too many, or of another size")
            continue
        if missing and kind != FAILED and messages[-2][0] != FAILED:
            raise ValueError("a crop is missing")
        if kind == FRAME:
            frame = json.loads(payload)
            frames, missing = frames + 1, len(frame["faces"])
            if frames > order["frames"] or not abs(frame["seconds"]) <= 1e9:
                raise ValueError(f"frame {frames} at {frame['seconds']} s")
        if kind == DONE:
            report = json.loads(payload)
            if not all(math.isfinite(report[name]) and abs(report[name]) <= 1e9 for name in
                       ("reachedSeconds", "declaredSeconds") if report.get(name) is not None):
                raise ValueError(f"{report}")


def run_one(worker, data, order, seconds):
    """-> (what went wrong or None, ended as, messages)."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        try:
            messages = worker.decode(file.fileno(), order, seconds)
        except TimeoutError:
            problem = "hang"
        except (EOFError, BrokenPipeError, ConnectionResetError):
            problem = "crash"
        except ValueError as error:
            problem = f"nonsense: {error}"
        else:
            failed = [json.loads(payload)["reason"] for kind, payload in messages if kind == FAILED]
            return None, failed[0] if failed else "decoded", ""
    if problem == "hang":
        worker.child.kill()
    elif problem == "crash":
        worker.child.wait(60)
    code = worker.child.poll()
    if code is not None and code == -signal.SIGXCPU:
        problem = "hang"
    worker.log.seek(0)
    report = worker.log.read().decode(errors="replace")[-20000:]
    worker.stop()
    return problem, f"code {code}", report


def fuzz(options):
    work = Path(options.work)
    (work / "crashes").mkdir(parents=True, exist_ok=True)
    clips = make_clips(work / "clips")
    state_path = work / "state.json"
    state = {"seed": options.seed, "next": 0, "seconds": 0.0, "problems": 0, "ends": {}, "clips": {}}
    if state_path.exists():
        state = json.loads(state_path.read_text())
        if state["seed"] != options.seed:
            sys.exit(f"{work} belongs to seed {state['seed']}")
    worker = Worker(options.assay)
    start, before = time.monotonic(), state["seconds"]

    def save():
        state["seconds"] = before + time.monotonic() - start
        partial = state_path.with_suffix(".partial")
        partial.write_text(json.dumps(state, indent=1))
        partial.rename(state_path)

    try:
        while time.monotonic() - start < options.minutes * 60 and state["next"] < options.executions:
            number = state["next"]
            chance = random.Random(f"{options.seed}:{number}")
            clip, data, steps = mutate(clips, chance)
            order = order_of(chance)
            problem, end, report = run_one(worker, data, order, options.timeout)
            state["next"] += 1
            state["ends"][end] = state["ends"].get(end, 0) + 1
            state["clips"][clip] = state["clips"].get(clip, 0) + 1
            if problem:
                state["problems"] += 1
                (work / f"crashes/{number}.bin").write_bytes(data)
                (work / f"crashes/{number}.json").write_text(json.dumps(
                    {"number": number, "seed": options.seed, "clip": clip, "steps": steps, "order": order,
                     "problem": problem, "end": end, "report": report}, indent=1))
                print(f"{number} {clip}: {problem}, {end}", flush=True)
            if number % 50 == 0:
                save()
    except KeyboardInterrupt:
        pass
    worker.stop()
    save()
    print(json.dumps(state, indent=1))
    return 1 if state["problems"] else 0


def reproduce(options):
    path = Path(options.reproduce)
    order = json.loads(path.with_suffix(".json").read_text())["order"]
    worker = Worker(options.assay)
    problem, end, report = run_one(worker, path.read_bytes(), order, options.timeout)
    worker.stop()
    print(report)
    print(f"{problem or 'nothing wrong'}, {end}")
    return 1 if problem else 0


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("assay")
    arguments.add_argument("--work", default="fuzz")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--minutes", type=float, default=60)
    arguments.add_argument("--executions", type=int, default=sys.maxsize)
    arguments.add_argument("--timeout", type=float, default=600,
                           help="seconds for one file, those on a busy machine included; of CPU time it gets 60")
    arguments.add_argument("--reproduce", metavar="FILE")
    options = arguments.parse_args()
    sys.exit(reproduce(options) if options.reproduce else fuzz(options))


if __name__ == "__main__":
    main()
