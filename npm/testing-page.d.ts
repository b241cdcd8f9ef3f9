// The types of `segment-jimo/testing/page`.

import type { Command } from "./testing.js";

/** Prepares Jimo's simulator. Use the result as `sdkUrl`, or `data-sdk-url`. */
export function simulate(options?: Record<string, unknown>): string;

export interface Recorder {
  readonly commands: Command[];
  /** What the simulator knows of each user, by id. */
  readonly profiles: Record<string, any>;
  /** Resolves with all commands once so many events have come and none is held. Times are in ms. */
  settled(options: { received: number; timeout?: number }): Promise<Command[]>;
}

/** The commands that reached the simulator on this page. */
export function recorder(): Recorder;
