// What npm/build.mjs puts in.

declare const VERSION: string;

declare module "simulator" {
  /** Runs web/playground/simulator.js with something in the place of `Document`. */
  export function startSimulator(Document: unknown): void;
}
