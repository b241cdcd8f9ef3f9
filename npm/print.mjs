// Prints a report for people.

/** @param {unknown} value @returns {string} on one line; JSON cannot represent some values */
const inLine = (value) =>
  value === "callback"
    ? "callback"
    : Array.isArray(value)
      ? `[${value.map(inLine).join(", ")}]`
      : (JSON.stringify(value)?.replace(/^"(\d{4}-\d\d-\d\dT[\d:.]+Z)"$/, "$1") ?? "undefined");

/** @param {string} text @param {string} margin */
const indent = (text, margin) => text.replaceAll("\n", `\n${margin}`);

/** @param {import("./session.mjs").Problem} problem */
const problemLines = ({ kind, code, message }) => `${kind}  ${code}: ${indent(message, "    ")}\n`;

/** @param {number} count @param {string} word */
const counted = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

/** @param {import("./session.mjs").Report} report */
export function printReport({ problems, events, printed }) {
  const parts = printed.map((line) => `print  ${line.trimEnd()}\n`);
  parts.push(...problems.map(problemLines));
  events.forEach(({ event, outcome, reason, commands }, index) => {
    parts.push(`${parts.length ? "\n" : ""}${index + 1}. ${event}: ${outcome}${reason ? `, ${reason}` : ""}\n`);
    for (const [verb, method, args] of commands) parts.push(`   ${verb} ${method} ${inLine(args)}\n`);
  });
  const count = (/** @type {string} */ wanted) => problems.filter(({ kind }) => kind === wanted).length;
  parts.push(
    `${parts.length ? "\n" : ""}${counted(count("fault"), "fault")}, ${counted(count("warning"), "warning")}, `,
  );
  parts.push(`${counted(events.length, "event")}.\n`);
  return parts.join("");
}
