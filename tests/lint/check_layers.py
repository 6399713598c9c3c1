#!/usr/bin/env python3
"""Layers: cli -> {loop, io} -> model -> world -> base, and what each layer may use.

Fails on an include that points up or sideways, a third-party header outside io, a forbidden call below cli, an OpenMP
run-time call outside base/par*, a source file that CMake does not list, and a public function without its module's
prefix.
"""
import pathlib
import re
import sys

ALLOWED = {
    "base": {"base"},
    "world": {"base", "world"},
    "model": {"base", "world", "model"},
    "loop": {"base", "world", "model", "loop"},
    "io": {"base", "world", "model", "io"},
    "cli": {"base", "world", "model", "loop", "io", "cli"},
}
STANDARD = {
    "assert.h", "stdalign.h", "sanitizer/asan_interface.h", "ctype.h", "errno.h", "fcntl.h", "float.h", "getopt.h", "inttypes.h", "limits.h", "locale.h", "math.h",
    "signal.h", "stdarg.h", "stdatomic.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h", "string.h",
    "sys/stat.h", "sys/types.h", "sys/resource.h", "sys/wait.h", "sched.h", "pthread.h", "threads.h", "time.h", "unistd.h", "dirent.h",
    "libgen.h", "sys/mman.h", "sys/utsname.h",
}
ALSO = {"base": {"omp.h"}, "model": {"metis.h"}}  # METIS orders graphs; it reads and writes no files
FORBIDDEN_BELOW_CLI = re.compile(r"(?<![\w.>])(printf|puts|putchar|exit|_exit|abort|rand|srand|random|system)\s*\(")
NONDETERMINISM = re.compile(r"reduction\s*\(\s*\+\s*:|omp\s+atomic|omp\s+critical|schedule\s*\(\s*(static|dynamic|guided)")
OMP_CALL = re.compile(r"\bomp_\w+\s*\(")


def strip_comments(text):
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group(0).count("\n"), text, flags=re.S)
    text = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text)
    return re.sub(r"//[^\n]*", "", text)


def layer_of(path, root):
    parts = path.relative_to(root).parts
    return parts[1] if parts[0] in ("sim", "include") and len(parts) > 2 else None


def check_file(path, root, problems):
    layer = layer_of(path, root)
    text = path.read_text(encoding="utf-8")
    name = str(path.relative_to(root))
    for number, line in enumerate(text.splitlines(), 1):
        include = re.match(r'\s*#\s*include\s+(["<])([^">]+)[">]', line)
        if not include:
            continue
        quote, target = include.groups()
        if quote == '"':
            if "/" in target and target.split("/")[0] not in ALLOWED[layer]:
                problems.append(f"{name}:{number}: layer {layer} must not include {target}")
        elif target not in STANDARD and layer != "io" and target not in ALSO.get(layer, ()):
            problems.append(f"{name}:{number}: third-party header <{target}> outside io")
    code = strip_comments(text)
    for number, line in enumerate(code.splitlines(), 1):
        if layer != "cli" and FORBIDDEN_BELOW_CLI.search(line) and not (name.endswith("base/err.c") and "abort" in line):
            problems.append(f"{name}:{number}: {line.strip()[:60]} is not allowed below cli")
        if OMP_CALL.search(line) and not path.name.startswith("par"):
            problems.append(f"{name}:{number}: OpenMP run-time call outside base/par")
        if NONDETERMINISM.search(line) and not path.name.startswith("par"):
            problems.append(f"{name}:{number}: not deterministic for every schedule: {line.strip()[:60]}")
        if "#pragma omp" in line and layer in ("world", "io", "cli"):
            problems.append(f"{name}:{number}: parallel code in {layer}")


def check_prefix(path, root, problems):
    """A public header's functions start with the module's name (headers named x_y may use prefix x)."""
    module = path.stem
    prefixes = {module, module.split("_")[0]}
    extra = {"dmath": {"dmath"}, "mem": {"arena", "mem"}, "table": {"table", "idmap"}, "world_year": {"world_year"}}
    prefixes |= extra.get(module, set())
    code = strip_comments(path.read_text(encoding="utf-8"))
    for match in re.finditer(r"^(?!static|typedef|#|\s)[\w\s\*]*?\b(\w+)\s*\([^;{]*\)\s*(?:ERR_PRINTF\([^)]*\))?;", code, flags=re.M):
        function = match.group(1)
        if function.isupper() or function in ("defined", "ERR_PRINTF"):
            continue
        if not any(function.startswith(p + "_") for p in prefixes):
            problems.append(f"{path.relative_to(root)}: function {function} lacks the prefix {module}_")


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    problems = []
    files = sorted(root.glob("sim/*/*.[ch]")) + sorted(root.glob("include/*/*.h"))
    if len(files) < 40:
        problems.append(f"only {len(files)} files found below {root}: wrong folder?")
    cmake = (root / "CMakeLists.txt").read_text(encoding="utf-8")
    for path in files:
        check_file(path, root, problems)
        if path.suffix == ".h" and path.parts[-3] == "include":
            check_prefix(path, root, problems)
        if path.suffix == ".c" and not re.search(rf"\b{path.stem}\b", cmake):
            problems.append(f"{path.relative_to(root)}: not listed in CMakeLists.txt")
    for problem in problems:
        print(problem)
    print(f"{len(files)} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
