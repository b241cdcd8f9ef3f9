// Prints, for each of the settings on standard input, whether the schema in dist/ takes them.

import { readFileSync } from "node:fs";
import Ajv from "ajv";

const schema = JSON.parse(readFileSync("dist/segment-jimo.schema.json", "utf8"));
const check = new Ajv({ strictKeywords: true, strictDefaults: false }).compile(schema);
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map((settings) => check(settings))));
