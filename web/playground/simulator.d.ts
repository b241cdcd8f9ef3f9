// What the simulator of the Jimo SDK takes and shows. Nothing here is shipped.

/** In a query all of them are text. */
interface JimoSimulatorOptions {
  /** Milliseconds from its start until it is live (150). */
  boot: string | number;
  /**
   * Milliseconds that an identify takes (80), or
   * - "sync": the callback runs inside push
   * - "late": after 12 s, when no destination should wait any more
   * - "twice": the callback runs a second time, 80 ms after the first
   * - "never"
   */
  identify: string | number;
  /**
   * - "throw": the script throws
   * - "never-live": `window.jimo` stays the queue
   * - "quota": the same, said as Jimo says it of a project over its monthly users
   * - "push-throws": the live push throws on tracks
   * - "push-rejects": the live push answers tracks with a rejected promise
   * - "identify-rejects": the live push answers identifies so, and there is no callback
   * - "init-rejects": `jimoInit()` answers with a rejected promise, and starts nothing
   */
  fault: string;
  /** Where the event JIMO_READY is fired: "window" (the default), "document" or "none". */
  ready: string;
  /**
   * With it identifies are verified: the third argument must be the HMAC-SHA256 of the user's id, made
   * with this secret, in hex. If it is not, Jimo's documented error is in the log, and the user stays
   * the one from before. Jimo's documentation does not say whether the callback runs then; in this
   * simulator it does. Browsers can check a signature only on https and on localhost.
   */
  secret?: string;
  /**
   * What `jimoKill()` does, besides ending it. Jimo's documentation does not say.
   * - "queue": `window.jimo` is an empty queue again (the default)
   * - "object": `window.jimo` stays, and takes no notice of what is pushed
   * - "nothing": `window.jimo` and `jimoInit` are gone, so that only the script starts it again
   * - "throws": it throws, and ends nothing
   * - "missing": there is no `jimoKill`
   */
  kill: string;
  /**
   * "plan:pro" shows an experience, a small card, to profiles whose attribute plan is pro. What a
   * profile is to see is asked for on start, after an identify, and where a refetch is asked for; an
   * attribute that is written in between shows up the next time.
   */
  experience?: string;
  /**
   * Profiles outlive the page, until the tab is closed. With "user", so does who the user is, in all
   * tabs and even after `jimoKill()`: as with an SDK that keeps its user in localStorage.
   */
  keep?: string;
  /** For tools/serve.py: "404", or "stall" for no answer at all. */
  answer?: string;
}

interface JimoProfile {
  /** The user's id, or "anonymous". */
  key: string;
  anonymous: boolean;
  /** null until it is set, as the next ones. */
  email: unknown;
  name: unknown;
  language: unknown;
  group: unknown;
  attributes: Record<string, unknown>;
  tracks: unknown[];
  /** How often its experiences were asked for. */
  fetched: number;
  /** How often that was because of a refetch. */
  refetched: number;
}

interface JimoLogEntry {
  /** Milliseconds since navigation. */
  at: number;
  /** What was pushed, itself and not a copy. */
  command: any;
  /** The profile that was active when the command arrived. */
  profile: string;
  /** Jimo has no such command. */
  unknown?: true;
  /** It came after `jimoKill()`, to an SDK that takes no notice. */
  ended?: true;
  /** Jimo's name for the reason why the user was refused. */
  error?: string;
}
