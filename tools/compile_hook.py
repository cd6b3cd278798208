"""Compiles what every event passes through into the wheel, with mypyc.

hatchling calls this where ``HATCH_BUILD_HOOK_ENABLE_CUSTOM=true`` is set while the wheel is built.
The sources are those of the pure wheel, and lie beside what was compiled of them.
"""

from __future__ import annotations

import os
import shutil
from contextlib import chdir
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

COMPILED = (
    "board.py",
    "column.py",
    "masks/*.py",
    "pattern_index.py",
    "projection.py",
    "reader.py",
    "shape.py",
    "table.py",
    "trie.py",
)
"""Below ``eventroute/pattern/index``."""


class CompileHook(BuildHookInterface[Any]):
    """See the module."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile, and add the results to the wheel."""
        from mypyc.build import mypycify  # noqa: PLC0415  only where it is enabled
        from setuptools import Distribution  # noqa: PLC0415

        self._folder = Path(mkdtemp(prefix="eventroute-"))
        shutil.copytree(Path(self.root, "eventroute"), self._folder / "eventroute")
        os.environ.setdefault("MYPY_CACHE_DIR", str(self._folder / ".cache"))
        with chdir(self._folder):
            index = Path("eventroute", "pattern", "index")
            sources = sorted(str(path) for name in COMPILED for path in index.glob(name))
            extensions = mypycify(["--ignore-missing-imports", *sources], opt_level="3")
            command: Any = Distribution({"ext_modules": extensions}).get_command_obj("build_ext")
            command.build_lib, command.build_temp = "compiled", "objects"
            command.ensure_finalized()
            command.run()
        compiled = self._folder / "compiled"
        for path in compiled.rglob("*"):
            if path.is_file():
                build_data["force_include"][str(path)] = str(path.relative_to(compiled))
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Tidy up."""
        shutil.rmtree(self._folder, ignore_errors=True)
