// Checks the English of all pages with the rules of .textlintrc.json. The rules for style read only paragraphs, so this
// script gives them the cells of tables once more, as a list.

import { createLinter, loadLinterFormatter, loadTextlintrc } from "textlint";
import { readFileSync } from "node:fs";

const PAGES = ["{README,CHANGELOG,CONTRIBUTING,CODE_OF_CONDUCT,SECURITY}.md", ".github/**/*.md", "docs/**/*.md"];

/** @param {string} page @returns {string} its table rows as list items, on the same lines */
const tablesOf = (page) =>
  page
    .split("\n")
    .map((line) =>
      /^\|(?![- |]+\|$)/.test(line)
        ? `- ${line.slice(1, -1).replaceAll("\\|", " ").split("|").map(endOf).filter(Boolean).join(" ")}`
        : "",
    )
    .join("\n");

/** @param {string} cell @returns {string} the cell as a sentence; "" for a name or a value */
function endOf(cell) {
  const text = cell.replace(/<!--.*?-->/g, "").trim();
  return text.includes(" ") ? text.replace(/[.:?]?$/, ".") : "";
}

const linter = createLinter({ descriptor: await loadTextlintrc() });
const results = await linter.lintFiles(PAGES);
for (const { filePath } of [...results]) {
  const { messages } = await linter.lintText(tablesOf(readFileSync(filePath, "utf8")), filePath);
  // Many cells state an outcome or list names.
  const found = messages.filter(({ message }) => !/passive voice|max(imum)? count of comma/.test(message));
  results.push({ filePath, messages: found });
}
const wrong = results.filter(({ messages }) => messages.length > 0);
if (wrong.length) {
  const formatter = await loadLinterFormatter({ formatterName: "stylish" });
  console.error(formatter.format(wrong));
  process.exitCode = 1;
}
