// Scenarios: each opens the site for a new visitor, does something there, and says what must happen.

/** @typedef {ReturnType<typeof import("./visit.js").createSite>} Site */
/** @typedef {(calls: import("./visit.js").Visit["calls"]) => void} Next */

/**
 * What can be looked at when it is told whether things are as they must be.
 *
 * @typedef {object} Facts
 * @property {any} status of `segmentJimo.status()`
 * @property {string[]} commands that reached the simulator on this page, as "do identify"
 * @property {any[]} log the simulator's
 * @property {Record<string, any>} profiles the simulator's
 * @property {any} simulator
 * @property {string[]} fetched names of the files that the page has fetched
 * @property {import("./pipeline.js").Row[]} rows
 */

/**
 * @typedef {object} Scenario
 * @property {string} title
 * @property {string} look what to look at
 * @property {import("./visit.js").Settings} settings
 * @property {boolean} [offline] the page opens without a network
 * @property {(site: Site, until: (found: (facts: Facts) => unknown) => Promise<void>, next: Next) => Promise<unknown>} run
 *   calls analytics.js; `until` waits, `next` opens the next page, with calls that it makes at once
 * @property {[must: string, held: (facts: Facts) => unknown][]} checks
 */

const ADA = { email: "ada@example.com", plan: "pro" };
const GRACE = { email: "grace@example.com", plan: "team" };
/** What the site's backend makes of the id "ada" with the secret of the simulated project. */
const SIGNED = "74c850db44261234076f7cf26f61c00ad220ed099e065885c70b45888e893575";

/** @param {Facts} facts @param {string} name */
const row = ({ rows }, name) => rows.find(({ event }) => event.event === name || event.userId === name);
/** @param {Facts} facts @param {number} count */
const delivered = ({ status }, count) => status.events.delivered === count && status.events.held === 0;
/** @param {Facts} facts @param {string} code */
const said = ({ status }, code) => status.errors.find((/** @type {any} */ error) => error.code === code);
/** @param {string[]} commands @param {string[]} wanted */
const inOrder = (commands, ...wanted) => {
  const places = wanted.map((one) => commands.indexOf(one));
  return places.every((place, index) => place >= 0 && (!index || place > places[index - 1]));
};

/** @type {Record<string, Scenario>} */
export const SCENARIOS = {
  login: {
    title: "Log-in flow",
    look: "A visitor looks around, logs in and goes on. What follows the log-in waits until Jimo knows who it is.",
    settings: {},
    async run(site) {
      await site.call("track", "Pricing Viewed");
      await site.call("identify", "ada", ADA);
      await site.call("track", "Dashboard Opened", { tab: "home" });
      await site.call("group", "acme", { name: "Acme" });
    },
    checks: [
      [
        "Jimo is told who it is, then email and attributes",
        ({ commands }) => inOrder(commands, "do identify", "set user:email", "set user:attributes", "set user:group"),
      ],
      [
        "The group and what comes after the log-in are Ada’s",
        ({ profiles }) =>
          profiles.ada?.group && profiles.ada.tracks.some((/** @type {any} */ { event }) => event[0] === "D"),
      ],
      ["Four events are delivered, none is lost", (facts) => delivered(facts, 4)],
    ],
  },
  anonymous: {
    title: "Anonymous visitor",
    look: "“Only for identified users” is on, and nobody logs in. The visitor must cost neither bytes nor a Jimo profile.",
    settings: { manual: true },
    async run(site, until) {
      await site.call("track", "Pricing Viewed");
      await site.call("track", "Docs Opened");
      await until(({ status }) => status?.events.held === 3);
    },
    checks: [
      [
        "No Python is fetched",
        ({ status, fetched }) => status.state === "waiting" && !fetched.some((name) => /python|start/.test(name)),
      ],
      ["Nothing of Jimo is fetched", ({ status, simulator }) => status.sdk === "none" && !simulator],
      ["The events are held for when a user comes", ({ status }) => status.events.held === 3],
    ],
  },
  known: {
    title: "Known user’s next page",
    look: "“Only for identified users” is on. Ada logs in, then opens the next page, where nobody calls identify.",
    settings: { manual: true },
    async run(site, until, next) {
      await site.call("identify", "ada", ADA);
      await until((facts) => facts.status?.events.delivered === 1);
      next([["track", "Dashboard Opened"]]);
      await until((facts) => facts.status?.events.delivered === 1 && facts.rows.length === 3);
    },
    checks: [
      ["Jimo starts on the next page, from the track alone", ({ commands }) => commands[0] === "do identify"],
      ["The track comes after it, on Ada’s profile", ({ profiles }) => profiles.ada?.tracks.length === 1],
      ["No anonymous profile is made", ({ profiles }) => !profiles.anonymous],
    ],
  },
  two: {
    title: "Two users in a row",
    look: "Two people log in back to back, before Jimo has answered for the first. Each profile keeps its own email.",
    settings: {},
    async run(site) {
      site.call("identify", "ada", ADA);
      site.call("identify", "grace", GRACE);
      await site.call("track", "Dashboard Opened");
    },
    checks: [
      [
        "Ada’s profile has Ada’s email",
        ({ profiles }) => profiles.ada?.email === ADA.email && profiles.ada.attributes.plan === "pro",
      ],
      [
        "Grace’s profile has Grace’s",
        ({ profiles }) => profiles.grace?.email === GRACE.email && profiles.grace.attributes.plan === "team",
      ],
      ["The track is Grace’s", ({ profiles }) => profiles.grace?.tracks.length === 1],
    ],
  },
  logout: {
    title: "Logout",
    look: "Ada logs out while Jimo is still busy with her log-in. What was to be written for her must not be written later.",
    settings: { sdk: "slow" },
    async run(site, until) {
      await until(({ status }) => status?.sdk === "live");
      await site.call("identify", "ada", ADA);
      await until((facts) => facts.commands.includes("do identify"));
      await site.call("reset");
      await site.call("track", "Landing Page Seen");
      await until(({ status }) => status.events.held === 0);
    },
    checks: [
      ["Ada’s email and attributes are not written", ({ commands }) => !commands.includes("set user:email")],
      ["The loss is counted, with its reason", (facts) => said(facts, "reset") && facts.status.events.dropped === 1],
      ["What comes after is delivered", (facts) => row(facts, "Landing Page Seen")?.outcome === "delivered"],
    ],
  },
  blocked: {
    title: "Ad blocker",
    look: "Jimo’s script is blocked. The page notices nothing, events are held, and the script is tried again.",
    settings: { sdk: "blocked" },
    async run(site, until) {
      await site.call("identify", "ada", ADA);
      await site.call("track", "Pricing Viewed");
      await until((facts) => said(facts, "sdk-failed"));
    },
    checks: [
      ["The status says that Jimo cannot be had", ({ status }) => status.sdk === "failed"],
      ["Both events are held, none is lost", ({ status }) => status.events.held === 2 && status.events.dropped === 0],
      ["It is tried again, without end", (facts) => said(facts, "sdk-failed").count > 1],
    ],
  },
  slow: {
    title: "Slow SDK",
    look: "Jimo takes three seconds to start. All that happens meanwhile arrives in its order.",
    settings: { sdk: "slow" },
    async run(site, until) {
      for (let number = 1; number <= 5; number++) await site.call("track", `Step ${number}`);
      await until(({ status }) => status?.sdk === "live");
    },
    checks: [
      ["Nothing is pushed before Jimo is live", ({ status }) => status.timings.firstCommand >= status.timings.sdkLive],
      [
        "Five tracks arrive, in their order",
        ({ log }) => log.map(({ command }) => command[2][0].event.slice(-1)).join("") === "12345",
      ],
    ],
  },
  offline: {
    title: "Offline and back",
    look: "There is no network when Jimo is to be fetched. When the browser is online again, all that waited goes out at once.",
    settings: {},
    offline: true,
    async run(site, until) {
      await site.call("identify", "ada", ADA);
      await site.call("track", "Article Saved");
      await until((facts) => said(facts, "sdk-failed") && facts.status.events.held === 2);
      // So that one can see them wait.
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await site.setOnline(true);
      await until((facts) => delivered(facts, 2));
    },
    checks: [
      ["The failure is told", (facts) => said(facts, "sdk-failed")],
      ["Jimo is live now", ({ status }) => status.sdk === "live"],
      ["Both events are delivered, none is lost", (facts) => delivered(facts, 2) && facts.status.events.dropped === 0],
    ],
  },
  quota: {
    title: "Quota reached",
    look: "The Jimo project is over its monthly users. It is said once, and nothing piles up in the page.",
    settings: { sdk: "quota" },
    async run(site, until) {
      await site.call("track", "Pricing Viewed");
      await until(({ status }) => status?.sdk === "quota");
      await site.call("track", "Docs Opened");
      await until(({ status }) => status.events.dropped >= 2);
    },
    checks: [
      ["The status says why", (facts) => said(facts, "quota-reached")],
      ["Nothing is held", ({ status }) => status.events.held === 0],
      ["Nothing is pushed", ({ commands }) => commands.length === 0],
    ],
  },
  mapping: {
    title: "Broken mapping",
    look: "One of three subscriptions has a mistake. It is named with its place, and the others go on.",
    settings: {
      subscriptions: JSON.stringify([
        {
          partnerAction: "sendUserData",
          name: "Users",
          enabled: true,
          subscribe: 'type = "identify"',
          mapping: { userId: { "@path": "$.userId" }, traits: { "@path": "$.traits" } },
        },
        {
          partnerAction: "sendTrackEvent",
          name: "Purchases",
          enabled: true,
          subscribe: 'type = "track" and (event = "Order Completed"',
          mapping: {
            event_name: { "@path": "$.event" },
            messageId: { "@path": "$.messageId" },
            timestamp: { "@path": "$.timestamp" },
          },
        },
        {
          partnerAction: "sendGroupData",
          name: "Teams",
          enabled: true,
          subscribe: 'type = "group"',
          mapping: { groupId: { "@path": "$.traits.team" } },
        },
      ]),
    },
    async run(site) {
      await site.call("identify", "ada", ADA);
      await site.call("track", "Order Completed", { total: 42.5 });
      await site.call("group", "acme", { name: "Acme" });
    },
    checks: [
      ["The mistake in “Purchases” is named", (facts) => said(facts, "invalid-settings")?.subscription === "Purchases"],
      ["“Users” works all the same", ({ profiles }) => profiles.ada?.attributes.plan === "pro"],
      [
        "The group that lacks its team is dropped, and told why",
        (facts) => said(facts, "missing-field")?.field === "groupId",
      ],
    ],
  },
  snippet: {
    title: "Snippet already there",
    look: "The page has Jimo’s own snippet. Its SDK is used, and a second one is never loaded.",
    settings: { sdk: "snippet" },
    async run(site) {
      await site.call("identify", "ada", ADA);
      await site.call("track", "Pricing Viewed");
    },
    checks: [
      ["The SDK was loaded once", ({ simulator }) => simulator?.loads === 1],
      [
        "Both events are delivered through it",
        (facts) => delivered(facts, 2) && facts.profiles.ada?.tracks.length === 1,
      ],
    ],
  },
  signed: {
    title: "Signed users",
    look: "This Jimo verifies who a visitor is. Somebody says on the console that they are Grace, then Ada logs in with her signature.",
    settings: { sdk: "verifies" },
    async run(site, until) {
      await site.call("identify", "grace", GRACE);
      await until((facts) => row(facts, "grace")?.outcome === "delivered");
      await site.call("identify", "ada", ADA, { integrations: { "Jimo (Actions)": { signature: SIGNED } } });
      await until((facts) => row(facts, "ada")?.outcome === "delivered");
    },
    checks: [
      [
        "Grace, whom nobody has signed, is refused",
        ({ log, profiles }) => log[0].error && log[0].command[2][0] === "grace" && !profiles.grace,
      ],
      ["Ada, whom the site’s backend has signed, is let in", ({ profiles }) => profiles.ada?.email === ADA.email],
      [
        "Only Jimo gets the signature: it is not shown",
        ({ status, rows }) =>
          !JSON.stringify([status, rows.map(({ event, commands }) => [event, commands])]).includes(SIGNED),
      ],
    ],
  },
};
