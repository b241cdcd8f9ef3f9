#!/usr/bin/env node
// The command of the npm package.

import { cpSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { check } from "./check.mjs";
import { UsageError } from "./files.mjs";

const HELP = `segment-jimo ${VERSION}

  segment-jimo check SETTINGS.json [EVENTS.json] [options]
      Reads the settings, reports each fault and warning with its place, and prints
      the commands that each event would send to Jimo. It sends nothing.

      SETTINGS.json  {"projectId", "subscriptions", …} with the names of the Segment app,
                     a list of subscriptions, or the settings that analytics.js fetches
      EVENTS.json    an event or a list of events, such as
                     {"type": "track", "event": "Order Completed"}; {"type": "reset"}
                     stands for a logout

      --python FILE  a Python program that calls segment_jimo.attach(...)
      --expect FILE  compares the outcome with this file
      --update       writes the outcome into the file of --expect
      --json         prints the outcome as JSON

  segment-jimo copy DIR
      Copies the files that a page needs into a folder of your site.

  segment-jimo --help | --version

Exit codes: 0 no fault, 1 a fault or another outcome than expected, 2 wrong usage.
`;

/** @param {string} text */
const print = (text) => void process.stdout.write(text);

/** @param {string[]} args @returns {Promise<number>} the exit code */
async function main(args) {
  const { values, positionals } = parse(args);
  if (values.help) return (print(HELP), 0);
  if (values.version) return (print(`${VERSION}\n`), 0);
  const [command, ...files] = positionals;
  if (command === "check") {
    if (files.length < 1 || files.length > 2)
      throw new UsageError(`check: expected SETTINGS.json [EVENTS.json], got ${files.length} files.`);
    if (values.update && !values.expect) throw new UsageError("--update needs --expect FILE.");
    const [settings, events] = files;
    return check({ settings, events, ...values }, print);
  }
  if (command === "copy") {
    if (files.length !== 1) throw new UsageError(`copy: expected one folder, got ${files.length}.`);
    return copy(files[0]);
  }
  throw new UsageError(
    command ? `${command}: unknown command. Use check or copy.` : "Expected a command, got none. Use check or copy.",
  );
}

/** @param {string[]} args */
function parse(args) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h" },
        version: { type: "boolean" },
        python: { type: "string" },
        expect: { type: "string" },
        update: { type: "boolean" },
        json: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UsageError(/** @type {Error} */ (error).message);
  }
}

/** @param {string} folder */
function copy(folder) {
  const dist = fileURLToPath(new URL("../dist/", import.meta.url));
  try {
    cpSync(dist, folder, { recursive: true });
  } catch (error) {
    throw new UsageError(
      `${folder}: cannot be written (${/** @type {NodeJS.ErrnoException} */ (error).code}). Check the path.`,
    );
  }
  print(`Copied ${readdirSync(dist).length} files and folders to ${folder}.\n`);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`segment-jimo: ${error.message}\nSee segment-jimo --help.\n`);
  process.exitCode = 2;
}
