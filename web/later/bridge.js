// The bridge between Python and the page: Python calls its functions with small scalars and gets
// scalars back, and the values themselves stay here. Nothing it does may throw: on MicroPython a
// JavaScript exception that passes through Python leaves the interpreter broken.

import { ASIDE, DELIVERED, DROPPED, HELD, NAME, quietly, show, UNMATCHED } from "../page/destination.js";
import { encode, stringify } from "./encode.js";
import { maskCommand, maskEvent, maskFields } from "./mask.js";
import { compile, host, Problem } from "./plan.js";
import { sdk } from "./sdk.js";

// What `push` answers when a command did not go out; the numbers are those of delivery.py.
const SKIPPED = 0;
const PUSHED = 1;
const THREW = -1;
const MISSING = -2;
const WRONG_TYPE = -3;
const FAILED = -4;

/** After so long, and so many events, the page has its turn before more of the queue goes out. */
const SLICE_MS = 10;
const SLICE_EVENTS = 50;

/**
 * @typedef {object} Subscription
 * @property {string} name
 * @property {string} action
 * @property {string} key its name in `event.integrations`
 * @property {import("./plan.js").Run} trigger
 * @property {import("./plan.js").Run} root gives what fields look their values up in, where they do that
 * @property {{ name: string, type: "STRING" | "OBJECT", required: boolean, run: import("./plan.js").Run }[]} fields
 * @property {{ run: import("./plan.js").Run, when?: string, identifies?: boolean, announce?: string }[]} commands
 * @property {boolean} plain nothing of it is about who the user is
 */

/** @param {unknown} value */
const isDate = (value) => Object.prototype.toString.call(value) === "[object Date]";

/** Who the user is where no subscription says so. */
const ANYONE = {
  trigger: () => true,
  root: () => undefined,
  fields: [{ name: "userId", run: (/** @type {SegmentEvent} */ event) => event.userId }],
};

/**
 * @param {Page} page
 * @param {(() => void)[]} undo
 * @param {typeof import("./client.js").createClient} [createClient] with the page's own Python
 */
export function createBridge(page, undo, createClient) {
  /** @type {Subscription[]} */
  let subscriptions = [];
  /** The number of a function of Python. @type {number | null} */
  let middleware = null;
  /** @type {{ offer(id: number, matched: string, stale: boolean): number, signal(name: string, token: number): number, call(number: number, handed: number): string }} */
  let python;
  /** @type {Item | undefined} */
  let current;
  /** Who the user of an event is, by the mappings of Send User Data. @type {(event: SegmentEvent) => { id: string, signature: unknown } | undefined} */
  let userIn = () => undefined;
  const { aside, queue } = page;
  const timers = new Map();
  let tokens = 0;
  let busy = false;
  // Python has said that it cannot go on; only a signal can change that.
  let blocked = false;
  // Python lets commands pass that are not about who the user is, until it is asked something else.
  let passing = false;
  let closed = false;
  /** What goes out in one task of the page. @type {{ began: number, events: number } | undefined} */
  let slice;
  // The page has its turn before more goes out.
  let resting = false;
  let detail = "";
  // What Python has reported last.
  let said = "";
  // Whom Jimo was told of: the id, and whose event that was in the eyes of analytics.js.
  /** @type {{ id: unknown, owner: unknown } | undefined} */
  let told;
  let switched = false;

  // What becomes of each event, for those who watch: only in debug mode is there anything to call.
  /** @type {((item: Item | undefined, what: string, more?: object) => void) | undefined} */
  const trace = page.given.debug
    ? (item, what, more) => {
        const detail = { what, messageId: item?.event.messageId, event: maskEvent(item?.event), ...more };
        tellPage("segment-jimo", detail);
      }
    : undefined;

  /**
   * Python is never entered while it is at work; what happens meanwhile is told right after.
   *
   * @param {string} name
   * @param {number} [token]
   */
  function signal(name, token = 0) {
    if (closed) return;
    if (busy) return queueMicrotask(() => signal(name, token));
    passing = enter(() => python.signal(name, token)) === 1;
    blocked = false;
    link.drain();
  }

  /** @param {() => void} work */
  function whenFree(work) {
    if (busy) queueMicrotask(() => whenFree(work));
    else work();
  }

  /** @template T @param {() => T} call @returns {T | undefined} */
  function enter(call) {
    busy = true;
    try {
      return call();
    } catch (error) {
      page.report("python-error", why(error));
    } finally {
      busy = false;
    }
  }

  /** What the function of Python that runs now may read. @type {{ number: number, event?: SegmentEvent }} */
  let handed = { number: 0 };
  let handings = 0;

  /** @param {number} number @param {SegmentEvent} event */
  function callPython(number, event) {
    const [outer, was] = [handed, busy];
    handed = { number: ++handings, event };
    busy = true;
    try {
      const answer = python.call(number, handed.number);
      if (answer[0] === "!") throw new Problem(answer.slice(1));
      return compile(JSON.parse(answer))(event);
    } finally {
      handed = outer;
      busy = was;
    }
  }

  /**
   * Asks the function of Python that may change or drop an event before anything else is done.
   *
   * @param {Item} item
   */
  function admit(item) {
    if (middleware === null) return true;
    try {
      const answer = host.call(middleware, item.event);
      if (answer === false) page.report("dropped-by-middleware", "The page's own middleware has dropped events.");
      else if (answer) item.event = changed(item.event, /** @type {[string, unknown][]} */ (answer));
      return answer !== false;
    } catch (error) {
      page.report("middleware-failed", `The page's own middleware failed, so the event was dropped: ${why(error)}`);
      return false;
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
    if (typeof value === "string" || isDate(value)) return value;
    return typeof value === "number" || typeof value === "boolean" ? String(value) : fit;
  }

  /** @param {Item} item @param {number} index @returns {Payload | number} */
  function payloadOf(item, index) {
    item.payloads ??= {};
    const known = item.payloads[index];
    if (known !== undefined) return known;
    /** @type {Payload} */
    const payload = {};
    const { root, fields } = subscriptions[index];
    let field = "";
    try {
      const whole = root(item.event);
      for (const { name, type, required, run } of fields) {
        field = name;
        const raw = run(item.event, whole);
        const value = fit(type, raw);
        if (value === fit || (required && (value === undefined || value === null))) {
          detail = `${name} ${value === fit ? kind(raw) : "nothing"}`;
          return value === fit ? WRONG_TYPE : MISSING;
        }
        payload[name] = value;
      }
    } catch (error) {
      detail = `${field} ${why(error)}`;
      return FAILED;
    }
    item.payloads[index] = payload;
    trace?.(item, "mapped", { subscription: index, payload: maskFields(payload) });
    return payload;
  }

  /**
   * Reports, in the context of the event too where that is about one of its actions.
   *
   * @param {Item | undefined} item @param {string} code @param {string} message
   * @param {string} subscription @param {string} field
   */
  function tell(item, code, message, subscription, field) {
    page.report(code, message, subscription, field);
    trace?.(item, "problem", { code, message, subscription });
    if (subscription) quietly(() => item?.ctx.log?.("warn", `${NAME}: ${message}`, { code, subscription, field }));
  }

  /** @param {unknown[]} command @param {Item} [item] @param {number} [subscription] */
  function send(command, item, subscription) {
    page.mark("firstCommand");
    trace?.(item, "command", { command: maskCommand(command), subscription });
    const answer = window.jimo.push(command);
    // Jimo has it, whatever the answer is.
    quietly(() => answer?.then?.(undefined, (/** @type {unknown} */ error) => page.report("push-failed", why(error))));
    explain("push", ...maskCommand(command));
    return answer;
  }

  /** @param {Item} item @param {Own} own a command of the page's own Python */
  function pushOwn(item, own) {
    if (own.identifies) {
      return identify(own.identifies, own.identifies, (callback) =>
        own.run(item.event, undefined, () => {
          own.answered = true;
          callback();
        }),
      );
    }
    client?.pushed(item, send(own.run(item.event, undefined, client.listener(own.listens ?? 0))));
    if (own.announce) announce(own.announce);
    return PUSHED;
  }

  /** @param {unknown} name of a track that has reached Jimo */
  function announce(name) {
    tellPage(`jimo-segmentio-track:${name}`);
  }

  /** @param {Item} item that is no longer held @param {number} outcome */
  function settled(item, outcome) {
    if (item.own) client?.settle(item, outcome, said);
    else page.settle(outcome);
  }

  /**
   * @param {unknown} id
   * @param {unknown} owner
   * @param {(callback: () => void) => unknown[]} command
   * @param {Item} [item]
   * @param {number} [subscription]
   */
  function identify(id, owner, command, item, subscription) {
    const token = ++tokens;
    switched ||= told !== undefined && told.id !== id;
    told = { id, owner };
    const callback = () => {
      trace?.(item, "identified");
      signal("identified", token);
    };
    // A Jimo that is at work on its queue, and takes its place only then, may never see what is
    // pushed meanwhile.
    const answered = () => (Array.isArray(window.jimo) ? queueMicrotask(callback) : callback());
    send(command(answered), item, subscription);
    return PUSHED + token;
  }

  /** @param {string} name of an event of the window @param {object} [detail] */
  function tellPage(name, detail) {
    try {
      window.dispatchEvent(new CustomEvent(name, { detail }));
    } catch (error) {
      page.report("not-announced", `The page could not be told of a track: ${why(error)}`);
    }
  }

  /** @param {number} id */
  const find = (id) => (current?.id === id ? current : aside.get(id));

  /** On the console, in debug mode only. @param {unknown[]} words */
  function explain(...words) {
    if (page.given.debug) quietly(() => console.debug("[segment-jimo]", ...words));
  }

  /**
   * What an error is. Its text may quote the event, so that is for the console, in debug mode.
   *
   * @param {any} error
   */
  function why(error) {
    if (error instanceof Problem) return error.message;
    explain(error);
    return show(quietly(() => error.name) ?? typeof error);
  }

  const life = sdk(page, signal, undo);

  /** @type {Record<string, (...args: any[]) => string | number>} */
  const bridge = {
    settings: () => encode(page.given),

    /** @param {typeof python.offer} offer @param {typeof python.signal} hear @param {typeof python.call} call */
    attach(offer, hear, call) {
      python = { offer, signal: hear, call };
      host.call = callPython;
      return 0;
    },

    /**
     * Tells a function of Python something of the event that it was handed.
     *
     * @param {number} number which one that was @param {string} what @param {string} path as JSON
     */
    read(number, what, path) {
      if (number !== handed.number) return THREW;
      const value = JSON.parse(path).reduce(
        (/** @type {any} */ inner, /** @type {any} */ key) => inner?.[key],
        handed.event,
      );
      if (what === "keys") return stringify(Object.keys(value));
      if (what === "text") return isDate(value) ? value.toISOString() : JSON.stringify(value);
      if (value === undefined || value === null) return "";
      if (Array.isArray(value)) return `a${value.length}`;
      if (typeof value === "string") return `s${value}`;
      if (typeof value === "boolean") return `b${value}`;
      return typeof value === "number" || typeof value === "bigint" ? `n${value}` : "o";
    },

    /** @param {string} json */
    configure(json) {
      const plans = JSON.parse(json);
      ({ middleware } = plans);
      /** @type {Record<string, any>} */
      const actions = {};
      for (const { name, fields, commands } of plans.actions) {
        actions[name] = {
          fields,
          commands: commands.map((/** @type {any} */ command) => ({ ...command, run: compile(command.plan) })),
        };
      }
      const mappings = plans.mappings.map((/** @type {any} */ { action, root, fields }) => ({
        action,
        key: `${NAME} ${action}`,
        root: compile(root ?? ["nothing"]),
        fields: fields.map((/** @type {any} */ plan, /** @type {number} */ index) => ({
          ...actions[action].fields[index],
          run: compile(plan),
        })),
        commands: actions[action].commands,
        plain: actions[action].commands.every((/** @type {any} */ { writes, identifies }) => !writes && !identifies),
      }));
      subscriptions = plans.subscriptions.map((/** @type {any} */ { name, trigger, mapping }) => ({
        ...mappings[mapping],
        name,
        trigger: compile(trigger),
      }));
      /** @type {any[]} */
      const users = plans.users.length
        ? plans.users.map((/** @type {number} */ index) => subscriptions[index])
        : [ANYONE];
      userIn = (event) => {
        // First those subscriptions that want the event, then the others.
        for (const wanted of [true, false]) {
          for (const { trigger, root, fields } of users) {
            try {
              if (!!trigger(event) !== wanted) continue;
              const whole = root(event);
              const [id, signature] = ["userId", "signature"].map((name) =>
                fit("STRING", fields.find((/** @type {any} */ one) => one.name === name)?.run(event, whole)),
              );
              if (typeof id === "string" && id) return { id, signature };
            } catch {
              // It is told when the event is delivered.
            }
          }
        }
      };
      page.userOf = (event) => userIn(event)?.id;
      return 0;
    },

    /** @param {number} id @param {number} index @param {number} position */
    push(id, index, position) {
      const item = find(id);
      if (!item) return SKIPPED;
      if (item.own) return pushOwn(item, item.own);
      const payload = payloadOf(item, index);
      if (typeof payload === "number") return payload;
      const { run, when, identifies, announce: name } = subscriptions[index].commands[position];
      if (when && (payload[when] === undefined || payload[when] === null)) {
        trace?.(item, "skipped", { subscription: index, when });
        return SKIPPED;
      }
      if (identifies) {
        const user = payload[/** @type {string} */ (when)];
        if (item.id === page.user?.item) item.identified ??= page.user.id;
        if (user === "" || item.identified === user) return SKIPPED;
        const answer = identify(user, item.event.userId, (callback) => run(item.event, payload, callback), item, index);
        item.identified = user;
        item.started = true;
        return answer;
      }
      item.sent = true;
      send(run(item.event, payload), item, index);
      if (name) announce(payload[name]);
      return PUSHED;
    },

    /** Identifies the user for whom the page waited. */
    identify() {
      if (!page.user) return SKIPPED;
      const { id, owner, event } = page.user;
      const known = userIn(event);
      // A signature is good for the id that it came with.
      const signed = known && known.id === id && typeof known.signature === "string" && known.signature;
      return identify(id, owner, (callback) => ["do", "identify", signed ? [id, callback, signed] : [id, callback]]);
    },

    switched: () => Number(switched),
    /** @param {number} id */
    foreign(id) {
      const user = find(id)?.event.userId;
      return Number(!!user && !!told?.owner && user !== told.owner);
    },

    /** @param {number} id @param {number} outcome */
    settle(id, outcome) {
      const item = aside.get(id);
      if (item && aside.delete(id)) {
        settled(item, outcome);
        trace?.(item, "outcome", { outcome });
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
    load: life.load,
    withdraw: life.withdraw,
    kill: life.kill,
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
      said = message;
      tell(current, code, message, subscription, field);
      return 0;
    },
    /** @param {string} words */
    explain(words) {
      explain(words);
      return 0;
    },
    /**
     * Ends the destination: with these settings, or on this page, it cannot work.
     *
     * @param {string} code @param {string} message @param {string} field
     */
    close(code, message, field) {
      page.close(code, message, undefined, field);
      return 0;
    },
  };

  const client = createClient?.(page, compile, () => link.drain(), whenFree);
  if (client) {
    bridge.listen = client.listen;
    bridge.command = (json, number) => {
      const outcome = client.command(json, number);
      detail = said;
      return outcome;
    };
  }
  for (const [name, work] of Object.entries(bridge)) {
    bridge[name] = (...args) => {
      try {
        return work(...args);
      } catch (error) {
        detail = why(error);
        // What failed of these, Python tells with more to it.
        if (!/^(push|identify|command|read)$/.test(name)) page.report("internal", `${name}: ${detail}`);
        return THREW;
      }
    };
  }

  /** Whether a lone subscription wants an event, so that Python need not be asked. @param {Item} item */
  function mayPass({ matched, stale }) {
    const subscription = subscriptions[Number(matched)];
    return passing && !stale && subscription?.plain && subscription.commands.length === 1;
  }

  /** @param {Item} item @returns {number} what became of it */
  function pass(item) {
    const matched = /** @type {string} */ (item.matched);
    // What is wrong with an event is for Python to say.
    if (!mayPass(item) || typeof payloadOf(item, +matched) === "number") {
      return python.offer(item.id, matched, item.stale);
    }
    if (bridge.push(item.id, +matched, 0) !== THREW) return DELIVERED;
    python.signal("threw", +matched);
    return DROPPED;
  }

  function beginSlice() {
    // Where Jimo answers at once, one signal follows another in the same task.
    setTimeout(() => {
      slice = undefined;
      if (!resting) return;
      resting = false;
      link.drain();
    });
    return { began: performance.now(), events: 0 };
  }

  /** @type {Link} */
  const link = {
    match(item) {
      if (item.matched === undefined) {
        if (!admit(item)) return DROPPED;
        const { event } = item;
        let matched = "";
        item.kind = undefined;
        for (let index = 0; index < subscriptions.length; index++) {
          const { name, key, trigger, action } = subscriptions[index];
          try {
            if (event.integrations?.[key] === false || !trigger(event)) continue;
          } catch (error) {
            tell(
              item,
              "trigger-failed",
              `Subscription "${name}": its trigger failed: ${why(error)}`,
              name,
              "subscribe",
            );
            continue;
          }
          matched += matched ? `,${index}` : index;
          if (action !== "sendTrackEvent") item.kind ??= action;
        }
        item.matched = matched;
        trace?.(item, "matched", { matched, subscriptions });
      }
      return item.matched === "" ? UNMATCHED : HELD;
    },
    offer(item) {
      // What Jimo or the page has us told while it is told something itself comes right after.
      if (busy) queueMicrotask(link.drain);
      if (busy || blocked) return HELD;
      if (link.match(item) === UNMATCHED) return UNMATCHED;
      current = item;
      const outcome = enter(() => pass(item)) ?? DROPPED;
      current = undefined;
      blocked = outcome === HELD;
      passing &&= !blocked;
      if (outcome === ASIDE) {
        page.keep(item);
        aside.set(item.id, item);
      }
      trace?.(item, "outcome", { outcome });
      return outcome;
    },
    take(item) {
      client?.see(item.event.userId);
      const outcome = link.match(item);
      if (outcome !== HELD) return outcome;
      // Where nothing is ahead of it Python may decide on it now.
      return !queue.length && !page.left && (!page.waiting || item.stale) ? link.offer(item) : HELD;
    },
    drain(all) {
      while (queue.length && page.link && !page.left && (!page.waiting || queue[0].stale)) {
        if (resting && !all) return;
        slice ??= beginSlice();
        const item = queue[0];
        const outcome = link.offer(item);
        if (outcome === HELD || queue[0] !== item) break;
        queue.shift();
        if (outcome !== ASIDE) settled(item, outcome);
        // A hidden page needs no turn, and its timers are slow.
        resting = ++slice.events >= SLICE_EVENTS && performance.now() - slice.began > SLICE_MS && !document.hidden;
      }
    },
    user: (id) => signal("user", id),
    reset() {
      client?.reset();
      signal("reset");
    },
    end() {
      const answer = life.kill();
      if (answer !== "missing" && !answer.startsWith("threw")) return;
      const why = answer === "missing" ? "is not there" : answer;
      page.report("kill-failed", `window.jimoKill() ${why}, so Jimo goes on until the page is left.`);
    },
    close() {
      closed = true;
      client?.close();
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
      for (const item of queue.splice(0)) {
        const outcome = link.match(item);
        if (page.waiting && outcome !== DROPPED) page.meet(item);
        if (outcome === HELD) queue.push(item);
        else page.settle(outcome);
      }
      page.link = link;
    },
    signal,
  };
}

/**
 * A copy of an event with other values at some paths; what is not on the way to them is shared.
 *
 * @param {any} event
 * @param {[path: string, value: unknown][]} values
 */
function changed(event, values) {
  const copy = { ...event };
  for (const [path, value] of values) {
    const keys = path.split(".");
    const last = /** @type {string} */ (keys.pop());
    let at = copy;
    for (const key of keys) at = at[key] = Array.isArray(at[key]) ? [...at[key]] : { ...at[key] };
    at[last] = value;
  }
  return copy;
}
