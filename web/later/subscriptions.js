// Subscriptions as Python compiled them: triggers, fields and commands.

import { compile } from "./plan.js";
import { isDate, nothing, Problem } from "./values.js";

/** The kinds of commands, in the order of a verdict. */
export const IDENTIFY = 0;
export const WRITE = 1;
export const OTHER = 2;

/**
 * @typedef {object} Step one command of one subscription
 * @property {Subscription} [subscription] missing for a command of the page's own Python
 * @property {number} kind
 * @property {import("./plan.js").Run} run
 * @property {string} [when] a field; without its value, the command is left out
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
 * @property {import("./plan.js").Run} root returns the object of all fields, if one mapping fills them
 * @property {Field[]} fields
 * @property {Step[]} steps
 */

/**
 * Takes one compiled action, mapping or subscription at a time, so that the page gets turns in between.
 *
 * @param {import("./plan.js").PlanContext} context
 * @param {string} destination its name
 */
export function createCompiler(context, destination) {
  /** @type {Record<string, any>} */
  const actions = {};
  /** @type {any[]} */
  const mappings = [];
  /** @type {Subscription[]} */
  const subscriptions = [];

  /** @param {{ name: string, trigger: any, mapping: number }} plan @returns {Subscription} */
  const make = ({ name, trigger, mapping }) => {
    const subscription = { ...mappings[mapping], name, plan: trigger, trigger: compile(trigger, context) };
    subscription.steps = actions[subscription.action].commands.map((/** @type {any} */ command) => ({
      subscription,
      ...command,
    }));
    return subscription;
  };

  /** @type {Record<string, (plan: any) => void>} */
  const adders = {
    action({ name, fields, commands }) {
      actions[name] = {
        fields,
        commands: commands.map((/** @type {any} */ { plan, when, identifies, writes, announce }) => ({
          kind: identifies ? IDENTIFY : writes ? WRITE : OTHER,
          run: compile(plan, context),
          when,
          announce,
        })),
      };
    },
    mapping({ action, root, fields }) {
      mappings.push({
        action,
        key: `${destination} ${action}`,
        root: compile(root ?? ["nothing"], context),
        fields: fields.map((/** @type {any} */ plan, /** @type {number} */ index) => ({
          ...actions[action].fields[index],
          plan,
          run: compile(plan, context),
        })),
      });
    },
    subscription: (plan) => subscriptions.push(make(plan)),
  };

  return {
    /** @param {string} kind "action", "mapping" or "subscription" @param {any} plan */
    add: (kind, plan) => adders[kind](plan),
    /**
     * @param {any[]} naming the subscriptions that say who the user is: their numbers, or plans
     * @returns {{ subscriptions: Subscription[], naming: Subscription[] }}
     */
    finish: (naming) => ({
      subscriptions,
      naming: naming.map((one) => (typeof one === "number" ? subscriptions[one] : make(one))),
    }),
  };
}

/** A fault of a payload. Its action is left out. */
export class PayloadError extends Error {
  /** @param {ErrorCode} code @param {string} field @param {string} problem */
  constructor(code, field, problem) {
    super(problem);
    this.code = code;
    this.field = field;
  }
}

/** @param {unknown} value the type of a field, without its content */
const kindOf = (value) => (nothing(value) ? "nothing" : Array.isArray(value) ? "array" : typeof value);

/**
 * STRING takes text as it is, a number, boolean or BigInt as JavaScript prints it, and a Date unchanged.
 *
 * @param {string} type @param {any} value
 * @returns {any} undefined if it does not fit
 */
function fit(type, value) {
  if (type === "OBJECT") return typeof value === "object" && !Array.isArray(value) ? value : undefined;
  if (typeof value === "string" || isDate(value)) return value;
  return ["number", "boolean", "bigint"].includes(typeof value) ? String(value) : undefined;
}

/**
 * @param {Subscription} subscription
 * @param {SegmentEvent} event
 * @param {(error: unknown) => string} describeError
 * @param {unknown} [answers] the answers of rules for the event; grows
 * @param {string[]} [only] the names of the fields that are wanted
 * @returns {Payload} throws a PayloadError
 */
export function mapFields({ root, fields }, event, describeError, answers, only) {
  /** @type {Payload} */
  const payload = {};
  let field = "";
  try {
    const whole = root(event, answers);
    for (const { name, type, required, run } of fields) {
      if (only && !only.includes(name)) continue;
      field = name;
      const raw = run(event, whole);
      const empty = nothing(raw);
      const value = empty ? raw : fit(type, raw);
      if (value === undefined && !empty) throw new PayloadError("wrong-type", name, `got ${kindOf(raw)}`);
      if (required && empty) throw new PayloadError("missing-field", name, "has no value");
      payload[name] = value;
    }
  } catch (error) {
    if (error instanceof PayloadError) throw error;
    const where = (error instanceof Problem && error.field) || field || "mapping";
    throw new PayloadError("mapping-failed", where, `failed: ${describeError(error)}`);
  }
  return payload;
}
