// Runs in the pages of tools/bench.py. It gives one event after another to three candidates: this destination; the peer,
// which does what Segment's runtime does with the subscriptions for each event; and JavaScript written by hand.

import { transform } from "@segment/actions-core/mapping-kit";
import { parseFql, validate } from "@segment/destination-subscriptions";

const path = (/** @type {string} */ at) => ({ "@path": at });
const TRACK = {
  messageId: path("$.messageId"),
  timestamp: path("$.timestamp"),
  event_name: path("$.event"),
  userId: path("$.userId"),
  anonymousId: path("$.anonymousId"),
  properties: path("$.properties"),
};
const PRESETS = [
  {
    subscribe: 'type = "identify"',
    mapping: { userId: path("$.userId"), email: path("$.traits.email"), traits: path("$.traits") },
  },
  { subscribe: 'type = "track"', mapping: TRACK },
  { subscribe: 'type = "group"', mapping: { groupId: path("$.groupId"), traits: path("$.traits") } },
];
/** As many subscriptions as Segment allows. The event below matches one of them. */
const FIFTY = Array.from({ length: 50 }, (_, number) => ({
  partnerAction: "sendTrackEvent",
  name: `Subscription ${number}`,
  enabled: true,
  subscribe: `type = "track" and event = "Event ${number}"`,
  // Each has a mapping of its own, as in Segment's settings.
  mapping: structuredClone(TRACK),
}));

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
    event: "Event 7",
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

/** @type {any} */
let plugin;
/** @type {{ subscribe: string, mapping: any }[]} */
let subscriptions;

const runs = {
  /** @param {{ event: any }} ctx */
  python: (ctx) => plugin.track(ctx),
  /** @param {{ event: any }} ctx */
  peer({ event }) {
    for (const { subscribe, mapping } of subscriptions) {
      if (validate(parseFql(subscribe), event)) window.jimo.push(command(transform(mapping, event)));
    }
  },
  /** @param {{ event: any }} ctx */
  byHand({ event }) {
    if (event.type === "track") window.jimo.push(command({ ...event, event_name: event.event }));
  },
};

window.bench = {
  /** Makes the destination as Segment does, and gives it a first event. */
  begin(/** @type {object} */ given, /** @type {boolean} */ fifty) {
    subscriptions = fifty ? FIFTY : PRESETS;
    plugin = window.jimoDestination({ projectId: "p", ...given, ...(fifty && { subscriptions: FIFTY }) });
    plugin.load({}, { on() {} });
    plugin.track({ event: trackEvent(1000) });
  },
  /**
   * Measures the candidates in turns, so that what else the machine does affects all of them. If an event takes the peer
   * long, it gets only this `share` of the events.
   */
  rounds(/** @type {number} */ rounds, /** @type {number} */ events, /** @type {number} */ bytes, share = 1) {
    const ctx = { event: trackEvent(bytes) };
    return Array.from({ length: rounds }, () => ({
      python: time(runs.python, ctx, events),
      peer: time(runs.peer, ctx, events * share),
      byHand: time(runs.byHand, ctx, events),
    }));
  },
  /** Microseconds for each of many new events. */
  many: (/** @type {number} */ events) =>
    time(() => plugin.track({ event: trackEvent(100) }), /** @type {any} */ (undefined), events),
};
