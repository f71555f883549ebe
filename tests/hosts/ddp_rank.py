"""One rank of PyTorch's DDP over gloo on the hosts of tests/hosts/cluster, started by mpirun.

The training is that of tests/bench/peers/torch_bench.py. STORE names the file in which ranks meet.
"""
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench" / "peers"))

import peer  # noqa: E402
import torch_bench  # noqa: E402


def main():
    """Join the group that mpirun has started."""
    arguments = peer.parse_arguments(__doc__)
    arguments.ranks = int(os.environ["OMPI_COMM_WORLD_SIZE"])
    os.environ["GLOO_SOCKET_IFNAME"] = "data"
    torch_bench.run_rank(
        int(os.environ["OMPI_COMM_WORLD_RANK"]), arguments, os.environ["STORE"])


if __name__ == "__main__":
    main()
