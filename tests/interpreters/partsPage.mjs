// Connects parts of the page side as plugin.js does, without a browser and an interpreter.

import { takeOver } from "../../web/later/takeOver.js";
import { createHandover } from "../../web/page/handover.js";
import { createMemory } from "../../web/page/memory.js";
import { createQueue } from "../../web/page/queue.js";
import { createStamps } from "../../web/page/stamps.js";

export const PREFIX = "segment-jimo:p1:";

/** @type {[name: string, work: () => void | Promise<void>][]} */
export const tests = [];
export const test = (name, work) => tests.push([name, work]);

/** Makes a storage like that of a browser: all its values are text. */
export const createStorage = (from = {}) =>
  new Proxy({ ...from }, { set: (kept, key, value) => Reflect.set(kept, key, String(value)) });

/** Sets the storages of the next page. */
export function useStorages(ofTab, ofSite) {
  for (const [name, value] of Object.entries({ sessionStorage: ofTab, localStorage: ofSite }))
    Object.defineProperty(globalThis, name, { value, configurable: true });
}

/** Makes a page with the current storages. */
export function createPage({ userId = null, anonymousId = "a1" } = {}) {
  const visitor = { userId, anonymousId };
  const reports = [];
  const queue = createQueue((code) => reports.push(code));
  let eras = 0;
  const stamps = createStamps(() => eras++);
  const memory = createMemory("segment-jimo:p1");
  const user = { id: () => visitor.userId, anonymousId: () => visitor.anonymousId };
  stamps.listen({ user: () => (page.asked++, user) }, memory);
  const handover = createHandover(PREFIX, queue, stamps);
  let ids = 0;
  const page = {
    visitor,
    /** How often somebody asked analytics.js for the visitor. */
    asked: 0,
    reports,
    queue,
    stamps,
    memory,
    handover,
    get eras() {
      return eras;
    },
    dispatch(event) {
      const ctx = { event: { type: "track", messageId: `m${++ids}`, ...visitor, ...event } };
      stamps.dispatched(ctx);
      return ctx;
    },
    /** Adds an event that has to wait. */
    hold(event) {
      const ctx = page.dispatch(event);
      const item = queue.receive(ctx.event, stamps.arrived(ctx), ctx);
      queue.hold(item);
      return item;
    },
    identify(userId, traits = {}) {
      visitor.userId = userId;
      return page.hold({ type: "identify", traits });
    },
    reset(anonymousId) {
      Object.assign(visitor, { userId: null, anonymousId });
      stamps.reset();
    },
    /** Takes over what earlier pages left. Returns the names of the events, their users, and how many are lost. */
    takeOver() {
      const before = { waiting: queue.line.length, lost: queue.events.dropped };
      handover.look();
      takeOver({ queue, stamps, prefix: PREFIX });
      const found = queue.line.slice(0, queue.line.length - before.waiting);
      return {
        events: found.map(({ event }) => event.event ?? event.type),
        users: found.map(({ stamp }) => stamp.user),
        lost: queue.events.dropped - before.lost,
      };
    },
  };
  return page;
}
export const tracks = (page, ...names) => names.map((event) => page.hold({ event }));
