#!/usr/bin/env python3
"""The tables of variables in docs/formats.md, made from a results file, whose datasets the program makes from its column tables.

Usage: formats_tables.py OUT.h5 docs/formats.md [--update]
Without --update: says what differs and fails. With it: rewrites the table under every "### `/group`" heading, adds
headings of groups that are not there yet and drops those of groups that are gone; other text is kept.
Exit 77 (skipped) without h5py.
"""
import re
import sys

try:
    import h5py
except ImportError:
    print("skipped: no python3-h5py")
    sys.exit(77)

SECTION = "## Results (HDF5)"
HEAD = "| dataset | dimensions | type | unit | meaning |\n|---|---|---|---|---|\n"


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def type_name(dataset):
    return "text" if h5py.check_string_dtype(dataset.dtype) else dataset.dtype.name


def dimensions(dataset):
    if h5py.h5ds.is_scale(dataset.id):
        return dataset.name.rsplit("/", 1)[1]
    return ", ".join(d[0].name.rsplit("/", 1)[1] for d in dataset.dims)


def unit(dataset):
    value = text(dataset.attrs.get("units", ""))
    return "seconds since the service day" if value.startswith("seconds since") else "" if value == "1" else value


def table(group):
    rows = [f"| `{name}` | {dimensions(item)} | {type_name(item)} | {unit(item)} | {text(item.attrs['long_name'])} |\n"
            for name, item in group.items() if isinstance(item, h5py.Dataset)]
    return HEAD + "".join(rows) if rows else ""


def tables(path):
    """{'/network/nodes': markdown} of the groups with datasets, in the order of the file."""
    found = {}

    def visit(group):
        made = table(group)
        if made:
            found[group.name] = made
        for item in group.values():
            if isinstance(item, h5py.Group):
                visit(item)

    with h5py.File(path, "r") as file:
        visit(file["/"])
    return found


def rewritten(document, found):
    """The document with the tables of `found` in its section on results."""
    before, section = document.split(SECTION, 1)
    end = re.search(r"^## ", section, flags=re.M)
    rest = section[end.start():] if end else ""
    section = section[:end.start()] if end else section
    intro, *parts = re.split(r"^(?=### `)", section, flags=re.M)
    told = {}
    for part in parts:
        name = re.match(r"### `([^`]+)`", part).group(1)
        told[name] = re.sub(r"\n\| dataset \|.*?\n(?=\n|\Z)", "\n@@\n", part, count=1, flags=re.S)
    body = [told.get(name, f"### `{name}`\n\n@@\n\n").replace("@@\n", made) for name, made in found.items()]
    return before + SECTION + intro + "".join(b.rstrip("\n") + "\n\n" for b in body).rstrip("\n") + "\n" + ("\n" + rest if rest else "")


def main():
    results, path = sys.argv[1], sys.argv[2]
    with open(path, encoding="utf-8") as file:
        old = file.read()
    new = rewritten(old, tables(results))
    if new == old:
        print(f"{path}: the tables are those of {results}")
        return 0
    if "--update" in sys.argv[3:]:
        with open(path, "w", encoding="utf-8") as file:
            file.write(new)
        print(f"{path}: rewritten")
        return 0
    import difflib
    sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), new.splitlines(True), path, "the results file", n=0))
    print(f"{path} differs from what the program writes: run tests/lint/formats_tables.py OUT.h5 {path} --update")
    return 1


if __name__ == "__main__":
    sys.exit(main())
