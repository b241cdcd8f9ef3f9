// The bridge between Python and the page: Python calls its functions with small scalars and gets
// scalars back, and the values themselves stay here. Nothing it does may throw: on MicroPython a
// JavaScript exception that passes through Python leaves the interpreter broken.

import { ASIDE, DROPPED, HELD, NAME, UNMATCHED } from "./destination.js";
import { compile } from "./plan.js";
import { sdk } from "./sdk.js";

// What `push` answers when a command did not go out; the numbers are those of delivery.py.
const SKIPPED = 0;
const PUSHED = 1;
const THREW = -1;
const MISSING = -2;
const WRONG_TYPE = -3;

/**
 * @typedef {object} Subscription
 * @property {string} name its key in `event.integrations`
 * @property {(event: SegmentEvent) => unknown} trigger
 * @property {{ name: string, type: "STRING" | "OBJECT", required: boolean, run: import("./plan.js").Run }[]} fields
 * @property {{ run: import("./plan.js").Run, when?: string, identifies?: boolean, announce?: string }[]} commands
 */

/**
 * @param {Page} page
 * @param {(() => void)[]} undo
 */
export function createBridge(page, undo) {
  /** @type {Subscription[]} */
  let subscriptions = [];
  /** @type {{ offer(id: number, matched: string, stale: boolean): number, signal(name: string, token: number): void }} */
  let python;
  /** @type {Item | undefined} */
  let current;
  const { aside, queue } = page;
  const timers = new Map();
  let tokens = 0;
  let busy = false;
  // Python has said that it cannot go on; only a signal can change that.
  let blocked = false;
  let closed = false;
  let detail = "";
  // Whom Jimo was told of: the id, and whose event that was in the eyes of analytics.js.
  /** @type {{ id: unknown, owner: unknown } | undefined} */
  let told;
  let switched = false;

  /**
   * Python is never entered while it is at work; what happens meanwhile is told right after.
   *
   * @param {string} name
   * @param {number} [token]
   */
  function signal(name, token = 0) {
    if (closed) return;
    if (busy) return queueMicrotask(() => signal(name, token));
    enter(() => python.signal(name, token));
    blocked = false;
    link.drain();
  }

  /** @template T @param {() => T} call @returns {T | undefined} */
  function enter(call) {
    busy = true;
    try {
      return call();
    } catch (error) {
      page.report("python-error", String(error));
    } finally {
      busy = false;
    }
  }

  /** @param {unknown} value what a field is, without telling its content */
  const kind = (value) => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

  /**
   * STRING takes text as it is, a number or boolean as JavaScript prints it, and a Date unchanged.
   *
   * @param {string} type @param {any} value
   */
  function fit(type, value) {
    if (value === undefined || value === null) return value;
    if (type === "OBJECT") return typeof value === "object" && !Array.isArray(value) ? value : fit;
    if (typeof value === "string" || Object.prototype.toString.call(value) === "[object Date]") return value;
    return typeof value === "number" || typeof value === "boolean" ? String(value) : fit;
  }

  /** @param {Item} item @param {number} index @returns {Payload | number} */
  function payloadOf(item, index) {
    item.payloads ??= {};
    const known = item.payloads[index];
    if (known !== undefined) return known;
    /** @type {Payload} */
    const payload = {};
    for (const { name, type, required, run } of subscriptions[index].fields) {
      const raw = run(item.event);
      const value = fit(type, raw);
      if (value === fit || (required && (value === undefined || value === null))) {
        detail = `${name} ${value === fit ? kind(raw) : "nothing"}`;
        return value === fit ? WRONG_TYPE : MISSING;
      }
      payload[name] = value;
    }
    item.payloads[index] = payload;
    return payload;
  }

  /** @param {unknown[]} command */
  function send(command) {
    page.mark("firstCommand");
    const answer = window.jimo.push(command);
    answer?.then?.(undefined, (/** @type {unknown} */ error) => page.report("push-failed", String(error)));
    page.explain("push", ...command);
  }

  /**
   * @param {unknown} id
   * @param {unknown} owner
   * @param {(callback: () => void) => unknown[]} command
   */
  function identify(id, owner, command) {
    const token = ++tokens;
    send(command(() => signal("identified", token)));
    switched ||= told !== undefined && told.id !== id;
    told = { id, owner };
    return PUSHED + token;
  }

  /** @param {number} id */
  const find = (id) => (current?.id === id ? current : aside.get(id));

  const life = sdk(page, signal, undo);

  /** @type {Record<string, (...args: any[]) => string | number>} */
  const bridge = {
    settings: () => JSON.stringify(page.given, (_key, value) => (typeof value === "function" ? undefined : value)),

    /** @param {typeof python.offer} offer @param {typeof python.signal} hear */
    attach(offer, hear) {
      python = { offer, signal: hear };
      return 0;
    },

    /** @param {string} json */
    configure(json) {
      const plans = JSON.parse(json);
      subscriptions = plans.subscriptions.map((/** @type {any} */ { action, trigger, fields, commands }) => ({
        name: `${NAME} ${action}`,
        trigger: compile(trigger),
        fields: fields.map((/** @type {any} */ field) => ({ ...field, run: compile(field.plan) })),
        commands: commands.map((/** @type {any} */ command) => ({ ...command, run: compile(command.plan) })),
      }));
      const users = plans.users.map((/** @type {any} */ { subscription, plan }) => ({
        wants: subscriptions[subscription]?.trigger ?? (() => true),
        run: compile(plan),
      }));
      page.userOf = (event) => {
        /** @param {boolean} wanted */
        const among = (wanted) => {
          for (const { wants, run } of users) {
            if (!!wants(event) !== wanted) continue;
            const id = fit("STRING", run(event));
            if (typeof id === "string" && id) return id;
          }
        };
        return among(true) ?? among(false);
      };
      return 0;
    },

    /** @param {number} id @param {number} index @param {number} position */
    push(id, index, position) {
      const item = find(id);
      if (!item) return SKIPPED;
      const payload = payloadOf(item, index);
      if (typeof payload === "number") return payload;
      const { run, when, identifies, announce } = subscriptions[index].commands[position];
      if (when && (payload[when] === undefined || payload[when] === null)) return SKIPPED;
      if (identifies) {
        const user = payload[/** @type {string} */ (when)];
        if (item.id === page.user?.item) item.identified ??= page.user.id;
        if (user === "" || item.identified === user) return SKIPPED;
        const answer = identify(user, item.event.userId, (callback) => run(item.event, payload, callback));
        item.identified = user;
        item.started = true;
        return answer;
      }
      item.sent = true;
      send(run(item.event, payload));
      if (announce) window.dispatchEvent(new CustomEvent(`jimo-segmentio-track:${payload[announce]}`));
      return PUSHED;
    },

    /** Identifies the user for whom the page waited. */
    identify() {
      if (!page.user) return SKIPPED;
      const { id, owner } = page.user;
      return identify(id, owner, (callback) => ["do", "identify", [id, callback]]);
    },

    switched: () => Number(switched),
    /** @param {number} id */
    foreign(id) {
      const user = find(id)?.event.userId;
      return Number(!!user && !!told?.owner && user !== told.owner);
    },

    /** A command of the Jimo client. @param {string} json */
    command(json) {
      send(JSON.parse(json));
      return PUSHED;
    },

    /** @param {number} id @param {number} outcome */
    settle(id, outcome) {
      if (aside.delete(id)) {
        page.events.held--;
        page.settle(outcome);
      }
      return 0;
    },

    /** @param {number} ms @param {number} token */
    after(ms, token) {
      const timer = setTimeout(() => {
        timers.delete(token);
        signal("timer", token);
      }, ms);
      timers.set(token, timer);
      return 0;
    },
    /** @param {number} token */
    cancel(token) {
      clearTimeout(timers.get(token));
      timers.delete(token);
      return 0;
    },

    look: life.look,
    /** @param {boolean} manual */
    load(manual) {
      life.load(manual);
      return 0;
    },
    withdraw: life.withdraw,
    init() {
      life.init();
      return 0;
    },
    /** @param {Page["sdk"]} state */
    sdk(state) {
      page.sdk = state;
      if (state === "live") page.mark("sdkLive");
      return 0;
    },

    /** The words behind the last negative answer. */
    detail: () => detail,
    /** @param {string} code @param {string} message @param {string} subscription @param {string} field */
    report(code, message, subscription, field) {
      page.report(code, message, subscription, field);
      if (subscription) current?.ctx.log?.("warn", `${NAME}: ${message}`, { code, subscription, field });
      return 0;
    },
    /** @param {string} words */
    explain(words) {
      page.explain(words);
      return 0;
    },
    /**
     * Ends the destination: with these settings, or on this page, it cannot work.
     *
     * @param {string} code @param {string} message @param {string} field
     */
    close(code, message, field) {
      page.close(code, message, field);
      return 0;
    },
    status: () => JSON.stringify(page.status()),
  };

  for (const [name, work] of Object.entries(bridge)) {
    bridge[name] = (...args) => {
      try {
        return work(...args);
      } catch (error) {
        detail = String(error);
        return THREW;
      }
    };
  }

  /** @type {Link} */
  const link = {
    match(item) {
      if (item.matched === undefined) {
        const { event } = item;
        let matched = "";
        for (let index = 0; index < subscriptions.length; index++) {
          const { name, trigger } = subscriptions[index];
          if (event.integrations?.[name] === false || !trigger(event)) continue;
          matched += matched ? `,${index}` : index;
        }
        item.matched = matched;
      }
      return item.matched !== "";
    },
    offer(item) {
      if (busy || blocked) return HELD;
      if (!link.match(item)) return UNMATCHED;
      current = item;
      const outcome = enter(() => python.offer(item.id, /** @type {string} */ (item.matched), item.stale)) ?? DROPPED;
      current = undefined;
      blocked = outcome === HELD;
      if (outcome === ASIDE) {
        page.keep(item);
        aside.set(item.id, item);
      }
      return outcome;
    },
    take(item) {
      if (!link.match(item)) return UNMATCHED;
      // Where nothing is ahead of it Python may decide on it now.
      return !queue.length && !page.left && (!page.waiting || item.stale) ? link.offer(item) : HELD;
    },
    drain() {
      while (queue.length && page.link && !page.left && (!page.waiting || queue[0].stale)) {
        const item = queue[0];
        const outcome = link.offer(item);
        if (outcome === HELD || queue[0] !== item) break;
        queue.shift();
        if (outcome !== ASIDE) {
          page.events.held--;
          page.settle(outcome);
        }
      }
    },
    user: (id) => signal("user", id),
    reset: () => signal("reset"),
    close() {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };

  for (const name of ["online", "jimo:mau-limit-reached"]) {
    const listener = () => signal(name);
    window.addEventListener(name, listener);
    undo.push(() => window.removeEventListener(name, listener));
  }

  return {
    bridge,
    /** From here on Python decides. */
    open() {
      page.link = link;
      page.kindOf = ({ matched }) => {
        const wanting = (matched ?? "").split(",").map((index) => subscriptions[+index]?.name.split(" ").pop());
        return wanting.find((action) => action && action !== "sendTrackEvent");
      };
      for (let index = 0; index < queue.length; index++) {
        if (link.match(queue[index])) continue;
        queue.splice(index--, 1);
        page.events.held--;
        page.events.unmatched++;
      }
    },
    signal,
  };
}
