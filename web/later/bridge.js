// The bridge between Python and the page: a table of functions that Python calls. Arguments and results are scalars;
// all other values stay here. No function may throw, because a JavaScript exception that passes through MicroPython
// breaks the interpreter.

import { INCOMPLETE } from "./micropython.js";

/**
 * The numbers that both sides use. Python defines them.
 *
 * @typedef {object} Protocol
 * @property {number} send @property {number} defer @property {number} hold
 * @property {number} givenUp the verdict for an event on which Python itself failed
 * @property {number} bits of one decision in a verdict
 * @property {number} waiting @property {number} known flags in the result of a signal
 * @property {Record<number, [code: ErrorCode, message: string]>} reasons why a command is dropped
 */

/**
 * The functions of Python, wrapped so that they never throw.
 *
 * @typedef {object} Python
 * @property {Protocol} protocol
 * @property {(id: number, era: number, user: number, profile: number, token: number) => number} offer
 * @property {(id: number, era: number, user: number, profile: number) => number} named
 * @property {(name: string, number: number) => number} signal
 * @property {(number: number, handed: number) => string} call
 * @property {() => void} stop
 */

const TRACEBACK = "Switch data-debug on, and report what the console shows.";

const OK = 1;
const THREW = -1;

/**
 * @param {Host} host
 * @param {ReturnType<typeof import("./debug.js").createDebug>} debug
 * @param {Record<string, (...args: any[]) => string | number | boolean | void>} table of what Python may call
 * @returns {{ bridge: Record<string, (...args: any[]) => string | number>, python: Python }}
 */
export function createBridge(host, debug, table) {
  /** @type {{ offer: any, named: any, signal: any, call: any }} */
  let functions;
  /** @type {Map<number, ReturnType<typeof setTimeout>>} */
  const timers = new Map();

  /** @template T @param {() => T} work @param {T} otherwise @returns {T} */
  function enter(work, otherwise) {
    try {
      return work();
    } catch (/** @type {any} */ error) {
      if (error?.code === INCOMPLETE) host.stop(error.code, error.message);
      else host.report("python-error", `An unexpected error in Python: ${debug.describeError(error)}. ${TRACEBACK}`);
      return otherwise;
    }
  }

  /** @type {Python} */
  const python = {
    protocol: { send: 0, defer: 1, hold: -1, givenUp: -1, bits: 3, waiting: 1, known: 2, reasons: {} },
    offer: (...args) => enter(() => functions.offer(...args), python.protocol.hold),
    named: (...args) => enter(() => functions.named(...args), 0),
    signal: (...args) => enter(() => functions.signal(...args), 0),
    call: (...args) => functions.call(...args),
    stop() {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };

  /** @type {typeof table} */
  const all = {
    ...table,
    /** @param {any} offer @param {any} named @param {any} signal @param {any} call */
    connect(offer, named, signal, call) {
      functions = { offer, named, signal, call };
    },
    /** @param {number} ms @param {number} number */
    after(ms, number) {
      const due = () => {
        timers.delete(number);
        table.signal("timer", number);
      };
      timers.set(number, setTimeout(due, ms));
    },
    /** @param {number} number */
    cancel(number) {
      clearTimeout(timers.get(number));
      timers.delete(number);
    },
  };

  /** @type {Record<string, (...args: any[]) => string | number>} */
  const bridge = {};
  for (const [name, work] of Object.entries(all)) {
    bridge[name] = (...args) => {
      try {
        const answer = work(...args);
        return typeof answer === "boolean" ? Number(answer) : (answer ?? OK);
      } catch (error) {
        host.report("internal", `An unexpected error in ${name}: ${debug.describeError(error)}. ${TRACEBACK}`);
        return THREW;
      }
    };
  }
  return { bridge, python };
}
