// Shapes that the files of web/ share. Nothing here is shipped.

declare const VERSION: string;
/** Hashed file names under the assets base, put in by tools/build.py. */
declare const FILES: {
  start: string;
  client: string;
  micropython: string;
  micropythonWasm: string;
  micropythonPackage: string;
  micropythonLanguage: string;
  pyodide: string;
  pyodideDir: string;
  pyodidePackage: string;
  pyodideLanguage: string;
};

type Runtime = "micropython" | "pyodide" | "page";

/** Settings as a page, Segment or a Python caller gives them, not checked yet. */
interface Given {
  projectId?: unknown;
  manualInit?: unknown;
  refetchExperiencesOnTraitsUpdate?: unknown;
  subscriptions?: unknown;
  runtime?: unknown;
  assets?: string;
  sdkUrl?: string;
  debug?: boolean;
}

/** Where a destination comes from. */
interface From {
  /** URL of our own file. */
  url: string;
  /** Nonce of our own script element. */
  nonce?: string;
  /** The global with analytics.js, if the script tag has registered us and not Segment. */
  tag: string | false;
  /** Registers the plugin as soon as analytics.js is there. */
  register?: (plugin: JimoPlugin, report: Page["report"]) => void;
}

type StatusError = import("./segment-jimo.d.ts").JimoError;

interface SegmentEvent {
  type: string;
  messageId?: string;
  userId?: unknown;
  integrations?: Record<string, unknown>;
  [key: string]: unknown;
}

interface Context {
  event: SegmentEvent;
  log?: (level: string, message: string, extras?: object) => void;
}

/** An event that was taken and is not settled. */
interface Item {
  id: number;
  event: SegmentEvent;
  ctx: Context;
  /** Created before a reset that has come since. */
  stale: boolean;
  /** `event` is our own copy. */
  copied?: boolean;
  /** Indexes of the subscriptions that want it, as text: "0,2". */
  matched?: string;
  /** Of the page before this one. */
  restored?: boolean;
  /** Something of it has reached Jimo, apart from who the user is. */
  sent?: boolean;
  /** What is kept of it for the next page. */
  text?: any;
  /** The action through which it says who the visitor is, if any; before that is known, its type. */
  kind: unknown;
  /** Python is in the middle of it. */
  started?: boolean;
  /** The id that `do identify` was called with for this event. */
  identified?: unknown;
  payloads?: Record<number, Payload | number>;
  /** It is a command of the page's own Python, and no event. */
  own?: Own;
}

/** What there is to know of a command of the page's own Python. */
interface Own {
  run: import("./later/plan.js").Run;
  /** The user whom analytics.js had when it was given. */
  now: unknown;
  /** The user it identifies. */
  identifies?: string;
  /** Jimo has called back. */
  answered?: boolean;
  /** Python waits for what Jimo answers. */
  answers?: boolean;
  /** Completes the window event `jimo-segmentio-track:<name>`. */
  announce?: string;
  /** The number of the function that it gives to Jimo. */
  listens?: number;
  /** Python has been told that it waits. */
  returned?: boolean;
  outcome: number;
  why: string;
}

type Payload = Record<string, unknown>;

/** The way from the queue to Python. */
interface Link {
  /** HELD where a subscription wants the event, else UNMATCHED or DROPPED. */
  match(item: Item): number;
  offer(item: Item): number;
  take(item: Item): number;
  /** Hands over what is held, in slices, or all of it at once. */
  drain(all?: boolean): void;
  user(id: number): void;
  reset(): void;
  /** Ends the Jimo that this destination has started. */
  end(): void;
  close(): void;
}

/** What the parts of the page side share about one destination. */
interface Page {
  given: Given;
  from: From;
  /** What the names of the other files are relative to. */
  base: string;
  events: { received: number; unmatched: number; held: number; delivered: number; dropped: number };
  queue: Item[];
  /** Events of which a part waits for an identify. */
  aside: Map<number, Item>;
  state: "waiting" | "booting" | "running" | "failed";
  sdk: "none" | "loading" | "live" | "failed" | "quota";
  initialized: boolean;
  /** Identified-only, and no event with a user yet: nothing is offered to Python. */
  waiting: boolean;
  /** A user has ended and Python was not there to be told. */
  ended?: boolean;
  /** The user who ended the waiting, and the event that named them. */
  user?: { id: unknown; item: number; owner: unknown; event: SegmentEvent };
  link?: Link;
  /** Between `pagehide` and a return to this page: what was left to the next. Nothing goes out. */
  left?: string;
  /** `connect` of the page's own Python, with data-runtime="page". */
  python?: (bridge: object) => void;
  timings: Record<"registered" | "booted" | "sdkLive" | "firstCommand", number | null>;
  /** The user's id in an event, or something falsy. */
  userOf(event: SegmentEvent): unknown;
  report(code: string, message: string, subscription?: string, field?: string): void;
  mark(name: keyof Page["timings"]): void;
  settle(outcome: number): void;
  keep(item: Item): void;
  /** Ends the waiting of an identified-only page if an event names its user. */
  meet(item: Item): void;
  close(...reason: Parameters<Page["report"]>): void;
  /** What segment_jimo.attach() needs: the settings as JSON, and to be called with others. */
  settings(): string;
  attach(settings: string, python: (bridge: object) => void): boolean;
  status(): import("./segment-jimo.d.ts").JimoStatus;
}

interface Analytics {
  register?(plugin: object): Promise<unknown>;
  on(name: string, listener: (...args: any[]) => void): void;
  off?(name: string, listener: (...args: any[]) => void): void;
  user?(): { id(): unknown; anonymousId(): unknown };
  settings?: { cdnSettings?: { remotePlugins?: { name: string; url: string }[] } };
}

type JimoPlugin = import("./segment-jimo.d.ts").JimoPlugin & { [method: string]: unknown };
type JimoDestination = import("./segment-jimo.d.ts").JimoDestination;

interface Window {
  jimo?: any;
  jimoInit?: () => unknown;
  jimoKill?: () => unknown;
  jimoIsMauLimitReached?: () => unknown;
  JIMO_PROJECT_ID?: string;
  JIMO_MANUAL_INIT?: boolean;
  JIMO_MAU_LIMIT_REACHED?: boolean;
  jimoSimulator?: any;
  bench?: object;
  JIMO_SIMULATOR?: Partial<JimoSimulatorOptions>;
  trustedTypes?: { createPolicy(name: string, rules: object): { createScriptURL(url: string): string } };
}
