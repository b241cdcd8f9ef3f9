// `segment-jimo check`: shows which commands settings make of events, and compares with an expected outcome.

import { createTwoFilesPatch } from "diff";
import { existsSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { readEvents, readJson, readSettings, readText, UsageError } from "./files.mjs";
import { startWorker } from "./host.mjs";
import { printReport } from "./print.mjs";

/** @param {unknown} value */
const format = (value) => `${JSON.stringify(value, null, 2)}\n`;

/**
 * @typedef {object} CheckOptions
 * @property {string} settings
 * @property {string} [events]
 * @property {string} [python]
 * @property {string} [expect]
 * @property {boolean} [update]
 * @property {boolean} [json]
 */

/**
 * @param {CheckOptions} files
 * @param {(text: string) => void} print
 * @returns {Promise<number>} the exit code
 */
export async function check(files, print) {
  const settings = readSettings(files.settings);
  const events = files.events ? readEvents(files.events) : [];
  const program = files.python ? { name: basename(files.python), text: readText(files.python) } : undefined;
  const expected = files.expect && !files.update ? readExpected(files.expect) : undefined;
  const report = await run({ settings, program }, events, files);
  const { problems } = report;
  const outcome = { problems, events: report.events };
  const text = format(outcome);
  const differs = expected !== undefined && format(expected) !== text;
  if (files.expect && files.update) writeFileSync(files.expect, text);
  // An expected outcome may contain faults.
  const ok = expected === undefined ? !!files.update || !problems.some(({ kind }) => kind === "fault") : !differs;

  if (files.json) print(format({ ok, ...outcome, printed: report.printed }));
  else {
    print(printReport(report));
    if (differs) print(`\n${describeDifference(files.expect ?? "", format(expected), text)}`);
    if (files.update) print(`\nWritten to ${files.expect}.\n`);
    else if (expected !== undefined)
      print(
        differs
          ? "\nThe outcome differs from the expected one. If it is right, run again with --update.\n"
          : "\nAs expected.\n",
      );
  }
  return ok ? 0 : 1;
}

/** @param {string} file @param {string} expected @param {string} now */
function describeDifference(file, expected, now) {
  // Without the line of = above it.
  return createTwoFilesPatch(file, "now", expected, now, "", "").replace(/^=+\n/, "");
}

/** @param {string} file */
function readExpected(file) {
  if (!existsSync(file)) throw new UsageError(`${file}: does not exist. Write it with --update.`);
  return readJson(file);
}

/**
 * @param {import("./host.mjs").RunOptions} options
 * @param {any[]} events
 * @param {CheckOptions} files
 * @returns {Promise<import("./session.mjs").Report>}
 */
async function run(options, events, files) {
  const worker = startWorker(options);
  try {
    let report = await worker.ask();
    for (const [index, event] of events.entries()) {
      report = await worker.ask(event).catch((error) => {
        throw new UsageError(`${files.events}: event ${index + 1}: ${error.message}`);
      });
    }
    return report;
  } catch (error) {
    if (/** @type {Error} */ (error).name !== "ProgramError") throw error;
    const { message } = /** @type {Error} */ (error);
    const problem = { kind: /** @type {const} */ ("fault"), code: "python-error", message: message.trimStart() };
    return { running: false, problems: [problem], events: [], commands: [], profiles: {}, printed: [] };
  } finally {
    await worker.close();
  }
}
