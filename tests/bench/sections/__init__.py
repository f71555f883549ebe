"""The sections of the page, in its order: a module each, and a row in SECTIONS.

A section has
    TITLE                     its heading
    measure(options, book)    measures, and keeps a result that is JSON: book.keep(result)
    lines(result)             the section as lines of Markdown, from such a result
    HAS_PARTS = True          only where measure() adds to the earlier result, book.result
"""
from sections import hosts, peers, ranks, reduction, shards, step

SECTIONS = {"peers": peers, "step": step, "shards": shards, "reduction": reduction, "ranks": ranks,
            "hosts": hosts}
