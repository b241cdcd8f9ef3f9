// What would happen to an event, and what each subscription says of it. The commands are found by the
// code that delivers, with something else than Jimo at its end.

import { typeOf, whyNot, write } from "./clauses.js";
import { maskFields } from "./mask.js";
import { nameOf, quietly, show } from "../page/quietly.js";
import { isSwitchedOff } from "./words.js";

/** @typedef {import("../segment-jimo.d.ts").JimoExplanation} Explanation */
/** @typedef {import("../segment-jimo.d.ts").JimoExplainedSubscription} ExplainedSubscription */

/** The reason of an event whose user Jimo does not have when its turn comes. */
const OTHER_USER = "other-user";
/** How long Python may take, with its retries. */
const PATIENCE_MS = 90_000;

/**
 * @param {Host} host
 * @param {SegmentEvent} event
 * @returns {Promise<Explanation>} see segment-jimo.d.ts
 */
export async function explain(host, event) {
  const nothing = { subscriptions: [], commands: [] };
  try {
    if (isSwitchedOff(event)) return { outcome: "unmatched", reason: "switched-off", ...nothing };
    const inside = await whenRunning(host);
    if (inside) return await rehearse(host, inside, event);
  } catch (error) {
    host.report("tools-failed", `explain() failed: ${nameOf(error)}. Give it an event with a type.`);
    return { outcome: "dropped", reason: "tools-failed", ...nothing };
  }
  const failed = host.shown.state === "failed";
  return {
    outcome: host.stopped ? "dropped" : "held",
    reason: host.stopped?.[0] ?? (failed ? "boot-failed" : "not-started"),
    ...nothing,
  };
}

/** Boots Python if needed, and nothing of Jimo. @param {Host} host @returns {Promise<Inside | undefined>} */
async function whenRunning(host) {
  const end = Date.now() + PATIENCE_MS;
  if (host.shown.state === "waiting") {
    host.withoutJimo = true;
    host.undo(() => delete host.withoutJimo);
    host.start();
  }
  while (!/running|failed/.test(host.shown.state) && !host.stopped && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return host.stopped || host.shown.state !== "running" ? undefined : host.inside;
}

/**
 * @param {Host} host
 * @param {Inside} inside
 * @param {SegmentEvent} given
 * @returns {Promise<Explanation>}
 */
async function rehearse(host, inside, given) {
  const { python, dispatcher } = inside;
  const { protocol } = python;
  /** @type {unknown[][]} */
  const pushed = [];
  /** @type {Parameters<ReportFault>[]} */
  const faults = [];
  const { type, userId, anonymousId } = given;
  // As stamps.js has it: the visitor does not change with an alias.
  const ids = (type === "alias" && host.stamps.seen()) || { userId, anonymousId };
  const stamp = { number: 0, identify: 0, era: host.stamps.era, user: host.stamps.numberOf(ids.userId), ids };
  /** @type {Item} */
  const item = {
    id: 0,
    turn: 0,
    event: given,
    ctx: { event: given },
    stamp,
    row: { messageId: null, type: given.type, name: null, outcome: "held", reason: null, at: 0, commands: 0 },
    next: 0,
  };
  const queue = {
    ...host.queue,
    line: [item],
    aside: [],
    settle(/** @type {Item} */ { row }, /** @type {any} */ outcome, reason = null) {
      if (row.outcome === "held") Object.assign(row, { outcome, reason });
    },
  };
  const rehearsed = inside.rehearse(
    {
      ...host,
      queue,
      report: (...fault) => faults.push(fault),
      mark() {},
      memory: { ...host.memory, read: () => undefined, write() {} },
    },
    { push: (command) => pushed.push(command), announce() {} },
  );
  // A middleware gets a copy, and may take its time.
  await new Promise((done) => {
    if (!rehearsed.holds(item, done)) done(undefined);
  });
  const ahead = toldAhead(host, rehearsed);
  faults.length = 0;
  /** What the event waits for. @type {string | undefined} */
  let waitsFor;
  if (queue.line.includes(item) && rehearsed.match(item)) {
    // As the dispatcher does, so that the same one of two mistakes counts.
    rehearsed.profileOf(item);
    const answer = python.offer(0, stamp.era, stamp.user, 0, 0);
    const names = dispatcher.isWaiting && rehearsed.userOf(item);
    if (names) rehearsed.identify(item.id, 0);
    const held = answer === protocol.hold || host.queue.line.length > 0;
    // After Jimo's answer to an identify of its own, all of an event goes out. So it does on a page that
    // waits for a user: before that nobody else is named.
    const all = protocol.send;
    const later = dispatcher.isWaiting ? all : python.offer(0, stamp.era, stamp.user, ahead, 1);
    let verdict = held ? later : answer;
    while (!rehearsed.run(item, verdict)) verdict = all;
    if (item.failed !== OTHER_USER && (held || item.deferred)) waitsFor = heldReason(host, item, !!names);
    else rehearsed.settle(item);
  }
  const { outcome, reason } = item.row;
  return {
    outcome,
    reason: waitsFor ?? reason,
    subscriptions: describe(inside, item, faults),
    commands: pushed.map((command) => plain(command)),
  };
}

/**
 * @param {Host} host
 * @param {ReturnType<Inside["rehearse"]>} rehearsed
 * @returns {number} the user whom Jimo is told of by what waits now; 0 for nobody
 */
function toldAhead({ queue, stamps }, rehearsed) {
  /** @param {Item} item @returns {Item} on which nothing leaves a trace */
  const copyOf = ({ id, turn, event, ctx, stamp, row, steps, command, answers }) => ({
    ...{ id, turn, event, stamp, command, next: 0 },
    ...{ ctx: { event: ctx.event }, row: { ...row }, answers: { ...Object(answers) } },
    // Those of a command do not follow from an event.
    steps: command && steps,
  });
  const last = queue.line
    .map(copyOf)
    .findLast((item) => item.stamp.era === stamps.era && rehearsed.match(item) && rehearsed.profileOf(item));
  return last?.stamp.user ?? 0;
}

/** @param {Host} host @param {Item} item @param {boolean} names whether it names the user that the page waits for */
function heldReason(host, item, names) {
  const { sdk } = host.shown;
  if (item.deferred) return "next-identify";
  if (host.inside?.dispatcher.isWaiting && !names) return "no-user";
  if (sdk !== "live") return sdk === "failed" ? "sdk-failed" : "sdk-loading";
  return "identify-open";
}

/** @param {any} value @returns {any} a command, with a word instead of a function */
function plain(value) {
  if (typeof value === "function") return "callback";
  return Array.isArray(value) ? value.map(plain) : value;
}

/**
 * What each subscription says of an event.
 *
 * @param {Inside} inside
 * @param {Pick<Item, "event" | "answers">} item after the middleware
 * @param {Parameters<ReportFault>[]} faults of it
 * @returns {ExplainedSubscription[]}
 */
export function describe(inside, { event, answers }, faults = []) {
  return inside.subscriptions.map((subscription) => {
    const { name, action, key, plan, trigger } = subscription;
    const fault = faults.find(([, , of]) => of === name);
    const error = fault ? { code: fault[0], message: fault[1], ...(fault[3] && { field: fault[3] }) } : null;
    const off = event.integrations?.[key] === false;
    const wants = quietly(() => !!trigger(event, answers));
    const matched = !off && wants === true;
    const reason = matched
      ? null
      : off
        ? `The event’s integrations switch “${key}” off.`
        : wants === undefined
          ? "Its trigger failed."
          : (quietly(() => whyNot(plan, event, inside.compile)) ?? "Its trigger does not match.");
    const fields = matched ? fieldsOf(subscription, event, answers) : [];
    const missing = subscription.fields
      .filter(({ required }, at) => required && fields[at]?.type === "nothing")
      .map((field) => field.name);
    return { name, action, matched, trigger: write(plan), reason, fields, missing, error };
  });
}

/** @param {Subscription} subscription @param {SegmentEvent} event @param {unknown} answers of its rules */
function fieldsOf({ root, fields }, event, answers) {
  const whole = quietly(() => root(event, answers));
  return fields.map(({ name, plan, run }) => {
    /** @type {any} */
    let value;
    let type;
    try {
      value = run(event, whole);
      type = typeOf(value);
    } catch (error) {
      value = show(/** @type {any} */ (error)?.message);
      type = "failed";
    }
    return { name, path: pathsOf(plan).join(", ") || null, type, value: maskFields({ [name]: value })[name] };
  });
}

/** @param {any} plan of a field @returns {string[]} the paths that it reads */
function pathsOf(plan) {
  if (!Array.isArray(plan)) return [];
  if (plan[0] === "@path" && plan[1]?.[0] === "value") return [String(plan[1][1])];
  if (plan[0] === "value") return [];
  return [...new Set(plan.flatMap(pathsOf))];
}
