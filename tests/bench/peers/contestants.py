"""What is compared: the workloads, and the contestants with the command that runs each of them.

A run of a contestant gives its epochs, a list of {"epoch", "seconds", "loss"}; the first of them
is the warm-up.
"""
import json
from pathlib import Path
from typing import NamedTuple

import lockstep
from commands import run_command

PEERS = Path(__file__).resolve().parent
CORES = 2  # what every contestant may use, but for those with a single rank or thread

TITLES = {"rmsprop": "RMSprop", "adam": "Adam", "sgd": "SGD"}


class Workload(NamedTuple):
    """A network, its optimizer, and the global batch."""
    layers: str
    optimizer: str
    batch: int

    @property
    def name(self):
        """As --only matches it."""
        return f"{self.layers} {self.optimizer} {self.batch}"

    @property
    def title(self):
        """As the tables show it."""
        return f"{self.layers}, {TITLES[self.optimizer]}, batch {self.batch}"


class Contestant(NamedTuple):
    """A row's competitor. `decisive` ones enter a ratio that the comparison is made for."""
    name: str
    group: str
    title: str
    decisive: bool
    threads: int
    ranks: int


WORKLOADS = [
    Workload("784-512-10", "rmsprop", 128),
    Workload("784-512-10", "rmsprop", 1024),
    Workload("784-512-10", "adam", 32),
    *(Workload("784-32-32-10", "sgd", batch) for batch in (8, 32, 128, 512, 4096)),
    Workload("784-1024-1024-10", "rmsprop", 128),
    Workload("784-1024-1024-10", "rmsprop", 1024),
]

CONTESTANTS = [
    Contestant("lockstep-2", "lockstep", "Lockstep, 2 ranks", True, 1, CORES),
    Contestant("lockstep-1", "lockstep", "Lockstep, 1 rank", True, 1, 1),
    Contestant("torch-1", "torch", "PyTorch, 1 thread", False, 1, 1),
    Contestant("torch-2", "torch", "PyTorch, 2 threads", True, CORES, 1),
    Contestant("ddp-2", "torch", "PyTorch DDP, 2 ranks", True, 1, CORES),
    Contestant("jax", "jax", "JAX", True, CORES, 1),
    Contestant("keras", "keras", "Keras", False, CORES, 1),
]

GROUPS = ["lockstep", "torch", "jax", "keras"]


def lockstep_layers(layers):
    """784-512-10 as the value of model.layers."""
    widths = layers.split("-")[1:]
    kinds = ["relu"] * (len(widths) - 1) + ["softmax"]
    items = [f"{{dense: {{units: {width}, activation: {kind}}}}}"
             for width, kind in zip(widths, kinds)]
    return "[" + ", ".join(items) + "]"


def run_lockstep(contestant, workload, epochs):
    """Train with Lockstep."""
    config = "mnist_512" if workload.layers.count("-") == 2 else "mnist_32"
    return lockstep.train(contestant.ranks, config, {
        "model.layers": lockstep_layers(workload.layers),
        "optimizer.name": workload.optimizer,
        "optimizer.learning_rate": 0.01 if workload.optimizer == "sgd" else 0.001,
        "training.batch_size": workload.batch,
        "training.epochs": epochs,
        "training.shards": CORES,
    })


def run_peer(python, contestant, workload, epochs):
    """Run a peer's script with the Python of its virtual environment."""
    output = run_command([
        python, PEERS / f"{contestant.group}_bench.py", "--layers", workload.layers,
        "--optimizer", workload.optimizer, "--batch", workload.batch, "--epochs", epochs,
        "--threads", contestant.threads, "--ranks", contestant.ranks])
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]
