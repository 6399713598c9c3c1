#!/usr/bin/env python3
"""Plants one fault at a time in a copy of the sources and demands that the lint finds it."""
import pathlib
import shutil
import subprocess
import sys
import tempfile

FAULTS = [
    ("check_layers.py", "sim/base/err.c", '#include "world/network.h"\n', "must not include"),
    ("check_layers.py", "sim/model/choice.c", "#include <hdf5.h>\n", "third-party header"),
    ("check_layers.py", "sim/world/network.c", 'static void talk(void) {\n    printf("x");\n}\n', "not allowed below cli"),
    ("check_layers.py", "sim/model/growth.c", "static int who(void) {\n    return omp_get_thread_num();\n}\n", "OpenMP run-time"),
    ("check_layers.py", "include/world/plan.h", "int wrongly_named(int x);\n", "lacks the prefix"),
    ("check_size.py", "sim/model/growth.c", "static int tall(void) {\n" + "    ;\n" * 80 + "    return 0;\n}\n", "at most 70"),
    ("check_size.py", "sim/world/plan.c", "// line\n" * 1000, "at most 1000"),
]


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    failures = 0
    for script, name, text, expected in FAULTS:
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder)
            for part in ("sim", "include", "tests/lint"):
                shutil.copytree(root / part, copy / part)
            shutil.copy(root / "CMakeLists.txt", copy)
            path = copy / name
            path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
            run = subprocess.run([sys.executable, str(copy / "tests/lint" / script), str(copy)], capture_output=True, text=True)
            found = run.returncode == 1 and expected in run.stdout
            print(("found   " if found else "MISSED  ") + f"{script}: {name}: {expected}")
            failures += 0 if found else 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
