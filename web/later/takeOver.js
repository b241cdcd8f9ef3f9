// Takes over the events that earlier pages left; see web/page/handover.js. A page that takes a batch notes it in
// localStorage. Copies of the tab and pages that come back see that, so nothing goes out twice.

import { KEPT_MS, namesIn, NOT_KEPT, readName } from "../page/handover.js";
import { isOfAnother } from "../page/memory.js";
import { quietly } from "../page/quietly.js";
import { unpack } from "./unpack.js";
import { isObject } from "./values.js";

/** In the answers for an event: when a page was first left while it held that, in ms since 1970. */
const LEFT = "left";

/** For so long after an event, nobody asks analytics.js for the visitor again: it reads cookies, which is slow. */
const FRESH_MS = 1_000;

/** @param {number} at when a page was left, in ms since 1970 @returns {boolean} whether that is too long ago */
const isTooOld = (at) => Date.now() - at >= KEPT_MS;

/**
 * @typedef {object} Batch
 * @property {string} visitor their mark, see web/page/memory.js
 * @property {number} user theirs
 * @property {import("../page/handover.js").Kept[]} events
 */

/**
 * Puts the events of earlier pages before those of this page.
 *
 * @param {Pick<Host, "queue" | "stamps" | "prefix">} host
 */
export function takeOver({ queue, stamps, prefix }) {
  // This page may have missed a reset.
  if (performance.now() - stamps.lookedAt() >= FRESH_MS) stamps.notice();
  sweep(prefix);
  const batches = namesIn(() => sessionStorage, prefix)
    .flatMap((name) => take(name, prefix) ?? [])
    .sort((a, b) => a.at - b.at);
  const visitor = stamps.seen() ?? {};
  const items = batches.flatMap((batch) => {
    const isOurs = !isOfAnother(batch.visitor, visitor) && !isTooOld(batch.at);
    const kept = isOurs ? itemsOf(batch) : [];
    queue.lose(Math.max(0, batch.count - kept.length), ...NOT_KEPT);
    return kept;
  });
  queue.line.unshift(...items);
  queue.trim();
  queue.line.filter(({ command }) => command).forEach((item) => putInOrder(queue.line, item));

  /** @param {Batch & { name: string, at: number }} batch @returns {Item[]} */
  function itemsOf({ name, at, user: theirs, events }) {
    const users = new Map([
      [theirs, stamps.numberOf(visitor.userId)],
      [0, 0],
    ]);
    /** Users whose last identify so far is lost: what they said could end in another profile. @type {Set<number>} */
    const unknown = new Set();
    return events.flatMap(({ event, turn, user, worth, answers: given }) => {
      /** @type {import("./rules.js").Answers} */
      const answers = isObject(given) ? /** @type {any} */ (given) : {};
      // Also an event that several pages in a row have held is kept no longer.
      answers[LEFT] ??= { value: at };
      const isLost = !event || isTooOld(Number(answers[LEFT].value));
      if (user && /^(identify|sendUserData)$/.test(String(worth))) unknown[isLost ? "add" : "delete"](user);
      if (isLost || unknown.has(user)) return [];
      // The IDs of these users are not known here.
      if (!users.has(user)) users.set(user, stamps.numberOf(`\0${name}.${user}`));
      const { anonymousId, userId } = event;
      // Middleware may have changed the user in the event.
      const ids = user && user === theirs ? visitor : { anonymousId, userId };
      const stamp = { ...stamps.stamp(ids), user: /** @type {number} */ (users.get(user)) };
      const item = queue.receive(event, stamp, { event });
      return Object.assign(item, { turn: Math.min(turn ?? item.turn, item.turn), worth, answers, copied: true });
    });
  }
}

/**
 * Puts a command of the page's own where it belongs in the line: behind what came before it, and behind the
 * identify that was dispatched before it.
 *
 * @param {Item[]} line
 * @param {Item} item in it
 */
export function putInOrder(line, item) {
  line.splice(line.indexOf(item), 1);
  // A command that was put behind an identify still comes before later commands.
  const givenTurn = (item.givenTurn ??= item.turn);
  const before = line.findLastIndex(
    (one) =>
      one.turn <= item.turn ||
      (one.givenTurn ?? one.turn) <= givenTurn ||
      (one.stamp.identify === one.stamp.number && one.stamp.number < item.stamp.number),
  );
  if (before >= 0) item.turn = Math.max(item.turn, line[before].turn);
  line.splice(before + 1, 0, item);
}

/**
 * Tells all pages of the site that we take a batch, because a copy of the tab has it, too.
 *
 * @param {string} name
 * @returns {boolean} false: another page has taken it
 */
function claim(name) {
  if (quietly(() => localStorage[name])) return false;
  quietly(() => (localStorage[name] = Date.now() + KEPT_MS));
  return true;
}

/**
 * Takes a batch out of the tab's storage.
 *
 * @param {string} name
 * @param {string} prefix
 * @returns {(Batch & { name: string } & ReturnType<typeof readName>) | undefined} undefined if another page took it, or
 * if it is not valid
 */
function take(name, prefix) {
  const text = quietly(() => sessionStorage[name]);
  quietly(() => delete sessionStorage[name]);
  if (!claim(name)) return undefined;
  const batch = quietly(() => unpack(text));
  const makesSense =
    typeof batch?.visitor === "string" &&
    Array.isArray(batch.events) &&
    batch.events.every(
      (/** @type {any} */ kept) =>
        Number.isInteger(kept?.user) &&
        kept.user >= 0 &&
        Number.isFinite(kept.turn ?? 0) &&
        (kept.event === undefined || typeof kept.event.type === "string"),
    );
  return makesSense ? { ...batch, name, ...readName(name, prefix) } : undefined;
}

/** Deletes notes that no page needs any more. @param {string} prefix */
function sweep(prefix) {
  for (const name of namesIn(() => localStorage, prefix)) {
    if (!(Number(localStorage[name]) > Date.now())) quietly(() => delete localStorage[name]);
  }
}
