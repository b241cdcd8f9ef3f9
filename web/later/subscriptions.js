// Subscriptions as Python has compiled them: which of them want an event, what their fields are, and
// the commands that follow.

import { compile, Problem } from "./plan.js";

/** The kinds of commands, in the order in which a verdict has them. */
export const IDENTIFY = 0;
export const WRITE = 1;
export const OTHER = 2;

/**
 * @typedef {object} Step one command of one subscription
 * @property {Subscription} [subscription] none of a command of the page's own Python
 * @property {number} kind
 * @property {import("./plan.js").Run} run
 * @property {string} [when] a field without which it is left out
 * @property {string} [announce] the field with the name of a track
 */

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {"STRING" | "OBJECT"} type
 * @property {boolean} required
 * @property {import("./plan.js").Plan} plan
 * @property {import("./plan.js").Run} run
 */

/**
 * @typedef {object} Subscription
 * @property {string} name
 * @property {string} action
 * @property {string} key its name in `event.integrations`
 * @property {import("./plan.js").Plan} plan of its trigger
 * @property {import("./plan.js").Run} trigger
 * @property {import("./plan.js").Run} root gives what fields look their values up in, where they do that
 * @property {Field[]} fields
 * @property {Step[]} steps
 */

/**
 * @param {any} plans what Python has compiled
 * @param {string} destination its name
 * @returns {{ subscriptions: Subscription[], naming: Subscription[] }} `naming` tell who the user is
 */
export function compileSubscriptions(plans, destination) {
  /** @type {Record<string, any>} */
  const actions = {};
  for (const { name, fields, commands } of plans.actions) {
    actions[name] = {
      fields,
      commands: commands.map((/** @type {any} */ { plan, when, identifies, writes, announce }) => ({
        kind: identifies ? IDENTIFY : writes ? WRITE : OTHER,
        run: compile(plan),
        when,
        announce,
      })),
    };
  }
  const mappings = plans.mappings.map((/** @type {any} */ { action, root, fields }) => ({
    action,
    key: `${destination} ${action}`,
    root: compile(root ?? ["nothing"]),
    fields: fields.map((/** @type {any} */ plan, /** @type {number} */ index) => ({
      ...actions[action].fields[index],
      plan,
      run: compile(plan),
    })),
  }));
  /** @param {{ name: string, trigger: any, mapping: number }} plan @returns {Subscription} */
  const make = ({ name, trigger, mapping }) => {
    const subscription = { ...mappings[mapping], name, plan: trigger, trigger: compile(trigger) };
    subscription.steps = actions[subscription.action].commands.map((/** @type {any} */ command) => ({
      subscription,
      ...command,
    }));
    return subscription;
  };
  const subscriptions = plans.subscriptions.map(make);
  return {
    subscriptions,
    naming: plans.naming.map((/** @type {any} */ one) => (typeof one === "number" ? subscriptions[one] : make(one))),
  };
}

/** What is wrong with a payload, so that its action is left out. */
export class PayloadError extends Error {
  /** @param {ErrorCode} code @param {string} field @param {string} problem */
  constructor(code, field, problem) {
    super(problem);
    this.code = code;
    this.field = field;
  }
}

/** @param {unknown} value what a field is, without its content */
const kindOf = (value) =>
  value === undefined || value === null ? "nothing" : Array.isArray(value) ? "array" : typeof value;

/**
 * STRING takes text as it is, a number or boolean as JavaScript prints it, and a Date unchanged.
 *
 * @param {string} type @param {any} value
 * @returns {any} undefined where it does not fit
 */
function fit(type, value) {
  if (type === "OBJECT") return typeof value === "object" && !Array.isArray(value) ? value : undefined;
  if (typeof value === "string" || {}.toString.call(value) === "[object Date]") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

/**
 * @param {Subscription} subscription
 * @param {SegmentEvent} event
 * @param {(error: unknown) => string} describeError
 * @param {string[]} [only] the names of the fields that are wanted
 * @returns {Payload} throws a PayloadError
 */
export function mapFields({ root, fields }, event, describeError, only) {
  /** @type {Payload} */
  const payload = {};
  let field = "";
  try {
    const whole = root(event);
    for (const { name, type, required, run } of fields) {
      if (only && !only.includes(name)) continue;
      field = name;
      const raw = run(event, whole);
      const empty = raw === undefined || raw === null;
      const value = empty ? raw : fit(type, raw);
      if (value === undefined && !empty) throw new PayloadError("wrong-type", name, `got ${kindOf(raw)}`);
      if (required && empty) throw new PayloadError("missing-field", name, "got nothing");
      payload[name] = value;
    }
  } catch (error) {
    if (error instanceof PayloadError) throw error;
    const why = error instanceof Problem ? error.message : describeError(error);
    throw new PayloadError("mapping-failed", field, `failed ${why}`);
  }
  return payload;
}
