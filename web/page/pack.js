// Values as text: for an event that is held, since the page may change its objects meanwhile, and for
// the next page. JSON has no form for some values, so those become a text that begins with NUL and a
// letter. web/later/unpack.js reads it.

/** @param {unknown} value an object or a list without behaviour of its own, from any frame */
export const isPlain = (value) => /t (Object|Array)]/.test({}.toString.call(value));

/**
 * @param {unknown} value
 * @param {unknown[]} [shared] takes what has no form as text, such as a function or a DOM node
 * @returns {string} throws where a value in it has no form, and there is no such list
 */
export const pack = (value, shared) =>
  JSON.stringify(value, function (key) {
    // Not the second argument: somebody's toJSON may have changed that.
    const one = this[key];
    const type = typeof one;
    if (
      one === undefined ||
      type === "bigint" ||
      (type === "number" && !isFinite(one)) ||
      (type === "string" && one[0] === "\0")
    )
      return `\0${type[0]}${one}`;
    if (Object.is(one, -0)) return "\0n-0";
    if ({}.toString.call(one) === "[object Date]") return `\0d${+one}`;
    // Of type undefined is here only document.all.
    if (["function", "symbol", "undefined"].includes(type) || (type === "object" && one && !isPlain(one))) {
      if (!shared) throw TypeError();
      return `\0r${shared.push(one) - 1}`;
    }
    return one;
  });
