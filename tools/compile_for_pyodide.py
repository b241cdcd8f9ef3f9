"""Compiles to bytecode in Pyodide, with Pyodide's compiler; see compile_for_pyodide.mjs."""

import importlib._bootstrap_external as bootstrap
import io
import sys
import traceback
import zipfile
import zipimport

# Modules that the standard library does not need: a Python may be built without them.
OPTIONAL = ("ssl", "_ssl", "bz2", "lzma", "compression")


def compiled(path: str) -> bytes:
    """Returns the ``.pyc`` of a file."""
    with open(path, "rb") as file:
        return _pyc(file.read(), path)


def _pyc(source: bytes, path: str) -> bytes:
    # Without docstrings and assertions, and valid without its source.
    code = compile(source, path, "exec", dont_inherit=True, optimize=2)
    return bytes(bootstrap._code_to_hash_pyc(code, bytes(8), False))  # type: ignore[attr-defined]


def standard_library() -> bytes:
    """Returns an archive of the modules that are imported by now, and of no others."""
    # To format an error imports more modules.
    traceback.format_exception(ValueError())
    files = {}
    for name, module in list(sys.modules.items()):
        loader = getattr(module, "__loader__", None)
        if isinstance(loader, zipimport.zipimporter) and name.split(".")[0] not in OPTIONAL:
            source = str(module.__file__).removesuffix("c")
            path = source.removeprefix(f"{loader.archive}/")
            files[path] = _pyc(loader.get_data(source), path)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path, content in sorted(files.items()):
            # A fixed date, so that the same sources give the same bytes.
            entry = zipfile.ZipInfo(f"{path}c")
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=9)
    return out.getvalue()
