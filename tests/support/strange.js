// For tests/e2e/test_strange_input.py: strange values, all the places of a call for them, and what then happens to the
// caller and at Jimo.

const no = () => {
  throw new Error("no");
};

/** @returns {Record<string, unknown>} by name */
function makeValues() {
  const [inner, gone] = [0, 1].map(() => {
    const frame = document.createElement("iframe");
    document.documentElement.append(frame);
    return frame;
  });
  const theirs = gone.contentWindow.eval("({ list: [1], when: new Date(5), inner: { a: 1 } })");
  gone.remove();
  const traps = Object.fromEntries(Object.getOwnPropertyNames(Reflect).map((trap) => [trap, no]));
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const revokedList = Proxy.revocable([], {});
  revokedList.revoke();
  const cyclic = { name: "cyclic", work() {} };
  for (const key of "abcdefgh") cyclic[key] = cyclic;
  const list = [];
  list.push(list, list);
  let deep = { end: true, work() {} };
  let deepList = [];
  for (let level = 0; level < 1000; level++) {
    deep = { deep };
    deepList = [deepList];
  }
  const detached = new ArrayBuffer(8);
  structuredClone(detached, { transfer: [detached] });
  const sparse = [1];
  sparse[1000] = 2;
  class Shape {
    sides = 4;
    #secret = 1;
    get area() {
      return this.#secret;
    }
  }
  return {
    cyclic,
    "cyclic list": list,
    getter: Object.defineProperty({}, "a", { get: no, enumerable: true }),
    "getter that throws nothing printable": {
      get a() {
        throw Object.create(null);
      },
    },
    proxy: new Proxy({ a: 1 }, {}),
    "proxy that throws": new Proxy({}, traps),
    "proxy of a function that throws": new Proxy(() => {}, traps),
    "proxy that was revoked": revoked.proxy,
    "proxy of a list that was revoked": revokedList.proxy,
    bigint: 10n ** 30n,
    symbol: Symbol("alone"),
    "symbol as a key": { [Symbol("key")]: 1 },
    function: () => {},
    "function that throws": no,
    class: Shape,
    node: document.createElement("a"),
    "form with fields named as methods": Object.assign(document.createElement("form"), {
      innerHTML: '<input name="toString"><input name="then">',
    }),
    document,
    "document.all": document.all,
    window,
    "another window": inner.contentWindow,
    map: new Map([["a", new Date(1)]]),
    set: new Set([1, "a"]),
    "weak map": new WeakMap(),
    "typed array": new Uint8Array([1, 2]),
    "array buffer": new ArrayBuffer(8),
    "detached buffer": detached,
    blob: new Blob(["x"]),
    expression: /a/g,
    error: new TypeError("t"),
    instance: new Shape(),
    "boxed text": Object("text"),
    "huge text": "x".repeat(2 ** 18),
    "lone surrogate": "\ud800",
    "lone surrogate as a key": { "\udfff": 1 },
    nul: "c\0d",
    "nul as a key": { "a\0b": 1 },
    "__proto__ as a key": JSON.parse('{"__proto__": {"a": 1}, "constructor": {"prototype": {"b": 2}}}'),
    "constructor as a text": "constructor",
    "__proto__ as a text": "__proto__",
    nan: NaN,
    "minus zero": -0,
    "2**53": 2 ** 53,
    infinity: -Infinity,
    "sparse list": sparse,
    "10,000 keys": Object.fromEntries(Array.from({ length: 10000 }, (_, index) => [`k${index}`, index])),
    "depth 1,000": deep,
    "list of depth 1,000": deepList,
    "invalid date": new Date(NaN),
    date: new Date(7),
    "another realm's": inner.contentWindow.eval("({ list: [1], when: new Date(5) })"),
    "a removed realm's": theirs,
    promise: Promise.resolve(1),
    "promise that is rejected": Object.assign(Promise.reject(0), { _: 0 }),
    "promise for ever": new Promise(() => {}),
    thenable: {
      then(resolve) {
        resolve(1);
      },
    },
    "thenable that throws": { then: no },
    "toJSON that throws": { toJSON: no },
    "toString that throws": { toString: no, valueOf: no, [Symbol.toPrimitive]: no },
    "toStringTag that throws": Object.defineProperty({}, Symbol.toStringTag, { get: no }),
    "no prototype": Object.assign(Object.create(null), { a: 1 }),
    frozen: Object.freeze({ a: Object.freeze([1]) }),
    arguments: (function () {
      return arguments;
    })(1, 2),
    generator: (function* () {
      yield 1;
    })(),
    "empty text": "",
    number: 5,
    true: true,
    false: false,
    null: null,
    undefined,
    "list of lists": [1, [2]],
  };
}

const VALUES = makeValues();
VALUES["promise that is rejected"].catch(() => {});

/** Calls of analytics.js with a value at one place, by name. */
const PLACES = {};
const ARGUMENTS = {
  track: ["e", {}, {}, undefined],
  identify: ["u", {}, {}, undefined],
  page: ["c", "n", {}, {}, undefined],
  screen: ["c", "n", {}, {}, undefined],
  group: ["g", {}, {}, undefined],
  alias: ["to", "from", {}, undefined],
};
const OBJECTS = ["track 1", "identify 1", "page 2", "group 1"];
const OPTIONS = "context integrations timestamp messageId userId traits type anonymousId".split(" ");
for (const [method, usual] of Object.entries(ARGUMENTS)) {
  usual.forEach((_, index) => {
    const place = `${method} ${index}`;
    const put = (made) => usual.map((one, at) => (at === index ? made : one));
    PLACES[place] = put;
    if (OBJECTS.includes(place)) {
      PLACES[`${place}, a value in it`] = (value) => put({ value });
      PLACES[`${place}, a list in it`] = (value) => put({ value: [value] });
    }
  });
}
PLACES["identify 1, email"] = (email) => ["u", { email }];
// analytics.js keeps an anonymousId for later calls, and a reset makes the events on their way stale.
for (const name of OPTIONS) PLACES[`track 2, ${name}`] = (value) => ["e", { a: 1 }, { [name]: value }];
PLACES["reset 0"] = (value) => [value];

/** @type {[name: string, method: string, arguments: unknown[], value: unknown][]} */
const CALLS = Object.entries(PLACES).flatMap(([place, put]) =>
  Object.entries(VALUES).map(([name, value], number) => {
    const all = put(value);
    // Each call has another user or group. Otherwise analytics.js would add its traits to the earlier ones.
    if (all[0] === "u" || all[0] === "g") all[0] += number;
    return [`${place}: ${name}`, place.split(" ")[0], all, value];
  }),
);

const quietly = (work) => {
  try {
    return work();
  } catch {
    return "?";
  }
};
/** Returns the kind of an object, or undefined if the object does not allow the question. */
const tag = (value) => quietly(() => Object.prototype.toString.call(value));
const said = (error) => quietly(() => String(error));

/** The events that a plugin got: their number, and each by its ID. */
const handed = { count: 0, events: new Map() };
const faults = [];
let compared = 0;
let silent = false;
const answers = [];

/** A Jimo that is live, and compares each track with the event; with `silent` it does not answer yet. */
window.jimo = {
  push([, method, [first, callback]]) {
    if (method === "identify") {
      if (silent) answers.push(callback);
      else callback();
    }
    const event = method === "segmentio:track" && handed.events.get(first.messageId);
    if (!event) return;
    const pairs = [[first.properties, event.properties]];
    if (Object.hasOwn(event.properties ?? {}, "value")) pairs.push([first.properties.value, event.properties.value]);
    for (const [came, gone] of pairs) {
      compared++;
      // A held event is copied. An event that goes out at once has the value itself.
      const copied = event.held && typeof gone === "object" && ["?", tag(came)].includes(tag(gone));
      if (!copied && !Object.is(came, gone)) faults.push(`${tag(gone)} became ${tag(came)}`);
    }
  },
};

/** Notes the events that a plugin gets. @param {object} plugin */
function watch(plugin) {
  for (const type of ["track", "identify", "page", "screen", "group", "alias"]) {
    const own = plugin[type];
    plugin[type] = (ctx) => {
      handed.count++;
      const { held } = segmentJimo.status().events;
      const event = { held: false };
      quietly(() => handed.events.set(ctx.event.messageId, Object.assign(event, { properties: ctx.event.properties })));
      const answer = own(ctx);
      event.held = segmentJimo.status().events.held > held;
      return answer;
    };
  }
  return plugin;
}

/** The outcome of each call, by its name. @type {Record<string, string>} */
const outcomes = {};

/** Makes the calls with a matching name, one after another. @param {RegExp} which */
async function callAll(which) {
  for (const place of Object.keys(PLACES)) {
    for (const [name, method, all] of CALLS) {
      if (!name.startsWith(`${place}: `) || !which.test(name)) continue;
      try {
        Promise.resolve(analytics[method](...all)).then(
          () => (outcomes[name] = "is answered"),
          (error) => (outcomes[name] = `is rejected: ${said(error)}`),
        );
      } catch (error) {
        outcomes[name] = `throws ${said(error)}`;
      }
    }
    // When this event is delivered, so are the events before it.
    await analytics.track("between");
  }
}

/** Resolves when no call has had an outcome for two seconds. */
async function quiet() {
  for (let known = -1; known !== Object.keys(outcomes).length;) {
    known = Object.keys(outcomes).length;
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

/** Answers the commands that Jimo got while it was `silent`. */
function answer() {
  silent = false;
  while (answers.length) answers.shift()();
}

// Events that analytics.js would not let through, so a plugin gets them directly.
const FIELDS = "type userId anonymousId messageId timestamp event name groupId previousId".split(" ");
FIELDS.push("properties", "traits", "context", "integrations");

/** @returns how many contexts the plugin got, and for which of them it threw */
async function handAll(plugin) {
  const thrown = [];
  let count = 0;
  const hand = (method, ctx, name) => {
    count++;
    try {
      if (!Object.is(plugin[method](ctx), ctx)) thrown.push(`${name}: another context`);
    } catch (error) {
      thrown.push(`${name}: ${said(error)}`);
    }
  };
  for (const method of ["identify", "track", "group"]) {
    for (const [name, value] of Object.entries(VALUES)) {
      // Events that waited for an identify go out in the next turn.
      await new Promise((resolve) => setTimeout(resolve));
      for (const field of FIELDS) {
        const usual = {
          type: method,
          messageId: `m${count}`,
          timestamp: new Date(),
          userId: "u",
          event: "e",
          groupId: "g",
        };
        hand(method, { event: { ...usual, [field]: value } }, `${method} ${field}: ${name}`);
      }
      hand(method, { event: value }, `${method} event: ${name}`);
      hand(method, value, `${method} context: ${name}`);
    }
  }
  return { thrown, count };
}
