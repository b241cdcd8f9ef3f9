// The types of the npm package: what `import … from "segment-jimo"` gives, and `window.segmentJimo`.

/** Settings of the Segment app, and the page's own choices. */
export interface JimoSettings {
  /** Id of your Jimo project. */
  projectId: string;
  /** "Initialize only for identified users". Default: false. */
  manualInit?: boolean;
  /** "Refetch experiences after traits changes". Default: false. */
  refetchExperiencesOnTraitsUpdate?: boolean;
  /** What the presets are replaced by: the mappings of the Segment app, as JSON. */
  subscriptions?: JimoSubscription[];
  /** Which Python runs; `page` is one that the page has itself. Default: micropython. */
  runtime?: "micropython" | "pyodide" | "page";
  /** URL of the folder with the other files of the package. Default: beside the module. */
  assets?: string;
  /** Where the Jimo script is, for a proxy or a test. Default: Jimo's own. */
  sdkUrl?: string;
  /** Explain on the console what happens. Default: false. */
  debug?: boolean;
  /** Let `segment-jimo=inspect` in the query or hash of the page's address open the inspector. Default: false. */
  inspector?: boolean;
}

export interface JimoSubscription {
  partnerAction: "sendUserData" | "sendTrackEvent" | "sendGroupData";
  name?: string;
  enabled?: boolean;
  /** The trigger, such as `type = "track"`. */
  subscribe: string;
  mapping?: Record<string, unknown>;
}

/** A plugin of analytics.js. `any` stands for the Context of whichever library calls it. */
export interface JimoPlugin {
  name: string;
  type: "destination";
  version: string;
  isLoaded(): boolean;
  /** Always resolves. */
  ready(): Promise<unknown>;
  /** Never rejects. */
  load(context: any, analytics: any): Promise<unknown>;
  /** Takes everything back. */
  unload(): void;
  identify(context: any): any;
  track(context: any): any;
  page(context: any): any;
  screen(context: any): any;
  group(context: any): any;
  alias(context: any): any;
}

export interface JimoDestination {
  /** Makes the plugin. Wrong settings do not throw: `status().errors` names them. */
  (settings: JimoSettings): JimoPlugin;
  /** For analytics.js, which hands over whatever the Segment app has. */
  (settings: any): JimoPlugin;
  /** The name in Segment's catalog: "Jimo (Actions)". */
  pluginName: string;
}

/**
 * Where Segment's settings have "Jimo (Actions)": `plugins: [jimoDestination]`. Elsewhere:
 * `plugins: [jimoDestination({ projectId: "YOUR_PROJECT_ID" })]`.
 */
export const jimoDestination: JimoDestination;

/** `window.segmentJimo`, while a destination is on the page. */
export interface SegmentJimo {
  /** Whether Jimo was started, or may start at once. */
  readonly initialized: boolean;
  /** The live `window.jimo`: Jimo's SDK, or its queue. */
  client(): any;
  status(): JimoStatus;
  /**
   * Tells what would happen to an event, without any effect. Boots Python if need be. Give it a whole
   * event, as analytics.js hands them over: what is not in it counts as missing.
   */
  explain(event: { type: string; [key: string]: unknown }): Promise<JimoExplanation>;
  /** Switches debug mode on or off. */
  debug(on?: boolean): void;
  /** Opens the inspector, a panel that shows what happens to each event; it is there once this resolves. */
  inspect(): Promise<JimoInspector> & JimoInspector;
}

export interface JimoInspector {
  /** Takes the panel away, and everything that it has kept. */
  close(): unknown;
}

export interface JimoExplanation {
  outcome: JimoOutcome;
  /**
   * Of a dropped event the code of the error; of a held one what it waits for: "not-started",
   * "boot-failed", "no-user", "sdk-loading", "sdk-failed", "identify-open" or "next-identify".
   */
  reason: string | null;
  subscriptions: JimoExplainedSubscription[];
  /** What would be pushed, in order, as `[verb, method, args]`, with "callback" in the place of a function. */
  commands: unknown[][];
}

/** What one subscription says of an event. */
export interface JimoExplainedSubscription {
  name: string;
  action: string;
  matched: boolean;
  /** Its trigger. */
  trigger: string;
  /** Why it does not want the event: the condition that is not met, and what came. */
  reason: string | null;
  /** What its mapping gives; a signature is masked. */
  fields: {
    name: string;
    /** Where in the event it is looked up; null where it is no path. */
    path: string | null;
    /** What came: "nothing", "text", "number", "boolean", "date", "list", "object", …, or "failed". */
    type: string;
    value: unknown;
  }[];
  /** The required fields that have no value. */
  missing: string[];
  /** Why its action is left out. */
  error: { code: string; message: string; field?: string } | null;
}

export interface JimoStatus {
  version: string;
  /** Null where the setting is none of them. */
  runtime: "micropython" | "pyodide" | "page" | null;
  /** Of Python. */
  state: "waiting" | "booting" | "running" | "failed";
  sdk: "none" | "loading" | "live" | "failed" | "quota";
  /** Always `received = unmatched + held + delivered + dropped`. */
  events: {
    received: number;
    unmatched: number;
    held: number;
    delivered: number;
    dropped: number;
  };
  errors: JimoError[];
  /** The newest last. */
  recent: JimoRecentEvent[];
  /** In ms since navigation; null until known. */
  timings: {
    registered: number | null;
    booted: number | null;
    sdkLive: number | null;
    firstCommand: number | null;
  };
}

/** What became of an event. */
export type JimoOutcome = "unmatched" | "held" | "delivered" | "dropped";

/** One of the last 50 events. Nothing that the page or its visitor said is in it but their names. */
export interface JimoRecentEvent {
  messageId: string | null;
  type: string;
  /** Of a track. */
  name: string | null;
  outcome: JimoOutcome;
  /** The code of the error, where one is the reason. */
  reason: string | null;
  /** When it came, in ms since navigation. */
  at: number;
  /** How many commands were pushed. */
  commands: number;
}

export interface JimoError {
  code: string;
  message: string;
  count: number;
  /** When it came first, and last, in ms since navigation. */
  first: number;
  last: number;
  /** Present once it is over. */
  healed?: true;
  subscription?: string;
  field?: string;
}

declare global {
  interface Window {
    segmentJimo?: SegmentJimo;
    jimoDestination?: JimoDestination;
  }
}
