// Marks faults that are over as healed. They stay in `status().errors`.

/** @param {Pick<Host, "errors">} host @param {ErrorCode[]} codes */
export function heal({ errors }, codes) {
  for (const kind of errors.values()) if (codes.includes(kind.code)) kind.healed = true;
}
