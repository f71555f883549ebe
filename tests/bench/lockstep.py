"""Lockstep's own commands: training, what it measures of itself, and what it is.

`words` are those of a command of `lockstep`, as in ["bench", "reduce"].
"""
import csv
import json
import re
import shlex
import tempfile
from pathlib import Path

from commands import TIME_LIMIT_S, Failure, build_folder, run_command

# A training that does nothing but train.
BARE = {"data.validation": "null", "report.curves": "false", "checkpoint.every_epochs": "null"}


def program():
    """The program that is measured."""
    return build_folder() / "lockstep"


def shown(ranks, words):
    """A command as the page tells it; no folder of this machine is in it."""
    return shlex.join(["launch/local", "-n", str(ranks), "build/lockstep", *map(str, words)])


def run(ranks, words):
    """The standard output of a command on so many ranks."""
    bounds = ["--timeout", TIME_LIMIT_S - 10]
    return run_command(["launch/local", "-n", ranks, *bounds, program(), *words])


def changed(config, changes):
    """The words for a configuration of configs/ with some keys changed."""
    words = [f"configs/{config}.yaml"]
    for key, value in changes.items():
        words += ["--set", f"{key}={value}"]
    return words


def train(ranks, config, changes):
    """The epochs of a training into a temporary folder, from its metrics.csv."""
    with tempfile.TemporaryDirectory() as folder:
        run(ranks, ["train", *changed(config, {**BARE, **changes}), "--quiet", "--out", folder,
                    "--force"])
        with open(Path(folder) / "metrics.csv", encoding="utf-8") as file:
            return [{"epoch": int(row["epoch"]), "seconds": float(row["seconds"]),
                     "loss": float(row["loss"])} for row in csv.DictReader(file)]


def parameter_hash(ranks, config, changes):
    """The hash of the parameters that a training ends with."""
    with tempfile.TemporaryDirectory() as folder:
        output = run(ranks, ["train", *changed(config, {**BARE, **changes}), "--out", folder,
                             "--force"])
    found = re.search(r"^parameters xxh3:([0-9a-f]{32})\s*$", output, re.MULTILINE)
    if not found:
        raise Failure("a training that printed no hash")
    return found[1]


def bench(ranks, words):
    """The rows of `lockstep bench`; `words` begin behind that."""
    return json.loads(run(ranks, ["bench", *words, "--json"]))["rows"]


def info():
    """What `lockstep info` knows, as JSON has it."""
    return json.loads(run_command([program(), "info", "--json"]))


def version():
    """The version and the revision of the program."""
    revision = run_command(["git", "describe", "--always", "--dirty"]).strip()
    return f"{run_command([program(), '--version']).strip()}, revision {revision}"
