"""Commands that are measured: how they run."""
import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TIME_LIMIT_S = 600  # for one run


class Failure(Exception):
    """A run that ended badly; the message is for people."""

    def __init__(self, message, status=None):
        super().__init__(message)
        self.status = status


def say(text):
    """Progress, on standard error."""
    print(text, file=sys.stderr, flush=True)


def build_folder():
    """Where the programs are."""
    return Path(os.environ.get("BUILD", "build"))


def clean_environment():
    """This environment without what would choose a contestant's kernels or threads."""
    environment = dict(os.environ)
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS",
                 "OMP_NUM_THREADS", "MKL_NUM_THREADS", "KERAS_BACKEND", "XLA_FLAGS"):
        environment.pop(name, None)
    environment.setdefault("MNIST", str(ROOT / "data" / "mnist"))
    return environment


def run_command(command, time_limit_s=TIME_LIMIT_S):
    """The standard output of a command; it and all its children end when it fails."""
    with subprocess.Popen(
            [str(word) for word in command], cwd=ROOT, env=clean_environment(), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as process:
        try:
            output, errors = process.communicate(timeout=time_limit_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise Failure(f"no end after {time_limit_s} s") from None
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode:
        last = errors.strip().splitlines()[-1:] or ["no message"]
        raise Failure(f"status {process.returncode}: {last[0]}", process.returncode)
    return output
