// Runs in a page of tools/bench.py: one event at a time through this destination, through the
// peer's pipeline (what Segment's runtime does with a subscription for each event), and through
// JavaScript written by hand for the one case.

import { transform } from "@segment/actions-core/mapping-kit";
import { parseFql, validate } from "@segment/destination-subscriptions";

const path = (/** @type {string} */ at) => ({ "@path": at });
const PRESETS = [
  {
    subscribe: 'type = "identify"',
    mapping: { userId: path("$.userId"), email: path("$.traits.email"), traits: path("$.traits") },
  },
  {
    subscribe: 'type = "track"',
    mapping: {
      messageId: path("$.messageId"),
      timestamp: path("$.timestamp"),
      event_name: path("$.event"),
      userId: path("$.userId"),
      anonymousId: path("$.anonymousId"),
      properties: path("$.properties"),
    },
  },
  { subscribe: 'type = "group"', mapping: { groupId: path("$.groupId"), traits: path("$.traits") } },
];

/** @param {any} fields */
const command = ({ event_name, userId, anonymousId, messageId, timestamp, properties }) => [
  "do",
  "segmentio:track",
  [{ event: event_name, userId, anonymousId, messageId, timestamp, receivedAt: timestamp, properties }],
];

/** @param {number} bytes */
function trackEvent(bytes) {
  /** @type {Record<string, string>} */
  const properties = {};
  for (let size = 0; size < bytes; size += 20) properties[`key${size}`] = "0123456789";
  return {
    type: "track",
    event: "Order Completed",
    messageId: "m1",
    timestamp: new Date(),
    userId: "u1",
    anonymousId: "a1",
    properties,
    integrations: {},
  };
}

/**
 * @param {(ctx: { event: any }) => void} run
 * @param {{ event: any }} ctx
 * @param {number} events
 * @returns {number} microseconds for each event
 */
function time(run, ctx, events) {
  const start = performance.now();
  for (let event = 0; event < events; event++) run(ctx);
  return ((performance.now() - start) / events) * 1000;
}

const runs = {
  /** @param {{ event: any }} ctx */
  python: (ctx) => window.plugin.track(ctx),
  /** @param {{ event: any }} ctx */
  peer({ event }) {
    for (const { subscribe, mapping } of PRESETS) {
      if (validate(parseFql(subscribe), event)) window.jimo.push(command(transform(mapping, event)));
    }
  },
  /** @param {{ event: any }} ctx */
  byHand({ event }) {
    if (event.type === "track") window.jimo.push(command({ ...event, event_name: event.event }));
  },
};

/** Rounds side by side, so that what the machine does meanwhile befalls all. */
window.bench = (/** @type {number} */ rounds, /** @type {number} */ events, /** @type {number} */ bytes) => {
  const ctx = { event: trackEvent(bytes) };
  return Array.from({ length: rounds }, () =>
    Object.fromEntries(Object.entries(runs).map(([name, run]) => [name, time(run, ctx, events)])),
  );
};
