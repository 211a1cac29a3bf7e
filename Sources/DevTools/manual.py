#!/usr/bin/env python3
"""Writes a man page per command from the program's description of its own options.

usage: manual.py ASSAY FOLDER      (FOLDER/assay.1, FOLDER/assay-scan.1, ...)

ASSAY --experimental-dump-help is ArgumentParser's description (ToolInfoV0).
"""
import datetime
import json
import os
import re
import subprocess
import sys
from pathlib import Path


def roff(text):
    """Text as roff: backslashes, hyphens of options, and control characters at the start of a line."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"(?m)^([.'])", r"\\&\1", text)


def option(argument):
    """How an argument is written: names in bold, the value in italics."""
    value = argument.get("valueName", "")
    if argument["kind"] == "positional":
        return f"\\fI{roff(value)}\\fR" + ("..." if argument["isRepeating"] else "")
    names = ", ".join(
        "\\fB" + roff(("-" if name["kind"] == "short" else "--") + name["name"]) + "\\fR" for name in argument["names"])
    return names + (f" \\fI{roff(value)}\\fR" if argument["kind"] == "option" else "")


def entry(argument):
    text = argument.get("abstract", "")
    if argument.get("allValues"):
        text += f" (one of: {', '.join(argument['allValues'])})"
    if "defaultValue" in argument:
        text += f" (default: {argument['defaultValue']})"
    return [".TP", option(argument), roff(text)]


def page(command, date, version):
    full = command.get("superCommands", []) + [command["commandName"]]
    name = "-".join(full)
    lines = [
        f'.TH "{name.upper()}" "1" "{date}" "assay {version}" "Assay"', ".SH NAME",
        f"{roff(name)} \\- {roff(command['abstract'].rstrip('.'))}", ".SH SYNOPSIS"]
    arguments = [a for a in command.get("arguments", []) if a["shouldDisplay"]]
    shown = [c for c in command.get("subcommands", []) if c["shouldDisplay"] and c["commandName"] != "help"]
    synopsis = "\\fB" + roff(" ".join(full)) + "\\fR"
    if shown:
        synopsis += " \\fIcommand\\fR"
    for argument in arguments:
        if argument["kind"] == "positional" or not argument["isOptional"]:
            written = option(argument).split(", ")[-1]
            synopsis += f" [{written}]" if argument["isOptional"] else f" {written}"
    lines.append(synopsis + " [\\fIoptions\\fR]")
    if command.get("discussion"):
        lines.append(".SH DESCRIPTION")
        for paragraph in command["discussion"].split("\n\n"):
            example = re.match(r"Example(s?): ", paragraph)
            lines += [".PP", roff(paragraph)] if not example else [
                ".PP", "Example" + example[1] + ":", ".RS", ".nf", roff(paragraph[example.end():]), ".fi", ".RE"]
    if shown:
        lines.append(".SH COMMANDS")
        for sub in shown:
            lines += [".TP", "\\fB" + roff("-".join(full + [sub["commandName"]])) + "\\fR(1)", roff(sub["abstract"])]
    titles = []
    for argument in arguments:
        title = argument.get("sectionTitle") or ("Arguments" if argument["kind"] == "positional" else "Options")
        if title not in titles:
            titles.append(title)
    for title in titles:
        lines.append(f'.SH "{title.upper()}"')
        for argument in arguments:
            own = argument.get("sectionTitle") or ("Arguments" if argument["kind"] == "positional" else "Options")
            if own == title:
                lines += entry(argument)
    related = ["assay"] if len(full) > 1 else []
    lines += [".SH SEE ALSO", ", ".join(f"\\fB{roff(r)}\\fR(1)" for r in related) or
              "The pages of the commands above; the documentation in the package's doc folder."]
    return name, "\n".join(lines) + "\n"


def pages(command, date, version):
    if not command["shouldDisplay"] or command["commandName"] == "help":
        return
    yield page(command, date, version)
    for sub in command.get("subcommands", []):
        yield from pages(sub, date, version)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, folder = os.path.abspath(sys.argv[1]), Path(sys.argv[2])
    ask = lambda *options: subprocess.run([program, *options], check=True, capture_output=True, text=True).stdout
    description = json.loads(ask("--experimental-dump-help"))
    # The program's own day, so that the same program gives the same pages.
    date = datetime.date.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", os.stat(program).st_mtime))).isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages(description["command"], date, ask("--version").strip()):
        (folder / f"{name}.1").write_text(text)


if __name__ == "__main__":
    main()
