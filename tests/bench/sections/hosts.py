"""A step over a link of limited rate, between two hosts that are namespaces of this machine."""
from commands import Failure, run_command
from markdown import block

TITLE = "Two hosts"

COMMAND = ["tests/hosts/bench_link", "1gbit"]
TIME_LIMIT_S = 1800
CANNOT = 69  # the script's status where the machine cannot have hosts


def measure(options, book):
    """What the script prints, or why it cannot run. It repeats everything by itself."""
    venv = [options.venv] if (options.venv / "bin" / "python").exists() else []
    try:
        book.keep({"output": run_command([*COMMAND, *venv], TIME_LIMIT_S).splitlines()})
    except Failure as failure:
        if failure.status != CANNOT:
            raise
        book.keep({"left_out": str(failure).rpartition("bench_link: ")[2]})


def lines(result):
    """The section on the page."""
    if "left_out" in result:
        return [f"Left out on this machine: {result['left_out']}."]
    return [
        "784-512-10, RMSprop, batch 128 in 2 shards, a rank on each of two hosts, and 1 Gbit/s "
        "between them. The hosts are namespaces of one machine; what is compared was run in turn, "
        "three times for epochs.", "",
        *block("text", result["output"]), "",
        *block("sh", [" ".join([*COMMAND, "build/peers_venv"])])]
