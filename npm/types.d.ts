// The constants that npm/build.mjs defines.

declare const VERSION: string;
/** Names of files in dist/. */
declare const FILES: Record<
  "micropython" | "micropythonWasm" | "micropythonPackage" | "micropythonLanguage" | "micropythonOwn",
  string
>;

declare module "simulator" {
  /** Runs web/playground/simulator.js with something in the place of `Document`. */
  export function startSimulator(Document: unknown): void;
}
