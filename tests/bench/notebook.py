"""What was measured, as files: RESULTS/SECTION.json and RESULTS/machine.json.

A section's file has facts about the measurement and the section's own result, round by round; the
statistics are made when the page is.
"""
import json


def read(folder, name):
    """What a file holds; nothing is {}."""
    path = folder / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def write(folder, name, document):
    """Make or replace a file."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, indent=1) + "\n"
    (folder / f"{name}.json").write_text(text, encoding="utf-8")


class Notebook:
    """The file of a section that is being measured. It follows every change."""

    def __init__(self, folder, name, facts):
        """Begin with the result of an earlier measurement."""
        self.folder, self.name, self.facts = folder, name, facts
        self.result = read(folder, name).get("result", {})

    def keep(self, result):
        """The result so far."""
        self.result = result
        write(self.folder, self.name, {**self.facts, "result": result})

    def keep_facts(self, **facts):
        """More facts about the measurement."""
        self.facts.update(facts)
        self.keep(self.result)
