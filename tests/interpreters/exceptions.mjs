// node exceptions.mjs micropython.wasm
//
// Raises exceptions in MicroPython and prints what happens to each.

import { pathToFileURL } from "node:url";

const folder = `${process.cwd()}/node_modules/@micropython/micropython-webassembly-pyscript`;
const { loadMicroPython } = await import(pathToFileURL(`${folder}/micropython.mjs`).href);
const python = await loadMicroPython({ url: process.argv[2] });

python.runPython(`
def tries(depth, log):
    try:
        if depth == 0:
            return {}["absent"]
        return tries(depth - 1, log)
    except KeyError:
        log.append(depth)
        if depth < 4:
            raise
    except ValueError:
        log.append("never")
    finally:
        log.append("finally")

def deep(n):
    return deep(n + 1)

def steps():
    try:
        yield 1
        yield int("no number")
    except ValueError as error:
        yield str(error)
    finally:
        print("steps end")

class Manager:
    def __enter__(self):
        return self
    def __exit__(self, kind, error, trace):
        print("left with", kind.__name__, error)
        return kind is OSError

log = []
tries(6, log)
print(log)
try:
    deep(0)
except RuntimeError as error:
    print("RuntimeError", error)
print(list(steps()))
with Manager():
    raise OSError(2)
try:
    with Manager():
        import absent
except ImportError as error:
    print(error)
try:
    exec("1 +")
except SyntaxError as error:
    print("SyntaxError", error)
caught = 0
for number in range(5000):
    try:
        [][number]
    except IndexError:
        caught += 1
print(caught)

def fails(word):
    raise TypeError(word)

def calls(function):
    try:
        return function("from JavaScript")
    except TypeError as error:
        return "caught " + str(error)
`);

const [fails, calls] = ["fails", "calls"].map((name) => python.globals.get(name));
try {
  fails("uncaught");
} catch (error) {
  console.log(error.name, error.type, error.message.split("\n").at(-2));
}
console.log(calls(fails));
console.log(calls((/** @type {string} */ word) => calls(fails) + word));
python.runPython("print(sum(range(100)), log)");
