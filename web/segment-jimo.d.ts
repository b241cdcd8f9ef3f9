// The types of the npm package: what `import … from "segment-jimo"` gives, and `window.segmentJimo`.

/** Settings of the Segment app, and the page's own choices. */
export interface JimoSettings {
  /** ID of your Jimo project. */
  projectId: string;
  /** "Initialize only for identified users". Default: false. */
  manualInit?: boolean;
  /** "Refetch experiences after traits changes". Default: false. */
  refetchExperiencesOnTraitsUpdate?: boolean;
  /** They replace the presets: the mappings of the Segment app, as JSON. */
  subscriptions?: readonly JimoSubscription[];
  /** Which Python runs. Default: micropython. */
  runtime?: JimoRuntime;
  /** URL of the folder with the other files of the package. Default: beside the module. */
  assets?: string;
  /** Address of the Jimo script, for a proxy or a test. Default: Jimo's own. */
  sdkUrl?: string;
  /** Explain on the console what happens. Default: false. */
  debug?: boolean;
  /** `analytics.reset()` also ends Jimo. Default: false. */
  killOnReset?: boolean;
  /** URL of a Python file of the page's own, which calls `segment_jimo.attach()`. */
  python?: string;
  /** Let `segment-jimo=inspect` in the query or hash of the page's address open the inspector. Default: false. */
  inspector?: boolean;
}

/** The Python that runs; `page` is the page's own. */
export type JimoRuntime = "micropython" | "pyodide" | "page";

/** Which events lead to which action, and how its fields are filled: the JSON of the Segment app. */
export type JimoSubscription =
  | Subscribed<"sendUserData", "userId" | "email" | "traits" | "signature">
  | Subscribed<"sendTrackEvent", "messageId" | "timestamp" | "event_name" | "userId" | "anonymousId" | "properties">
  | Subscribed<"sendGroupData", "groupId" | "traits">;

interface Subscribed<Action extends string, Field extends string> {
  partnerAction: Action;
  /** Its name in errors. */
  name?: string;
  /** Default: true. */
  enabled?: boolean;
  /** The trigger, such as `type = "track"`. Default: the action's preset. */
  subscribe?: string;
  /** Default: the action's preset. */
  mapping?:
    ({ [name in Field]?: JimoMapping } & { [internal: `__segment_internal_${string}`]: unknown }) | JimoDirective;
  /** Segment's own ID. */
  id?: string;
}

/** How one field is filled: a plain value, or a directive such as `{ "@path": "$.traits.email" }`. */
export type JimoMapping = string | number | boolean | null | readonly JimoMapping[] | JimoDirective | MappedObject;

interface MappedObject {
  [directive: `@${string}`]: never;
  [name: string]: JimoMapping;
}

type MappedText = string | JimoDirective;

export type JimoDirective =
  | { "@path": MappedText }
  | { "@template": MappedText }
  | { "@liquid": string }
  | { "@literal": JimoMapping }
  | { "@excludeWhenNull": JimoMapping }
  | { "@if": { exists?: JimoMapping; blank?: JimoMapping; then?: JimoMapping; else?: JimoMapping } }
  | { "@case": { operator: "lower" | "upper"; value?: MappedText } }
  | {
      "@replace": {
        pattern: string;
        replacement?: string;
        pattern2?: string;
        replacement2?: string;
        value: MappedText;
        ignorecase?: boolean;
        global?: boolean;
      };
    }
  | { "@arrayPath": readonly [path: MappedText, shape?: JimoMapping] }
  | { "@flatten": { separator: string; value: JimoMapping; omitArrays?: boolean } }
  | { "@json": { mode: "encode" | "decode"; value: JimoMapping } }
  | { "@merge": { direction: "left" | "right"; objects: readonly JimoMapping[] } }
  | { "@transform": { apply: JimoMapping; mapping: JimoMapping } };

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
  /**
   * For analytics.js, which calls it with the JSON of the Segment app, which may contain null. Settings of a narrower
   * type would need a second argument, which does not exist, so typos do not pass.
   */
  <Given>(settings: Given, ...none: null extends Given ? [] : [never]): JimoPlugin;
  /** The name in Segment's catalog: "Jimo (Actions)". */
  pluginName: string;
}

/**
 * If Segment's settings have "Jimo (Actions)": `plugins: [jimoDestination]`. Otherwise: `plugins: [jimoDestination({
 * projectId: "YOUR_PROJECT_ID" })]`.
 */
export const jimoDestination: JimoDestination;

/** `window.segmentJimo`, while a destination is on the page. */
export interface SegmentJimo {
  /** Whether Jimo has started or may start now. */
  readonly initialized: boolean;
  /** The live `window.jimo`: Jimo's SDK, or its queue. */
  client(): any;
  status(): JimoStatus;
  /**
   * Says what would happen to an event, without any effect. Boots Python if needed. Give it a whole event, as
   * analytics.js delivers it: missing fields count as missing. The page's Python functions, and the middlewares that
   * the destination runs itself, run for it too, on a copy. It never rejects. It is undefined where the file that it
   * needs did not load: status().errors has "tools-failed".
   */
  explain(event: { type: string; [key: string]: unknown }): Promise<JimoExplanation | undefined>;
  /** Switches debug mode on, or off with `false`. Resolves once that is done, and never rejects. */
  debug(on?: boolean): Promise<void>;
  /** Opens the inspector, a panel that shows what happens to each event. Resolves once it is open. */
  inspect(): Promise<JimoInspector> & JimoInspector;
}

export interface JimoInspector {
  /** Removes the panel and its data. */
  close(): unknown;
}

export interface JimoExplanation {
  outcome: JimoOutcome;
  /**
   * Of a dropped event the code of the error; of a held one what it waits for: "not-started",
   * "boot-failed", "no-user", "sdk-loading", "sdk-failed", "identify-open" or "next-identify". Of an
   * unmatched one "switched-off" if its integrations keep it from this destination.
   */
  reason: string | null;
  subscriptions: JimoExplainedSubscription[];
  /** What would be pushed, in order, as `[verb, method, args]`, with "callback" instead of a function. */
  commands: unknown[][];
}

/** The result of one subscription for an event. */
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
    /** Its path in the event; null if it has none. */
    path: string | null;
    /** What came: "nothing", "text", "number", "boolean", "date", "list", "object", …, or "failed". */
    type: string;
    value: unknown;
  }[];
  /** The required fields that have no value. */
  missing: string[];
  /** Why its action is left out. */
  error: { code: JimoErrorCode; message: string; field?: string } | null;
}

export interface JimoStatus {
  version: string;
  /** Null if the setting is wrong. */
  runtime: JimoRuntime | null;
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

/** The outcome of an event. */
export type JimoOutcome = "unmatched" | "held" | "delivered" | "dropped";

/** One of the last 50 events. It contains no data of the page or the visitor except names. */
export interface JimoRecentEvent {
  messageId: string | null;
  type: string;
  /** Of a track. */
  name: string | null;
  outcome: JimoOutcome;
  /** The code of the error, where one is the reason. */
  reason: JimoErrorCode | null;
  /** When it came, in ms since navigation. */
  at: number;
  /** How many commands were pushed. */
  commands: number;
}

/** What each code means, and what to do: docs/errors.md. */
export type JimoErrorCode =
  // Settings.
  | "invalid-settings"
  | "settings-warning"
  // The page.
  | "already-enabled-in-segment"
  | "already-on-page"
  | "no-analytics"
  | "unloaded"
  // Python.
  | "boot-failed"
  | "boot-timeout"
  | "frame-removed"
  | "no-same-origin"
  | "trusted-types"
  | "python-error"
  | "python-incomplete"
  | "python-not-fetched"
  | "python-failed"
  | "internal"
  | "tools-failed"
  // Jimo.
  | "sdk-failed"
  | "sdk-not-live"
  | "init-failed"
  | "kill-failed"
  | "quota-reached"
  | "other-project"
  | "jimo-global-taken"
  | "identify-timeout"
  | "push-failed"
  | "not-announced"
  // Events.
  | "buffer-full"
  | "not-kept"
  | "reset"
  | "other-user"
  | "missing-field"
  | "wrong-type"
  | "mapping-failed"
  | "trigger-failed"
  | "middleware-failed"
  | "dropped-by-middleware"
  | "unmatched-while-refused"
  // Commands of the page's own Python.
  | "command-dropped"
  | "command-refused";

export interface JimoError {
  code: JimoErrorCode;
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
