#!/usr/bin/env python3
"""Installs Assay's Debian package in a fresh Debian 12 root without Swift, uses, upgrades and removes it.

usage: deb_test.py assay_VERSION_ARCH.deb --clips FOLDER [--root FOLDER]

Needs root, mmdebstrap, lintian (make test-deb installs them) and Debian's archive. Prints a line per check; exit 1 when one
fails. The root is made in a temporary folder unless --root names one that is kept.
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

BUILD = Path(__file__).resolve().parents[3] / "pipelines/deploy/debian/build.sh"
failures = []


def check(what, holds, detail=""):
    print(f"{'ok  ' if holds else 'FAIL'}  {what}" + (f": {detail}" if detail and not holds else ""), flush=True)
    if not holds:
        failures.append(what)


def run(*command, **options):
    return subprocess.run(command, text=True, capture_output=True, **options)


class Root:
    """A Debian root that commands run in."""

    def __init__(self, folder):
        self.folder = folder

    def command(self, *words, user=None):
        spec = [f"--userspec={user}:{user}"] if user else []
        return ["chroot", *spec, str(self.folder), "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                "HOME=/tmp", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", *words]

    def run(self, *words, user=None):
        return run(*self.command(*words, user=user))

    def must(self, *words):
        result = self.run(*words)
        if result.returncode != 0:
            sys.exit(f"{' '.join(words)}: {result.returncode}\n{result.stdout}{result.stderr}")
        return result

    def mount(self):
        for kind, name in [("proc", "proc"), ("sysfs", "sys"), ("tmpfs", "dev/shm")]:
            (self.folder / name).mkdir(exist_ok=True)
            subprocess.run(["mount", "-t", kind, kind, str(self.folder / name)], check=True)

    def unmount(self):
        for name in ["dev/shm", "sys", "proc"]:
            run("umount", "-l", str(self.folder / name))

    def size(self):
        return int(run("du", "-sxm", "--exclude=./var/cache/apt/archives", "--exclude=./var/lib/apt/lists", ".",
                       cwd=self.folder).stdout.split()[0])


def upload(clip, path):
    """Copies a clip as an old file: one as new as its scan is scanned again."""
    shutil.copy(clip, path)
    os.utime(path, (1.6e9, 1.6e9))


def rows(root):
    manifest = json.loads((root.folder / "var/lib/assay/manifest.json").read_text())
    return manifest["run"], manifest["videos"]


def scan(*more):
    return ("assay", "scan", "--pipeline", "nightly", "/srv/uploads", "-o", "/var/lib/assay", *more)


def test(package, clips, root):
    older = Path(root.folder, "tmp/older.deb")
    newer = Path(root.folder, "tmp/newer.deb")
    version = run("dpkg-deb", "-f", str(package), "Version").stdout.strip()
    with tempfile.TemporaryDirectory() as folder:
        made = run(str(BUILD), folder, f"{version}~older")
        if made.returncode != 0:
            sys.exit(made.stdout + made.stderr)
        shutil.copy(next(Path(folder).glob("*.deb")), older)
    shutil.copy(package, newer)
    uploads = root.folder / "srv/uploads"
    uploads.mkdir(parents=True, exist_ok=True)
    for clip in sorted(Path(clips).glob("*.mp4")):
        upload(clip, uploads / clip.name)
    count = len(list(uploads.iterdir()))
    assert count > 0, "no clips: make samples"

    lint = run("lintian", "--fail-on", "error", "--suppress-tags",
               "bogus-mail-host,bogus-mail-host-in-debian-changelog,root-in-contact", str(package))
    check("lintian finds no error but for the maintainer's address, which has to be given", lint.returncode == 0,
          lint.stdout)

    shutil.copy("/etc/resolv.conf", root.folder / "etc/resolv.conf")
    root.must("apt-get", "update", "-qq")
    before = root.size()
    root.must("apt-get", "install", "-y", "-qq", "--no-install-recommends", "/tmp/older.deb")
    print(f"      root {before} MiB, with the package and what it needs {root.size()} MiB")
    linked = root.run("ldd", "/usr/bin/assay").stdout
    check("the program needs Debian's libraries only",
          "not found" not in linked and all(
              "=>" not in line or line.split("=>")[1].strip().startswith(("/lib/", "/usr/lib/"))
              for line in linked.splitlines()), linked)
    check("no Swift in the root", root.run("sh", "-c", "command -v swift").returncode != 0)
    elf = run("readelf", "-d", str(root.folder / "usr/bin/assay")).stdout
    check("no folder of the build machine in the search path of libraries", "NEEDED" in elf and all("[$ORIGIN]" in line for line in elf.splitlines() if "RUNPATH" in line), elf)

    doctor = root.run("assay", "doctor", user="assay")
    check("doctor as the service's user", doctor.returncode == 0, doctor.stdout + doctor.stderr)
    first = root.run(*scan(), user="assay")
    check("scan as the service's user", first.returncode in (0, 3), first.stdout + first.stderr)
    header, videos = rows(root)
    check("a row for each upload", len(videos) == count, f"{len(videos)} of {count}")
    check("verdicts", sum(video["verdict"] in ("real", "fake", "undecided") for video in videos) >= 4)
    check("nobody else reads the verdicts", root.run("cat", "/var/lib/assay/manifest.json", user="nobody").returncode != 0)
    for name in ["share/man/man1/assay-scan.1.gz", "share/bash-completion/completions/assay",
                 "share/zsh/vendor-completions/_assay", "share/fish/vendor_completions.d/assay.fish",
                 "share/assay/schema/manifest.schema.json"]:
        check(f"/usr/{name}", (root.folder / "usr" / name).stat().st_size > 500)
    unit = (root.folder / "lib/systemd/system/assay-nightly.service").read_text()
    check("the unit runs the installed program", "ExecStart=/usr/bin/assay " in unit)

    # An upgrade while a scan is at work, with changed settings.
    settings = root.folder / "etc/assay/nightly.yaml"
    settings.write_text(settings.read_text() + "# changed\n")
    for number in range(12):
        upload(next(uploads.glob("c*.mp4")), uploads / f"later-{number}.mp4")
    running = subprocess.Popen(root.command(*scan("--workers", "1"), user="assay"), stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    time.sleep(1.5)
    busy = running.poll() is None
    upgrade = root.run("apt-get", "install", "-y", "-qq", "/tmp/newer.deb")
    check("the upgrade", upgrade.returncode == 0, upgrade.stdout + upgrade.stderr)
    output, _ = running.communicate()
    check("a scan at work during the upgrade ends well", busy and running.returncode in (0, 3), output)
    check("changed settings stay", settings.read_text().endswith("# changed\n"))
    header, videos = rows(root)
    check("its rows", len(videos) == count + 12 and all(v.get("reason") != "crashed" for v in videos))
    after = root.run(*scan(), user="assay")
    header, videos = rows(root)
    check("the next scan keeps every row of the older version that it need not renew",
          after.returncode in (0, 3) and header["keptRows"]["videos"] >= count + 11, json.dumps(header.get("keptRows")))

    root.must("apt-get", "remove", "-y", "-qq", "assay")
    check("removed: program and models are gone",
          not (root.folder / "usr/bin/assay").exists() and not (root.folder / "usr/share/assay").exists())
    check("removed: verdicts and settings stay",
          (root.folder / "var/lib/assay/manifest.json").exists() and settings.exists())
    root.must("apt-get", "purge", "-y", "-qq", "assay")
    left = run("find", str(root.folder), "-xdev", "-name", "*assay*", "-not", "-path", "*/tmp/*").stdout
    check("purged: nothing is left", not left, left)
    check("purged: no user is left", root.run("getent", "passwd", "assay").returncode != 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path)
    parser.add_argument("--clips", required=True)
    parser.add_argument("--root", type=Path)
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("deb_test.py needs root: it installs a package in a root of its own")
    folder = arguments.root or Path(tempfile.mkdtemp(prefix="assay-root-"))
    folder.chmod(0o755) if folder.exists() else None
    if not (folder / "etc").exists():
        subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "bookworm", str(folder)], check=True)
    root = Root(folder)
    root.mount()
    try:
        test(arguments.package, arguments.clips, root)
    finally:
        root.unmount()
        if not arguments.root:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(failures)} checks failed" if failures else "all checks passed")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
