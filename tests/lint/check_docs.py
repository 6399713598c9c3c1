#!/usr/bin/env python3
"""Runs every command of README.md and docs/**/*.md: ```sh blocks line by line, ```python blocks as scripts. A ```yaml block
whose first line is "# out/NAME" is written to that file, for the commands after it.

`build/<preset>/vestsim` stands for the program under test and out/ for a temporary folder. The two scripts that this test
is itself a part of (./demo.sh, ./test.sh) and lines that need a build are checked for existence only.
Also checks that every relative path named in backquotes exists.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED_MODULES = 77


def blocks(text):
    for match in re.finditer(r"^```(\w+)[^\n]*\n(.*?)^```", text, flags=re.M | re.S):
        yield match.group(1), match.group(2)


def run_shell(line, root, program, work):
    command = re.sub(r"build/\w+/vestsim", str(program), line)
    command = re.sub(r"(?<![\w/])out/", f"{work}/", command)
    return subprocess.run(["bash", "-c", command], cwd=root, capture_output=True, text=True)


def check_block(kind, body, root, program, work):
    if kind == "sh":
        for line in body.splitlines():
            line = line.split("#")[0].strip()
            if not line:
                continue
            first = line.split()[0]
            if first in ("./demo.sh", "./test.sh", "cmake", "ctest"):
                if first.startswith("./") and not (root / first).exists():
                    yield f"{first} does not exist"
                continue
            run = run_shell(line, root, program, work)
            if run.returncode not in (0, 3):  # 3: not converged, results written
                yield f"`{line}` ended with {run.returncode}: {run.stderr.strip()[-300:]}"
    elif kind == "yaml" and re.match(r"# out/[\w.-]+\n", body):
        name, content = body[len("# out/"):].split("\n", 1)
        pathlib.Path(work, name).write_text(content, encoding="utf-8")
    elif kind == "python":
        run = subprocess.run(["/usr/bin/python3", "-c", body.replace("out/", f"{work}/")], cwd=root, capture_output=True, text=True)
        if "ModuleNotFoundError" in run.stderr:
            print("python modules missing: block skipped")
        elif run.returncode != 0:
            yield f"python block failed: {run.stderr.strip()[-300:]}"


def check_paths(text, root):
    for match in re.finditer(r"`((?:sim|include|scenarios|analysis|tests|docs)/[\w./-]+)`", text):
        path = match.group(1).rstrip("/")
        if not (root / path).exists() and not list(root.glob(path + "*")):
            yield f"`{match.group(1)}` does not exist"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    program = pathlib.Path(sys.argv[2]).resolve()
    files = [root / n for n in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")] + sorted(root.glob("docs/**/*.md"))
    failures, ran = 0, 0
    folder = pathlib.Path(tempfile.mkdtemp())  # looks like the root to a file in out/ that names ../scenarios
    work = folder / "out"
    work.mkdir()
    (folder / "scenarios").symlink_to(root / "scenarios")
    for path in files:
        text = path.read_text(encoding="utf-8")
        problems = list(check_paths(text, root))
        for kind, body in blocks(text):
            ran += kind in ("sh", "python")
            problems += check_block(kind, body, root, program, work)
        for problem in problems:
            print(f"{path.relative_to(root)}: {problem}")
            failures += 1
    shutil.rmtree(folder)
    print(f"{len(files)} files, {ran} blocks, {failures} problems")
    return 1 if failures or ran == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
