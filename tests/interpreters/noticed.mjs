// Ends with an error where a test of the page side notices a change of it; `make mutants` runs this
// for each change. The quick tests come first, and each stops at the first fault.

import { spawnSync } from "node:child_process";

/** How many histories a change has to survive. */
const HISTORIES = "200";

/** @param {string} script @param {string[]} given @returns {any[]} what it prints; nothing where it has failed */
function run(script, ...given) {
  const command = [`tests/interpreters/${script}`, ...given];
  const { status, stdout } = spawnSync(process.execPath, command, { encoding: "utf8", timeout: 60_000 });
  if (status !== 0) process.exit(1);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

if (run("parts.mjs").some(({ error }) => error)) process.exit(1);
if (run("histories.mjs", "whole", HISTORIES, "1", "first").some(({ faults }) => faults.length)) process.exit(1);
const slow = ["-m", "pytest", "-q", "-x", "-k", "micropython and not language", "-p", "no:cacheprovider"];
const files = ["tests/interpreters/test_load.py", "tests/interpreters/test_interpreters.py"];
if (spawnSync(".venv/bin/python", [...slow, ...files], { timeout: 120_000 }).status !== 0) process.exit(1);
