#!/usr/bin/env python3
"""Compares what Assay says of the videos of a folder with FFmpeg's program ffprobe, which decodes them in full.

usage: media_conformance.py FOLDER [--assay .build/release/assay] [--frames 1000]

Every file that a scan accepts is compared by its class (a verdict, or no video), the number of its frames, its duration,
and the times of the sampled frames; faces play no part. What differs is printed as a table, and the exit code is then
1. Needs nothing beside Python's standard library and ffprobe.
"""
import argparse
import bisect
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import unquote_to_bytes

# Demuxers for what Assay takes for no video, although FFmpeg makes pictures of it.
NO_VIDEO = {"image2", "tty", "ico", "ass", "srt", "lrc", "xbin", "txd", "mp3", "flac", "aiff", "wav"}
# Disposition flags of streams that are no video tracks.
NO_TRACK = ("attached_pic", "timed_thumbnails")
# Seconds by which a frame's time may differ: some containers round to a millisecond.
TIME_TOLERANCE = 0.002
# Seconds that a broadcast's clock may step before it is taken to have started over, back and forth.
LARGEST_STEP = (1, 600)


@dataclass
class Reference:
    """What ffprobe says of a video stream."""
    container: str = ""
    codec: str = ""
    # Seconds since the first frame, ascending, how long the last frame is shown, and the duration by the header.
    times: tuple = ()
    last: float = 0.0
    declared: float = 0.0
    error: str = ""


def run(arguments):
    return subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def reference(path, stream):
    """stream: position of the video stream; None for the one that players show."""
    source = b"file:" + path
    probe = run(["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", source])
    described = json.loads(probe.stdout or b"{}")
    container = described.get("format", {}).get("format_name", "")
    result = Reference(container=container, error=probe.stderr.decode(errors="replace").strip().split("\n")[-1])
    if container.endswith("_pipe") or container in NO_VIDEO:
        return result
    tracks = [s for s in described.get("streams", []) if s.get("codec_type") == "video"
              and not any(s.get("disposition", {}).get(flag) for flag in NO_TRACK)]
    if stream is None:
        shown = [s for s in tracks if s.get("disposition", {}).get("default")] or tracks
        stream = shown[0]["index"] if shown else None
    chosen = next((s for s in tracks if s["index"] == stream), None)
    if chosen is None:
        return result
    result.codec = chosen.get("codec_name", "")
    result.declared = float(chosen.get("duration", 0))
    decode = run(["ffprobe", "-v", "error", "-select_streams", str(stream), "-of", "json", "-show_entries",
                  "frame=best_effort_timestamp,pkt_duration,duration", source])
    frames = json.loads(decode.stdout or b"{}").get("frames", [])
    if not frames:
        result.error = decode.stderr.decode(errors="replace").strip().split("\n")[-1] or result.error
        return result
    tick = float(Fraction(chosen["time_base"]))
    pts = [frame.get("best_effort_timestamp") for frame in frames]
    if None in pts:
        # A stream without a container has no times but those of its frame rate.
        times = [number / float(Fraction(chosen["r_frame_rate"])) for number in range(len(frames))]
    else:
        times = evened_out([time * tick for time in pts])
    result.times = tuple(sorted(time - min(times) for time in times))
    result.last = float(frames[-1].get("duration", frames[-1].get("pkt_duration", 0))) * tick
    return result


def evened_out(times):
    """Without the jumps of clocks that start over: what follows goes on one frame later, as in Assay."""
    shift, result = 0.0, times[:1]
    for before, time in zip(times, times[1:]):
        step = time - before
        if step < -LARGEST_STEP[0] or step > LARGEST_STEP[1]:
            shift += (result[-1] - result[-2] if len(result) > 1 else 0) - step
        result.append(time + shift)
    return result


def scan(assay, folder, frames):
    with tempfile.TemporaryDirectory() as output:
        done = subprocess.run([assay, "scan", folder, "-o", output, "--frames", str(frames), "--faces", "whole-frame",
                               "--timeout", "3600", "--quiet"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
        # 3: some files have no verdict.
        if done.returncode not in (0, 3):
            sys.exit(f"assay scan ended with {done.returncode}: {done.stderr.strip()}")
        with open(os.path.join(output, "manifest.json"), encoding="utf-8") as file:
            return json.load(file)["videos"]


def path_of(row):
    return unquote_to_bytes(row["pathBytes"]) if row.get("pathBytes") else os.fsencode(row["path"])


def sampled_seconds(row):
    base = row.get("timeBase") or {"numerator": 1, "denominator": 1000}
    tick = base["numerator"] / base["denominator"]
    pts = sorted(box["pts"] for track in row["tracks"] for box in track["boxes"])
    return [time * tick for time in pts]


def distance(times, time):
    """From a time to the nearest of several."""
    place = bisect.bisect(times, time)
    return min(abs(time - other) for other in times[max(0, place - 1):place + 1])


def time_differences(row, times, all_frames):
    """Sampled frames whose time no frame of ffprobe has, counted from the first one."""
    sampled = sampled_seconds(row)
    if not sampled:
        return []
    # All frames begin with the first. Of a sample, only distances are known: the first one lies somewhere.
    candidates = [0.0] if all_frames else times
    tick = TIME_TOLERANCE
    best = None
    for start in candidates:
        wrong = [time - sampled[0] for time in sampled if distance(times, time - sampled[0] + start) > tick]
        if best is None or len(wrong) < len(best):
            best = wrong
        if not best:
            break
    return best


def differences(row, known, asked):
    """Pairs of what differs: (name, Assay's, ffprobe's)."""
    failed = row["verdict"] == "failed"
    mine = f"failed: {row['reason']}: {row['message']}" if failed else row["verdict"]
    if failed != (not known.times):
        return [("class", mine, f"{len(known.times)} frames of {known.codec}" if known.times else known.error or "none")]
    if failed:
        return []
    found = []
    decoded, count = row["frames"]["decoded"], len(known.times)
    if decoded != min(count, asked):
        found.append(("frames", str(decoded), str(min(count, asked))))
    duration, span = row["durationSeconds"], known.times[-1] + known.last
    # The last frame may have no duration of its own.
    tolerance = 0.05 + 0.01 * span + known.last + (known.times[-1] - known.times[-2] if count > 1 else 0)
    # Only the header tells that the last frame of an Ogg file is held.
    spans = [span, known.declared] if known.container == "ogg" else [span]
    if duration is None or all(abs(duration - seconds) > tolerance for seconds in spans):
        found.append(("duration", f"{duration} s", f"{span:.3f} s"))
    wrong = time_differences(row, known.times, decoded == count)
    if wrong:
        found.append(("times", f"{len(wrong)} of {decoded} are no frame's, the first at {wrong[0]:.3f} s",
                      f"{count} frames in {known.times[-1]:.3f} s"))
    return found


def print_table(rows):
    heading = ("FILE", "WHAT", "ASSAY", "FFPROBE", "WARNINGS")
    widths = [min(60, max(len(row[i]) for row in [heading, *rows])) for i in range(len(heading))]
    for row in [heading, *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--assay", default=".build/release/assay")
    parser.add_argument("--frames", type=int, default=1000, help="frames sampled of each video; default: 1000")
    options = parser.parse_args()
    videos = scan(options.assay, options.folder, options.frames)
    table, kinds = [], Counter()
    for row in videos:
        path = path_of(row)
        deciding = [t["stream"] for t in row.get("videoTracks") or [] if t.get("isDeciding")]
        known = reference(path, deciding[0] if deciding else None)
        kinds[f"{known.container or 'no container'}/{known.codec or 'no video'}"] += 1
        name = os.path.relpath(path, os.fsencode(os.path.abspath(options.folder))).decode(errors="backslashreplace")
        warnings = "; ".join(w["message"] for w in row["warnings"] if w["code"] != "crop_contract")
        table += [(name, *difference, warnings) for difference in differences(row, known, options.frames)]
    if table:
        print_table(table)
        print()
    differing = len({row[0] for row in table})
    print(f"{len(videos)} files of {len(kinds)} kinds compared; {differing} differ")
    sys.exit(1 if table else 0)


if __name__ == "__main__":
    main()
