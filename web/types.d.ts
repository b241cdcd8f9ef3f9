// Shapes that the files of web/ share. Nothing here is shipped.

declare const VERSION: string;
declare module "*.css" {
  const text: string;
  export default text;
}
declare module "*.py" {
  const text: string;
  export default text;
}
/** Hashed file names under the assets base, put in by tools/build.py. */
declare const FILES: {
  start: string;
  liquid: string;
  client: string;
  tools: string;
  inspector: string;
  program: string;
  whole: string;
  micropythonImage: string;
  micropythonRest: string;
  micropython: string;
  micropythonWasm: string;
  micropythonPackage: string;
  micropythonLanguage: string;
  micropythonOwn: string;
  pyodide: string;
  pyodideDir: string;
  pyodidePackage: string;
  pyodideLanguage: string;
  pyodideOwn: string;
};

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
  killOnReset?: boolean;
  /** URL of a Python file of the page's own. */
  python?: string;
  inspector?: boolean;
  /** Said by the page's own Python, whose mappings stay there. */
  usesLiquid?: boolean;
  /** Name of the global that holds analytics.js; of a tag only. */
  analytics?: string;
}

/** Where a destination comes from. */
interface From {
  /** URL of our own file. */
  url: string;
  /** Nonce of our own script element. */
  nonce?: string;
  /** The script tag has registered us, and not Segment. */
  tag: boolean;
  /** Registers the plugin as soon as analytics.js is there. */
  register?: (plugin: JimoPlugin, report: ReportFault) => void;
}

type ErrorCode = import("./segment-jimo.d.ts").JimoErrorCode;

/** Adds to `status().errors`. */
type ReportFault = (code: ErrorCode, message: string, subscription?: string, field?: string) => void;

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

type Payload = Record<string, unknown>;
type Subscription = import("./later/subscriptions.js").Subscription;
type Step = import("./later/subscriptions.js").Step;

/** An event that was taken, or a command of the page's own Python, until it is settled. */
interface Item {
  /** Its place among all that has come; below 0 for a command. */
  id: number;
  /** In which order it came; see queue.js. */
  turn: number;
  /** The turn that a command had before it was put behind an identify. */
  givenTurn?: number;
  event: SegmentEvent;
  ctx: Context;
  stamp: import("./page/stamps.js").Stamp;
  /** What `status().recent` shows of it. */
  row: import("./segment-jimo.d.ts").JimoRecentEvent;
  /** Anything but a track: the action, or before that is known the type, that tells of the visitor. */
  worth?: unknown;
  /** Held before Python runs: the event as text, which the page cannot change. */
  text?: string;
  /** What in it has no form as text. */
  shared?: unknown[];
  /** `event` is our own copy. */
  copied?: boolean;
  /** What the page's own rules have answered for it. */
  answers?: unknown;

  /** The subscriptions that want it, and the commands that follow. */
  matched?: Subscription[];
  steps?: Step[];
  /** How many of the steps are done. */
  next: number;
  /** Steps that wait for an identify. */
  deferred?: Step[];
  payloads?: Map<Subscription, Payload | null>;
  /** The subscriptions whose mapping has failed for it, which is reported once. */
  faulty?: Set<Subscription>;
  /** The subscription whose identify Jimo has not taken: nothing more of it goes out. */
  skipped?: Subscription;
  /** The id that `do identify` was called with for it. */
  identified?: unknown;
  /** The number of its next identify. */
  token?: number;
  /** An identify of it has gone out. */
  started?: boolean;
  /** Something of it has gone out, apart from an identify. */
  sent?: boolean;
  /** It was put aside before. */
  resumed?: boolean;
  /** Why not all of it was delivered: the first code and message. */
  failed?: ErrorCode;
  why?: string;

  command?: ClientCommand;
}

/** What there is to know of a command of the page's own Python. */
interface ClientCommand {
  /** The user it identifies. */
  identifies?: string;
  /** Completes the window event `jimo-segmentio-track:<name>`. */
  announce?: string;
  /** What Jimo is to call. */
  listener?: (...values: unknown[]) => void;
  pushed?(answer: unknown): void;
  answered?(): void;
  accept(): string;
  settle(item: Item, outcome: string): void;
}

type Program = ReturnType<typeof import("./later/program.js").createProgram>;
type Dispatcher = ReturnType<typeof import("./later/dispatcher.js").createDispatcher>;

type JimoGlobal = "jimo" | "JIMO_PROJECT_ID" | "JIMO_MANUAL_INIT";

/** What plugin.js offers to the other parts of one destination. */
interface Host {
  /** The settings as they came, until they are checked. */
  asked?: unknown;
  given: Given;
  readonly from: From;
  /** What the names of the other files are relative to. */
  readonly base: string;
  readonly queue: ReturnType<typeof import("./page/queue.js").createQueue>;
  readonly stamps: ReturnType<typeof import("./page/stamps.js").createStamps>;
  /** Those of analytics.addDestinationMiddleware(). */
  readonly middlewares: import("./later/middleware.js").Middleware[];
  /** There once analytics.js has loaded us. */
  memory: import("./page/memory.js").Memory;
  /** Of the names of what pages leave for each other. */
  readonly prefix: string;
  /** What the page reads in `segmentJimo`. */
  shown: {
    state: "waiting" | "booting" | "running" | "failed";
    sdk: "none" | "loading" | "live" | "failed" | "quota";
    initialized: boolean;
    timings: Record<"registered" | "booted" | "sdkLive" | "firstCommand", number | null>;
  };
  report: ReportFault;
  /** What `status().errors` lists. */
  readonly errors: ReturnType<typeof import("./page/errors.js").createErrors>["kinds"];
  /** Imports another of our files. */
  load(file: string): Promise<any>;
  mark(name: keyof Host["shown"]["timings"]): void;
  /** Present where this destination has started the Jimo on the page: the globals that it has made for it. */
  startedJimo?: Set<JimoGlobal>;
  /** Ends that Jimo with the destination, and leaves nothing of it behind. */
  endJimo?(): void;
  /** Has something done when the destination ends. */
  undo(work: () => void): void;
  /** Ends the destination. */
  stop: ReportFault;
  status(): import("./segment-jimo.d.ts").JimoStatus;

  /** MicroPython, asked for with the page's own fetch before there is another one. */
  image?: Promise<Response | undefined>;

  // For the page's own Python, whose `attach` sets it up: see attach.py.
  connect?: (bridge: object) => void;
  /** Where somebody waits for `connect`. */
  attached?: () => void;
  /** It runs in our interpreter. */
  runsProgram?: boolean;
  /** When commands were given that came before the rest of the page side. */
  readonly early?: ReturnType<Host["now"]>[];
  /** When something is said, and whose it is. */
  now(): import("./page/stamps.js").Stamp & { turn: number };
  /** An event has come. */
  arrived?: (item: Item) => void;

  // For developers.
  /** Are told of each step that an event takes, and without an event that analytics.js has loaded us. */
  readonly watchers: Set<(item?: Item, what?: string, more?: any) => void>;
  /** Whether debug mode is on, where that was said at run time. */
  debugging?: boolean;
  /** In debug mode: until somebody watches. */
  watching?: Promise<unknown>;
  /** Why the destination has ended. */
  readonly stopped: Parameters<ReportFault> | null;
  /** The one that loads us. */
  analytics?: Analytics;
  /** Has Python run. */
  start(): void;
  /** Python runs only to explain, so nothing of Jimo may be fetched. */
  withoutJimo?: boolean;
  /** There once Python has read the settings. */
  inside?: Inside;
}

/** What an explanation needs to know. */
interface Inside {
  subscriptions: Subscription[];
  python: import("./later/bridge.js").Python;
  dispatcher: Dispatcher;
  /** The visitor whom Jimo was told of last. */
  told(): import("./page/memory.js").Ids | undefined;
  compile: (plan: import("./later/plan.js").Plan) => import("./later/plan.js").Run;
  /** Commands that go somewhere else than to Jimo, without a trace, and the middlewares before them. */
  rehearse(
    page: Host,
    jimo: Parameters<typeof import("./later/commands.js").createCommands>[3],
  ): ReturnType<typeof import("./later/commands.js").createCommands> &
    ReturnType<typeof import("./later/middleware.js").createFilter>;
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
  JIMO_SIMULATOR?: Partial<JimoSimulatorOptions>;
  trustedTypes?: { createPolicy(name: string, rules: object): { createScriptURL(url: string): string } };
}
