// Finds tables of mathematical functions that only the functions in the second file can read.
//
// exp, log, log2 and pow of MicroPython's C library (musl) each have a table in a constant object, after a head of a few
// numbers. This file checks every number of a table, so it knows for certain where the table begins and ends. A table
// moves if no function that stays, and no word of memory, contains an address in the table or in its head.

import { DATA } from "./frozen.mjs";

/** The longest head, in bytes. */
const HEAD = 152;

/** Reads doubles. @param {Uint8Array} memory */
function reader(memory) {
  const view = new DataView(memory.buffer);
  return (/** @type {number} */ at) => view.getFloat64(at, true);
}

/** @param {number} value @param {number} near @param {number} by */
const isNear = (value, near, by) => Math.abs(value - near) <= by;

/**
 * The numbers that each table must have, and its length in bytes.
 *
 * @type {{ length: number, fits(number: (at: number) => number, memory: Uint8Array, at: number): boolean }[]}
 */
const TABLES = [
  {
    // exp and pow, for each power of two: its rounding error, and its bits minus the bits of its exponent.
    length: 128 * 16,
    fits(number, memory, at) {
      const bits = new DataView(new ArrayBuffer(8));
      const view = new DataView(memory.buffer);
      for (let index = 0; index < 128; index++) {
        bits.setBigUint64(0, view.getBigUint64(at + index * 16 + 8, true) + (BigInt(index) << 45n));
        if (!isNear(bits.getFloat64(0), 2 ** (index / 128), 1e-15) || !isNear(number(at + index * 16), 0, 1e-10))
          return false;
      }
      return true;
    },
  },
  logarithm(64, Math.log2),
  logarithm(128, Math.log),
  {
    // pow: 1 / c, a zero, and log(c) in two parts.
    length: 128 * 32,
    fits(number, _memory, at) {
      for (let entry = at; entry < at + 128 * 32; entry += 32) {
        const [inverse, nothing, log, tail] = [0, 8, 16, 24].map((offset) => number(entry + offset));
        if (!(inverse > 0.5 && inverse < 2) || nothing || !isNear(log, -Math.log(inverse), 1e-9)) return false;
        if (!isNear(tail, 0, 1e-10)) return false;
      }
      return true;
    },
  },
];

/** log and log2: first all pairs of 1 / c and log(c), then each c in two parts. @param {number} count @param {(value: number) => number} log */
function logarithm(count, log) {
  return {
    length: count * 32,
    /** @param {(at: number) => number} number @param {Uint8Array} _memory @param {number} at */
    fits(number, _memory, at) {
      for (let entry = at; entry < at + count * 16; entry += 16) {
        const inverse = number(entry);
        if (!(inverse > 0.5 && inverse < 2) || !isNear(number(entry + 8), -log(inverse), 1e-9)) return false;
        if (!isNear(number(entry + count * 16) * inverse, 1, 0.01)) return false;
        if (!isNear(number(entry + count * 16 + 8), 0, 1e-10)) return false;
      }
      return true;
    },
  };
}

/**
 * @param {Uint8Array} memory
 * @param {number[]} constants of the functions that stay
 * @returns {[from: number, to: number][]} what can be moved
 */
export function movableTables(memory, constants) {
  const number = reader(memory);
  const words = new Uint32Array(memory.buffer);
  /** @type {[from: number, to: number][]} */
  const found = [];
  for (let at = DATA; at < DATA + 2 ** 20; at += 8) {
    const table = TABLES.find(({ fits }) => fits(number, memory, at));
    if (!table) continue;
    const inside = (/** @type {number} */ address) => address >= at - HEAD && address < at + table.length;
    const isPart = (/** @type {number} */ index) => inside(index * 4);
    // The address of a number is a multiple of four.
    const isAddress = (/** @type {number} */ word) => word % 4 === 0 && inside(word);
    if (constants.some(inside) || words.some((word, index) => isAddress(word) && !isPart(index))) continue;
    found.push([at, at + table.length]);
  }
  return found;
}
