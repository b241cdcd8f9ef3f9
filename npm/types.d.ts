// What npm/build.mjs defines, beside the constants of web/types.d.ts.

declare module "simulator" {
  /** Runs web/playground/simulator.js with something in the place of `Document`. */
  export function startSimulator(Document: unknown): void;
}
