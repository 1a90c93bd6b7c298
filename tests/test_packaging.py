"""What is installed is what stands in the repository."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_every_file_that_is_not_code_is_installed_with_its_package():
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    for package in setup["importlinter"]["root_packages"]:
        folder, globs = ROOT / package, setup["setuptools"]["package-data"].get(package, ())
        there = {path for path in folder.rglob("*") if _is_data(path)}
        packed = {path for one in globs for path in folder.glob(one)}
        assert there - packed == set(), package


def _is_data(path: Path) -> bool:
    return path.is_file() and path.suffix not in (".py", ".pyc")
