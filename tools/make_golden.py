#!/usr/bin/env python3
"""Writes tests/golden/<layer>.pt: inputs, parameters and PyTorch's results for the tests to compare with.

  python3 tools/make_golden.py                  all layers
  python3 tools/make_golden.py conv2d linear    these

One module below tools/golden/ per layer, named as the test: its `cases(golden)` calls `golden.case`
once per case (golden/golden.py says what a case stores). Needs torch; the files it writes are checked in,
so building and testing need neither torch nor Python.
"""

import importlib
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from golden.golden import Golden  # noqa: E402


def main():
    available = sorted(p.stem for p in (ROOT / "tools" / "golden").glob("*.py") if p.stem != "golden")
    for name in sys.argv[1:] or available:
        if name not in available:
            sys.exit(f"make_golden: no tools/golden/{name}.py; there are {', '.join(available)}")
        golden = Golden()
        importlib.import_module(f"golden.{name}").cases(golden)
        path = ROOT / "tests" / "golden" / f"{name}.pt"
        golden.save(path)
        print(f"{path.relative_to(ROOT)}: {len(golden.tensors)} tensors, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
