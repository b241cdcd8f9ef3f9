// Reads JSON and notes the place of each value, so that the editor can show an error at its place.

/** @typedef {{ key?: [from: number, to: number], value: [from: number, to: number] }} Place */

export class JsonError extends Error {
  /** @param {string} message @param {number} at */
  constructor(message, at) {
    super(message);
    this.at = at;
  }
}

/**
 * Reads JSON. `places` has the place of each value by its path, such as `[0].mapping.userId`; "" is the path of all.
 *
 * @param {string} text
 * @returns {{ value: any, places: Map<string, Place> }} throws a JsonError
 */
export function parse(text) {
  /** @type {Map<string, Place>} */
  const places = new Map();
  let at = 0;

  /** @param {string} expected @param {number} [where] @returns {never} */
  const fail = (expected, where = at) => {
    const came = where < text.length ? `“${text[where]}”` : "the end";
    throw new JsonError(`Expected ${expected}, got ${came}.`, where);
  };
  const space = () => {
    while (/\s/.test(text[at] ?? "")) at++;
  };
  /** @param {string} character @param {string} expected */
  const take = (character, expected) => {
    space();
    if (text[at] !== character) fail(expected);
    at++;
  };
  /** @param {string} character */
  const ahead = (character) => (space(), text[at] === character);

  /** @returns {string} */
  function string() {
    const from = at++;
    while (text[at] !== '"') {
      if (at >= text.length || text[at] === "\n") throw new JsonError("This text has no closing quote.", from);
      at += text[at] === "\\" ? 2 : 1;
    }
    at++;
    try {
      return JSON.parse(text.slice(from, at));
    } catch {
      throw new JsonError("This text has an escape that JSON does not know.", from);
    }
  }

  /** @param {string} path @returns {any} */
  function value(path) {
    space();
    const from = at;
    const found = content(path);
    places.set(path, { ...places.get(path), value: [from, at] });
    return found;
  }

  /** @param {string} path */
  function content(path) {
    const first = text[at];
    if (first === '"') return string();
    if (first === "[") {
      const list = [];
      at++;
      if (!ahead("]")) {
        do list.push(value(`${path}[${list.length}]`));
        while (ahead(",") && ++at);
      }
      take("]", "a comma or ]");
      return list;
    }
    if (first === "{") {
      /** @type {Record<string, unknown>} */
      const object = {};
      at++;
      if (!ahead("}")) {
        do {
          if (!ahead('"')) fail("a key in double quotes");
          const from = at;
          const key = string();
          const inner = path ? `${path}.${key}` : key;
          places.set(inner, { key: [from, at], value: [from, at] });
          take(":", "a colon after the key");
          object[key] = value(inner);
        } while (ahead(",") && ++at);
      }
      take("}", "a comma or }");
      return object;
    }
    const word = /^[-+.\w]+/.exec(text.slice(at))?.[0] ?? "";
    try {
      const found = JSON.parse(word);
      at += word.length;
      return found;
    } catch {
      return fail("a value");
    }
  }

  const found = value("");
  space();
  if (at < text.length) fail("nothing more");
  return { value: found, places };
}

/**
 * Returns where the JSON of a text has the n-th character of the text.
 *
 * @param {string} json
 * @param {number} from the place of the opening quote
 * @param {number} count
 */
export function placeInside(json, from, count) {
  let at = from + 1;
  for (; count > 0; count--) at += json[at] !== "\\" ? 1 : json[at + 1] === "u" ? 6 : 2;
  return at;
}

/** @param {string} text @param {number} at @returns {{ line: number, column: number }} both from 0 */
export function lineAt(text, at) {
  const before = text.slice(0, at).split("\n");
  return { line: before.length - 1, column: before[before.length - 1].length };
}
