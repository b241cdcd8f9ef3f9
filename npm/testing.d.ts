// The types of `segment-jimo/testing`.

import type { JimoPlugin, JimoSettings } from "segment-jimo";

/** `[verb, method, args]` as it was pushed. A function in it is the text "callback". */
export type Command = [verb: string, method: string, args: any[]];

export interface RecorderOptions {
  /** The destination's settings, with the names that the Segment app gives them. */
  settings: JimoSettings;
  /** The text of a Python program that calls `segment_jimo.attach(…)`. */
  python?: string;
  /** Options of the simulator, such as `{ fault: "quota" }`. */
  simulator?: Record<string, unknown>;
}

export interface RecordedEvent {
  /** Such as "track Order Completed". */
  event: string;
  outcome: "delivered" | "unmatched" | "held" | "dropped" | "done";
  /** The code of the problem, where one is the reason; "switched-off" where its integrations are. */
  reason?: string;
  commands: Command[];
}

export interface RecordedProblem {
  /** A fault stops something from working. */
  kind: "fault" | "warning";
  code: string;
  message: string;
  subscription?: string;
  field?: string;
}

export interface Recorder {
  /** For `analytics.register()`: passes what analytics.js delivers on to the destination. */
  plugin: JimoPlugin;
  /** Sends an event as Segment has it, such as `{ type: "track", event: "Order Completed" }`. */
  send(event: { type: string; [key: string]: unknown }): void;
  /** What `analytics.reset()` does. */
  reset(): void;
  /** Resolves with all commands once every event has an outcome. */
  settled(): Promise<Command[]>;
  /** The state at the last `settled()`, as for the next three. */
  readonly commands: Command[];
  readonly events: RecordedEvent[];
  readonly problems: RecordedProblem[];
  /** What the simulator knows of each user, by id. */
  readonly profiles: Record<string, any>;
  /** Ends the thread. */
  close(): Promise<void>;
}

/** Starts the destination with the simulator. Rejects where the Python program fails. */
export function recorder(options: RecorderOptions): Promise<Recorder>;

/** The part of Playwright's Page that this uses. */
export interface PlaywrightPage {
  addInitScript(script: string): Promise<unknown>;
  route(url: string, handler: (route: any) => unknown): Promise<unknown>;
  evaluate(work: () => any): Promise<any>;
  waitForTimeout(ms: number): Promise<void>;
}

export interface PageRecorder {
  commands(): Promise<Command[]>;
  profiles(): Promise<Record<string, any>>;
  /** Resolves with all commands once so many events have come and none is held. Times are in ms. */
  settled(options: { received: number; timeout?: number }): Promise<Command[]>;
}

/** Makes a page of Playwright use the simulator for Jimo. Call it before the page is opened. */
export function recordPage(page: PlaywrightPage, simulator?: Record<string, unknown>): Promise<PageRecorder>;

/** The file of the simulator, to serve instead of Jimo's script. */
export const simulatorFile: string;
