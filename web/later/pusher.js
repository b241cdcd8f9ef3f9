// Pushes commands to Jimo, and notices whether Jimo accepts them.

import { quietly } from "../page/quietly.js";
import { heal } from "./heal.js";
import { IDENTIFY, WRITE } from "./subscriptions.js";
import { createTold } from "./told.js";

/** Commands that this destination has pushed, to tell them from the page's own. */
export const pushed = new WeakSet();

/** How to push a command, and how to tell the page about a track. */
export const JIMO = {
  push: (/** @type {unknown[]} */ command) => {
    pushed.add(command);
    return window.jimo.push(command);
  },
  announce: (/** @type {unknown} */ name) => {
    window.dispatchEvent(new CustomEvent(`jimo-segmentio-track:${name}`));
  },
};

/** The ways in which Jimo refuses a command. */
const THREW = "its push threw";
const REJECTED = "its promise was rejected with";

/**
 * @param {Host} host
 * @param {ReturnType<typeof import("./debug.js").createDebug>} debug
 * @param {(name: string, number: number) => void} signal tells Python
 * @param {typeof JIMO} jimo
 * @param {(item: Item, code: ErrorCode, message: string, subscription?: string) => void} fail marks an event as failed
 */
export function createPusher(host, debug, signal, jimo, fail) {
  const { report } = host;
  const told = createTold(host);

  /** @param {Item} item @param {unknown[]} command @param {string} [subscription] */
  function push(item, command, subscription) {
    host.mark("firstCommand");
    debug.trace(item, "command", { command, subscription });
    item.row.commands++;
    return jimo.push(command);
  }

  /**
   * @param {Item} item
   * @param {number} token
   * @param {(callback: () => void) => unknown[]} command
   * @param {string} [subscription]
   * @returns {boolean} false if Jimo threw
   */
  function pushIdentify(item, token, command, subscription) {
    item.started = true;
    const { ids } = item.stamp;
    const answered = () => {
      told.answered(ids);
      debug.trace(item, "identified");
      item.command?.answered?.();
      heal(host, ["identify-timeout"]);
      signal("answered", token);
    };
    // While Jimo still works on its queue, before it replaces it, it may miss commands that are pushed now. So wait.
    const callback = () => (Array.isArray(window.jimo) ? queueMicrotask(answered) : answered());
    /** @param {string} how @param {unknown} error */
    const notTaken = (how, error) => {
      fail(item, "push-failed", problemOf("do identify", how, error), subscription);
      signal("not-taken", token);
    };
    told.tell(ids);
    try {
      const answer = push(item, command(callback), subscription);
      quietly(() => answer?.then?.(undefined, (/** @type {unknown} */ error) => notTaken(REJECTED, error)));
      return true;
    } catch (error) {
      notTaken(THREW, error);
      return false;
    }
  }

  /** @param {string} what @param {string} how @param {unknown} error */
  const problemOf = (what, how, error) =>
    `Jimo did not accept ${what}: ${how} ${debug.describeError(error)}. Ask Jimo, and give the time.`;

  /** @param {Item} item @param {import("./subscriptions.js").Step} step */
  function pushStep(item, step) {
    const { subscription, run, announce } = step;
    const payload = (subscription && item.payloads?.get(subscription)) ?? undefined;
    if (step.kind === IDENTIFY) {
      item.identified = payload?.[/** @type {string} */ (step.when)];
      const command = (/** @type {() => void} */ callback) => run(item.event, payload, callback);
      if (!pushIdentify(item, item.token ?? 0, command, subscription?.name)) item.skipped = subscription;
      return;
    }
    if (step.kind === WRITE) told.remember(item.stamp.ids);
    let what = "a command";
    try {
      const command = /** @type {unknown[]} */ (run(item.event, payload, item.command?.listener));
      what = `${command[0]} ${command[1]}`;
      const answer = push(item, command, subscription?.name);
      item.command?.pushed?.(answer);
      quietly(() =>
        answer?.then?.(undefined, (/** @type {unknown} */ error) =>
          report("push-failed", problemOf(what, REJECTED, error), subscription?.name),
        ),
      );
      item.sent = true;
      const name = item.command ? item.command.announce : announce && payload?.[announce];
      if (name !== undefined && name !== "") announceTrack(name);
    } catch (error) {
      fail(item, "push-failed", problemOf(what, THREW, error), subscription?.name);
    }
  }

  /** @param {unknown} name the name of a track that reached Jimo */
  function announceTrack(name) {
    try {
      jimo.announce(name);
    } catch (error) {
      report(
        "not-announced",
        `The window event of a track failed: ${debug.describeError(error)}. Find the script that replaces dispatchEvent.`,
      );
    }
  }

  return { told, pushIdentify, pushStep };
}
