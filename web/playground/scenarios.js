// Scenarios. Each one opens the site for a new visitor, does something there, and checks what happens.

/** @typedef {ReturnType<typeof import("./visit.js").createSite>} Site */
/** @typedef {(calls: import("./visit.js").Visit["calls"]) => void} Next */

/**
 * What the checks of a scenario can look at.
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
/** The signature of the ID "ada", with the secret of the simulated project. A site's backend makes it. */
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
    title: "Login flow",
    look: "A visitor looks around, logs in and continues. Events after the login wait until Jimo knows the user.",
    settings: {},
    async run(site) {
      await site.call("track", "Pricing Viewed");
      await site.call("identify", "ada", ADA);
      await site.call("track", "Dashboard Opened", { tab: "home" });
      await site.call("group", "acme", { name: "Acme" });
    },
    checks: [
      [
        "Jimo gets the user, then email and attributes",
        ({ commands }) => inOrder(commands, "do identify", "set user:email", "set user:attributes", "set user:group"),
      ],
      [
        "The group and the track after the login are Ada’s",
        ({ profiles }) =>
          profiles.ada?.group && profiles.ada.tracks.some((/** @type {any} */ { event }) => event[0] === "D"),
      ],
      ["Four events are delivered, none is lost", (facts) => delivered(facts, 4)],
    ],
  },
  anonymous: {
    title: "Anonymous visitor",
    look: "“Only for identified users” is on, and nobody logs in. The page must load nothing and create no profile.",
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
      ["The page fetches nothing of Jimo", ({ status, simulator }) => status.sdk === "none" && !simulator],
      ["The events wait for a user", ({ status }) => status.events.held === 3],
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
      ["The track alone starts Jimo on the next page", ({ commands }) => commands[0] === "do identify"],
      ["The track follows, on Ada’s profile", ({ profiles }) => profiles.ada?.tracks.length === 1],
      ["Jimo creates no anonymous profile", ({ profiles }) => !profiles.anonymous],
    ],
  },
  two: {
    title: "Two users in a row",
    look: "Two people log in back to back, before Jimo answers for the first. Each profile keeps its own email.",
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
    look: "Ada logs out while Jimo is still busy with her login. Her data must not be written later.",
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
      ["The loss is counted, with a reason", (facts) => said(facts, "reset") && facts.status.events.dropped === 1],
      ["The next event is delivered", (facts) => row(facts, "Landing Page Seen")?.outcome === "delivered"],
    ],
  },
  blocked: {
    title: "Ad blocker",
    look: "An ad blocker stops Jimo’s script. The page notices nothing. Events wait, and the destination tries again.",
    settings: { sdk: "blocked" },
    async run(site, until) {
      await site.call("identify", "ada", ADA);
      await site.call("track", "Pricing Viewed");
      await until((facts) => said(facts, "sdk-failed"));
    },
    checks: [
      ["The status says that Jimo failed", ({ status }) => status.sdk === "failed"],
      ["Both events are held, none is lost", ({ status }) => status.events.held === 2 && status.events.dropped === 0],
      ["The destination tries again and again", (facts) => said(facts, "sdk-failed").count > 1],
    ],
  },
  slow: {
    title: "Slow SDK",
    look: "Jimo takes three seconds to start. All events arrive in order.",
    settings: { sdk: "slow" },
    async run(site, until) {
      for (let number = 1; number <= 5; number++) await site.call("track", `Step ${number}`);
      await until(({ status }) => status?.sdk === "live");
    },
    checks: [
      ["Nothing is pushed before Jimo is live", ({ status }) => status.timings.firstCommand >= status.timings.sdkLive],
      [
        "Five tracks arrive, in order",
        ({ log }) => log.map(({ command }) => command[2][0].event.slice(-1)).join("") === "12345",
      ],
    ],
  },
  offline: {
    title: "Offline and back",
    look: "The network fails before Jimo loads. When the browser is online again, all events go out at once.",
    settings: {},
    offline: true,
    async run(site, until) {
      await site.call("identify", "ada", ADA);
      await site.call("track", "Article Saved");
      await until((facts) => said(facts, "sdk-failed") && facts.status.events.held === 2);
      // The pause lets the reader see the events wait.
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await site.setOnline(true);
      await until((facts) => delivered(facts, 2));
    },
    checks: [
      ["An error reports the failure", (facts) => said(facts, "sdk-failed")],
      ["Jimo is live now", ({ status }) => status.sdk === "live"],
      ["Both events are delivered, none is lost", (facts) => delivered(facts, 2) && facts.status.events.dropped === 0],
    ],
  },
  quota: {
    title: "Quota reached",
    look: "The Jimo project is over its monthly users. One error says so, and no event waits.",
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
    look: "One of three subscriptions has a mistake. An error shows the place, and the others work.",
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
      [
        "An error names the mistake in “Purchases”",
        (facts) => said(facts, "invalid-settings")?.subscription === "Purchases",
      ],
      ["“Users” works", ({ profiles }) => profiles.ada?.attributes.plan === "pro"],
      [
        "The group without a team is dropped, with a reason",
        (facts) => said(facts, "missing-field")?.field === "groupId",
      ],
    ],
  },
  snippet: {
    title: "Snippet already there",
    look: "The page has Jimo’s own snippet. The destination uses its SDK and loads no second one.",
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
    look: "This Jimo verifies users. Somebody pretends in the console to be Grace. Then Ada logs in with her signature.",
    settings: { sdk: "verifies" },
    async run(site, until) {
      await site.call("identify", "grace", GRACE);
      await until((facts) => row(facts, "grace")?.outcome === "delivered");
      await site.call("identify", "ada", ADA, { integrations: { "Jimo (Actions)": { signature: SIGNED } } });
      await until((facts) => row(facts, "ada")?.outcome === "delivered");
    },
    checks: [
      [
        "Jimo refuses Grace, who has no signature",
        ({ log, profiles }) => log[0].error && log[0].command[2][0] === "grace" && !profiles.grace,
      ],
      ["Jimo accepts Ada, whom the site’s backend signed", ({ profiles }) => profiles.ada?.email === ADA.email],
      [
        "Only Jimo gets the signature; no message shows it",
        ({ status, rows }) =>
          !JSON.stringify([status, rows.map(({ event, commands }) => [event, commands])]).includes(SIGNED),
      ],
    ],
  },
};
