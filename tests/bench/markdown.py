"""Figures, tables and commands as Markdown."""
from statistics import median

NONE = "–"


def significant(number):
    """Three significant digits, never with an exponent."""
    digits = 0
    while digits < 4 and abs(number) * 10**digits < 100:
        digits += 1
    return f"{number:.{digits}f}"


def with_spread(values, unit=""):
    """The median of the rounds and, of several, their lowest and highest."""
    text = significant(median(values)) + unit
    if len(values) > 1:
        text += f" ({significant(min(values))} to {significant(max(values))})"
    return text


def row(*cells):
    """A line of a table."""
    return "| " + " | ".join(cells) + " |"


def head(*cells):
    """The first two lines of a table."""
    return [row(*cells), row(*["---"] * len(cells))]


def block(kind, lines):
    """Lines as they are: output (text) or commands (sh)."""
    return [f"```{kind}", *lines, "```"]
