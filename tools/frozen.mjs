// Finds bytes of the image that only the functions in the second file can read: frozen modules of MicroPython
// (bytecode) that nothing else in the image refers to.
//
// These modules come from one file of C, so they lie side by side. A list in the order of their names leads to them,
// and only one function reads that list. If that function stays, no module moves.
//
// A part of a module stays if a constant of a function that stays, or a word of memory, could be its address. Whatever
// the part refers to stays too.

/** Memory from here on is the data of C, and the heap behind it. */
export const DATA = 65536;

/**
 * @param {Uint8Array} memory
 * @param {number[]} constants of the functions that stay
 * @returns {[from: number, to: number][]} what can be moved
 */
export function movable(memory, constants) {
  const words = new Uint32Array(memory.buffer);
  const list = findList(memory, words);
  const modules = [...words.subarray(list.at / 4, list.at / 4 + list.count)];
  // A module has a table of names, a table of objects, and its code. Between the first and the last of all these there
  // are only frozen modules.
  const known = modules.flatMap((at) => [at, words[at / 4], words[at / 4 + 1], words[at / 4 + 2]]).filter(Boolean);
  const [first, end] = [Math.min(...known), Math.max(...known)];
  const inside = (/** @type {number} */ at) => at >= first && at < end;
  const starts = [...new Set([...words.subarray(first / 4, end / 4).filter(inside), ...known, list.at])]
    .filter(inside)
    .sort((one, other) => one - other);
  const startOf = (/** @type {number} */ at) => starts.findLastIndex((start) => start <= at);

  /** Numbers of the parts that stay. @type {Set<number>} */
  const stays = new Set();
  /** @param {number} at what may be an address */
  function keep(at) {
    if (!inside(at) || stays.has(startOf(at))) return;
    const part = startOf(at);
    stays.add(part);
    for (let word = starts[part] >> 2; word * 4 < (starts[part + 1] ?? end); word++) keep(words[word]);
  }
  if (constants.includes(list.at)) return [];
  constants.forEach(keep);
  for (let at = DATA; at < memory.length; at += 4) if (!inside(at)) keep(words[at / 4]);
  return starts.flatMap((start, part) =>
    stays.has(part) ? [] : [/** @type {[number, number]} */ ([start, starts[part + 1] ?? end])],
  );
}

/**
 * Finds the list by the names, which are texts one after another, and by the parts of its modules.
 *
 * @param {Uint8Array} memory
 * @param {Uint32Array} words
 */
function findList(memory, words) {
  const names = Buffer.from(memory.buffer, DATA, 2 ** 20)
    .toString("latin1")
    .match(/(?:[\w/]+\.py\0){10,}/);
  const count = names ? names[0].split("\0").length - 1 : 0;
  const address = (/** @type {number} */ at) => at > DATA && at < DATA + 2 ** 20 && at % 4 === 0;
  for (let at = DATA / 4; count && at < (DATA + 2 ** 20) / 4; at++) {
    const found = words.subarray(at, at + count);
    if (found.every((module) => address(module) && address(words[module / 4 + 2]))) return { at: at * 4, count };
  }
  throw new Error("The frozen modules of this MicroPython are not where they were: look into tools/frozen.mjs.");
}
