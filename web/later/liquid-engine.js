// liquidjs with the limits of Segment's mappings. A page fetches this file only if one of its mappings
// uses @liquid.

import { Liquid } from "liquidjs";

// Segment switches these off, because they repeat work or read files.
const TAGS = ["case", "for", "include", "layout", "render", "tablerow"];
const FILTERS = [
  "array_to_sentence_string",
  "concat",
  "find",
  "find_exp",
  "find_index",
  "find_index_exp",
  "group_by",
  "group_by_exp",
  "has",
  "has_exp",
  "map",
  "newline_to_br",
  "reject",
  "reject_exp",
  "reverse",
  "sort",
  "sort_natural",
  "uniq",
  "where_exp",
  "type",
];

/** A template used a tag or a filter that is switched off. The message contains nothing of the event. */
class SwitchedOff extends Error {}

/** Characters of a template, milliseconds of one rendering, and characters and items made by it. */
const engine = new Liquid({ parseLimit: 1000, renderLimit: 500, memoryLimit: 1e8 });

for (const name of TAGS) {
  const refuse = () => {
    throw new SwitchedOff(`the tag "${name}" is switched off`);
  };
  engine.registerTag(name, { parse: refuse, render: refuse });
}
for (const name of FILTERS) {
  engine.registerFilter(name, () => {
    throw new SwitchedOff(`the filter "${name}" is switched off`);
  });
}

/**
 * @param {string} template
 * @returns {(event: object) => string} renders it
 * @throws what liquidjs throws for a template that it cannot parse
 */
export function parse(template) {
  const parsed = engine.parse(template);
  return (event) => {
    // A copy, because the tags increment and decrement change their scope.
    const scope = Object.prototype.toString.call(event) === "[object Object]" ? { ...event } : event;
    const text = engine.renderSync(parsed, scope);
    // The original does this too, although liquidjs has no other result at present.
    return typeof text === "string" ? text : "error";
  };
}

/**
 * @param {any} error what `parse` or a rendering has thrown
 * @returns {string} the problem, if its text does not quote the event
 */
export function describe(error) {
  if (error?.originalError instanceof SwitchedOff) return error.originalError.message;
  // These quote the template and nothing else.
  return /^(ParseError|TokenizationError)$/.test(error?.name) ? String(error.message) : "";
}
