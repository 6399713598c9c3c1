#!/usr/bin/env python3
"""Sizes: functions of at most 70 lines (the allow-list names the kernels that may be longer), files under 1,000 lines,
public headers of at most 250 lines."""
import pathlib
import re
import sys

FUNCTION_MAX = 70
FILE_MAX = 1000
HEADER_MAX = 250


def functions(path):
    """(name, first line, lines) of each function body that starts in column 0, as clang-format lays them out."""
    start, name, header = None, None, ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if start is None:
            if re.match(r"^[A-Za-z_]", line) and not line.startswith(("typedef", "struct", "enum", "static const struct")):
                header = line
            elif line[:1] in (" ", "\t") and header and not header.rstrip().endswith((";", "}")):
                header += " " + line.strip()
            if header.rstrip().endswith("{") and "(" in header and "=" not in header.split("(")[0]:
                found = re.search(r"(\w+)\s*\(", header)
                start, name = number, found.group(1) if found else "?"
            elif header.rstrip().endswith((";", "}", "{")):
                header = ""
        elif line.startswith("}"):
            yield name, start, number - start + 1
            start, header = None, ""


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    allowed = {}
    for line in (root / "tests/lint/long_functions.txt").read_text(encoding="utf-8").splitlines():
        line = line.split("#")[0].strip()
        if line:
            place, limit = line.split()
            allowed[place] = int(limit)
    problems, seen, count, longest = [], set(), 0, ("", 0)
    for path in sorted(root.glob("sim/*/*.c")) + sorted(root.glob("tests/*/*.c")) + sorted(root.glob("include/*/*.h")):
        name = str(path.relative_to(root))
        lines = len(path.read_text(encoding="utf-8").splitlines())
        limit = HEADER_MAX if path.suffix == ".h" else FILE_MAX
        if lines > limit:
            problems.append(f"{name}: {lines} lines, at most {limit}")
        for function, start, length in functions(path):
            count += 1
            longest = max(longest, (f"{name}:{function}", length), key=lambda x: x[1])
            place = f"{name}:{function}"
            if length > allowed.get(place, FUNCTION_MAX):
                problems.append(f"{name}:{start}: {function} has {length} lines, at most {allowed.get(place, FUNCTION_MAX)}")
            if place in allowed:
                seen.add(place)
    for place in sorted(set(allowed) - seen):
        problems.append(f"long_functions.txt: {place} does not exist any more: remove it")
    if count < 100:
        problems.append(f"only {count} functions found below {root}: wrong folder or a broken parser")
    for problem in problems:
        print(problem)
    print(f"{count} functions, longest {longest[0]} with {longest[1]} lines, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
