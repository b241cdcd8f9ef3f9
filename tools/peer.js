// A destination of the usual kind, with which tools/first_command.py compares ours. It is JavaScript, runs Segment's own
// packages on each event, loads Jimo, and pushes commands.

import { transform } from "@segment/actions-core/mapping-kit";
import { parseFql, validate } from "@segment/destination-subscriptions";

/** @type {Record<string, (fields: any) => unknown[][]>} */
const COMMANDS = {
  sendUserData: ({ userId, email, traits }) => [
    ["do", "identify", [userId, () => window.jimo.push(["set", "user:email", [email]])]],
    ["set", "user:attributes", [traits]],
  ],
  sendTrackEvent: ({ event_name, ...fields }) => [["do", "segmentio:track", [{ event: event_name, ...fields }]]],
  sendGroupData: (fields) => [["set", "user:group", [fields]]],
};

/** @param {any} settings as Segment has them */
window.peerDestination = ({ manualInit, sdkUrl, subscriptions }) => {
  /** @param {{ event: any }} ctx */
  function run(ctx) {
    for (const { partnerAction, subscribe, mapping } of subscriptions) {
      if (!validate(parseFql(subscribe), ctx.event)) continue;
      for (const command of COMMANDS[partnerAction](transform(mapping, ctx.event))) window.jimo.push(command);
    }
    if (ctx.event.userId && window.JIMO_MANUAL_INIT) window.jimoInit?.();
    return ctx;
  }
  return {
    name: "Jimo (Actions)",
    type: "destination",
    version: "1",
    isLoaded: () => true,
    async load() {
      window.jimo ??= [];
      if (manualInit) window.JIMO_MANUAL_INIT = true;
      document.head.append(Object.assign(document.createElement("script"), { src: sdkUrl, async: true }));
    },
    identify: run,
    track: run,
    page: run,
    group: run,
  };
};
