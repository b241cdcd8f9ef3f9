// Continues MicroPython from the image that the build made (tools/image.mjs). There it has started, imported the
// package, and given numbers to the JavaScript objects that it knows. This file is the JavaScript side of those
// numbers, as far as the package needs it: Python reads attributes of the bridge and calls its functions, and the page
// calls functions of Python. Any other import of the module throws an error with a name.

import { quietly } from "../page/quietly.js";

/** Bytes of a value that crosses: its kind and two words. */
const VALUE = 12;
/** The kinds of values that Python gets from JavaScript. */
const FROM_JS = { undefined: 0, null: 1, boolean: 2, integer: 3, double: 4, string: 5, known: 6, object: 7, python: 8 };
/** The kinds of values that JavaScript gets from Python. */
const FROM_PYTHON = {
  exception: -1,
  none: 1,
  boolean: 2,
  int: 3,
  float: 4,
  string: 5,
  callable: 6,
  object: 9,
  existing: 10,
};
/** The least growth of the memory, in pages of 64 kB. */
const GROWTH = 16;

/** The code of an error after which Python cannot be entered any more. */
export const INCOMPLETE = "python-incomplete";

/** An exception that Python did not catch. */
class PythonError extends Error {
  name = "PythonError";
}

/**
 * Gives an object a method of its own, because a script may change the prototype later.
 *
 * @template T @param {T} object @param {keyof T} name @returns {T}
 */
const withOwn = (object, name) => Object.defineProperty(object, name, { value: object[name] });

/**
 * @param {any} realm the window whose WebAssembly is used
 * @param {WebAssembly.Module} module the image
 * @param {() => BufferSource} fetchRest returns the functions that the image lacks, synchronously
 * @returns {(bridge: object) => void} Python's `connect`
 */
export function resume(realm, module, fetchRest) {
  const { FinalizationRegistry, TextDecoder, TextEncoder, WeakRef } = realm;
  const { Instance, Module } = realm.WebAssembly;
  /** The objects of JavaScript that Python knows, by number. The first two always exist. @type {any[]} */
  const objects = [realm, undefined];
  /** @type {Map<unknown, number>} */
  const numbers = new Map([[realm, 0]]);
  /** The functions of Python that JavaScript has, by their number in Python. @type {Map<number, WeakRef<any>>} */
  const functions = new Map();
  /** @type {WeakMap<object, number>} */
  const references = new WeakMap();
  /** Functions of Python that go back to Python. @type {any[]} */
  const existing = [undefined];
  const encoder = withOwn(new TextEncoder(), "encode");
  const decoder = withOwn(new TextDecoder(), "decode");
  /** @type {any} */
  let python;
  /** @type {DataView} */
  let view;
  /** @type {Uint8Array} */
  let bytes;
  let complete = false;
  /** Why Python cannot be entered any more. @type {unknown} */
  let broken;

  /** When the memory grows, it gets another buffer. */
  function look() {
    if (bytes?.length && bytes.buffer === python.memory.buffer) return;
    bytes = new Uint8Array(python.memory.buffer);
    view = new DataView(python.memory.buffer);
  }
  const word = (/** @type {number} */ at) => view.getInt32(at, true);
  /** @param {number} at @param {number} value */
  const setWord = (at, value) => view.setInt32(at, value, true);
  /** @param {number} at @param {number} length */
  const text = (at, length) => decoder.decode(bytes.subarray(at, at + length));
  /** @param {number} at of a text that ends with NUL */
  const name = (at) => text(at, bytes.indexOf(0, at) - at);

  const unused = withOwn(
    new FinalizationRegistry((/** @type {number} */ number) => {
      if (functions.get(number)?.deref()) return;
      functions.delete(number);
      // The browser calls this, so an error would reach the page.
      if (!broken) quietly(() => python.proxy_c_free_obj(number));
    }),
    "register",
  );

  /** @param {any} value @param {number} out where it goes */
  function give(value, out) {
    let kind = FROM_JS.object;
    if (value === undefined) kind = FROM_JS.undefined;
    else if (value === null) kind = FROM_JS.null;
    else if (typeof value === "boolean") {
      kind = FROM_JS.boolean;
      setWord(out + 4, +value);
    } else if (typeof value === "number") {
      // As an integer, a value beyond 32 bits would be cut.
      kind = value === (value | 0) ? FROM_JS.integer : FROM_JS.double;
      if (kind === FROM_JS.integer) setWord(out + 4, value);
      else view.setFloat64(out + 4, value, true);
    } else if (typeof value === "string") {
      kind = FROM_JS.string;
      const content = encoder.encode(value);
      const at = python.malloc(content.length + 1);
      look();
      bytes.set(content, at);
      bytes[at + content.length] = 0;
      setWord(out + 4, content.length);
      setWord(out + 8, at);
    } else {
      const own = references.get(value);
      let number = own ?? numbers.get(value);
      if (own !== undefined) kind = FROM_JS.python;
      else if (number !== undefined) kind = FROM_JS.known;
      else {
        number = objects.indexOf(undefined, 2);
        if (number < 0) number = objects.length;
        objects[number] = value;
        numbers.set(value, number);
      }
      setWord(out + 4, /** @type {number} */ (number));
    }
    setWord(out, kind);
  }

  /** @param {number} at @returns {any} */
  function take(at) {
    const [kind, first, second] = [word(at), word(at + 4), word(at + 8)];
    if (kind === FROM_PYTHON.none) return null;
    if (kind === FROM_PYTHON.boolean) return !!first;
    if (kind === FROM_PYTHON.int) return first;
    if (kind === FROM_PYTHON.float) return view.getFloat64(at + 4, true);
    if (kind === FROM_PYTHON.string) return text(second, first);
    if (kind === FROM_PYTHON.object) return objects[first];
    if (kind === FROM_PYTHON.callable) return callable(first);
    if (kind === FROM_PYTHON.existing) {
      const value = existing[first];
      existing[first] = undefined;
      return value;
    }
    if (kind !== FROM_PYTHON.exception) throw missing(`a value of kind ${kind}`);
    const message = text(second, first);
    python.free(second);
    // The text is the type, then this separator, then the traceback.
    throw new PythonError(message.slice(message.indexOf("\x04") + 1));
  }

  /** @param {number} number of a function in Python */
  function callable(number) {
    const call = (/** @type {any[]} */ ...args) => {
      if (broken) throw broken;
      look();
      while (args.length && args.at(-1) === undefined) args.pop();
      const out = python.malloc(VALUE * (args.length + 1));
      look();
      args.forEach((value, index) => give(value, out + VALUE * (index + 1)));
      python.proxy_c_to_js_call(number, args.length, out + VALUE, out);
      look();
      try {
        return take(out);
      } finally {
        python.free(out);
      }
    };
    references.set(call, number);
    functions.set(number, withOwn(new WeakRef(call), "deref"));
    unused.register(call, number);
    return call;
  }

  /** @param {number} number @param {number} own whether the first argument is `this` @param {number} count @param {number} args @param {number} out */
  function call(number, own, count, args, out) {
    const given = Array.from({ length: count }, (_, index) => take(args + VALUE * index));
    const value = own ? objects[number].call(...given) : objects[number](...given);
    // The call may have called Python, and its memory may have grown.
    look();
    give(value, out);
  }

  /** @param {string} message why Python cannot continue, and what to do */
  function incomplete(message) {
    broken = { code: INCOMPLETE, message };
    return broken;
  }
  /** @param {string} what */
  const missing = (what) => incomplete(`Python called ${what}, which this build does not have. Report this.`);

  /** @type {Record<string, (...args: number[]) => unknown>} */
  const env = {
    lookup_attr(number, at, out) {
      look();
      const [object, key] = [objects[number], name(at)];
      const value = object[key];
      if (value === undefined && !(key in object)) return 0;
      give(value, out);
      return typeof value !== "function" || references.has(value) ? 1 : 2;
    },
    call0: (number, out) => (look(), call(number, 0, 0, 0, out)),
    call1: (number, own, first, out) => (look(), call(number, own, 1, first, out)),
    call2(number, own, first, second, out) {
      look();
      // The two arguments may be anywhere in the memory.
      const [a, b] = [take(first), take(second)];
      const value = own ? objects[number].call(a, b) : objects[number](a, b);
      look();
      give(value, out);
    },
    calln: (number, own, count, args, out) => (look(), call(number, own, count, args, out)),
    proxy_js_free_obj(number) {
      if (number < 2) return;
      numbers.delete(objects[number]);
      objects[number] = undefined;
    },
    js_check_existing(number) {
      const value = functions.get(number)?.deref();
      return value ? existing.push(value) - 1 : -1;
    },
    mp_js_random_u32: () => realm.crypto.getRandomValues(new Uint32Array(1))[0],
    mp_js_ticks_ms: () => performance.now(),
    mp_js_time_ms: () => Date.now(),
    emscripten_resize_heap(size) {
      const more = Math.ceil((size - python.memory.buffer.byteLength) / 65536);
      try {
        python.memory.grow(Math.max(more, GROWTH));
        return 1;
      } catch {
        return 0;
      }
    },
    /** Called when Python needs a function that the image lacks. */
    complete() {
      if (complete) return;
      try {
        const rest = new Module(fetchRest());
        new Instance(rest, imports(rest));
        complete = true;
      } catch (error) {
        throw incomplete(`The second file of MicroPython did not load (${error}). Check that dist/ is complete.`);
      }
    },
  };

  /** @param {WebAssembly.Module} of */
  function imports(of) {
    /** @type {Record<string, any>} */
    const all = {};
    for (const { module, name } of Module.imports(of)) {
      (all[module] ??= {})[name] =
        env[name] ??
        python?.[name] ??
        (() => {
          throw missing(name);
        });
    }
    return all;
  }

  python = new Instance(module, imports(module)).exports;
  look();
  return callable(python.connect.value);
}
