// The settings of the playground, and the content of its fields. The URL contains them, so a link shows the same to
// somebody else. A change of the URL does not load the page again.

/** @type {Record<string, string>} */
export const DEFAULTS = {
  scenario: "",
  manual: "",
  refetch: "",
  runtime: "micropython",
  sdk: "normal",
  project: "",
  /** Subscriptions as JSON; "" for the presets. */
  subscriptions: "",
  /** A program that calls segment_jimo.attach(); "" for none. */
  python: "",
  method: "identify",
  user: "ada",
  traits: '{"email": "ada@example.com", "plan": "pro"}',
  event: "Order Completed",
  properties: '{"total": 42.5, "currency": "EUR"}',
  group: "acme",
  groupTraits: '{"name": "Acme", "size": 120}',
  page: "Pricing",
  code: "tag",
};

/** The allowed values of some settings. The others allow any text. @type {Record<string, string[]>} */
const CHOICES = {
  manual: ["", "1"],
  refetch: ["", "1"],
  runtime: ["micropython", "pyodide"],
  sdk: ["normal", "slow", "silent", "refuses", "quota", "verifies", "blocked", "snippet"],
  method: ["identify", "track", "group", "page", "reset"],
  code: ["tag", "npm", "pyscript", "segment"],
};

export const state = { ...DEFAULTS };
for (const [name, value] of new URLSearchParams(location.search)) {
  if (name in DEFAULTS && (CHOICES[name] ?? [value]).includes(value)) state[name] = value;
}

/** The settings that a scenario sets. */
const OF_SCENARIO = ["manual", "sdk", "project", "subscriptions", "python"];

/**
 * Returns the URL of a state, without defaults and without what the scenario sets.
 *
 * @param {Record<string, string>} [of]
 */
export function address(of = state) {
  const told = Object.entries(of).filter(
    ([name, value]) => value !== DEFAULTS[name] && !(of.scenario && OF_SCENARIO.includes(name)),
  );
  const query = new URLSearchParams(told).toString();
  return location.pathname + (query && `?${query}`);
}

/** @param {Record<string, string>} changes */
export function set(changes) {
  Object.assign(state, changes);
  history.replaceState(null, "", address());
}
