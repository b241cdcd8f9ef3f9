// Tries what the page script finds out about settings before it fetches a file. Prints one JSON line with lists: the
// misspelt names of settings (one wrong character) that it does not refuse; the common attributes that it takes for
// ours; the user IDs about which its check is wrong; and what the check of all settings finds.

globalThis.document = { baseURI: "http://page/" };
const { readSettings } = await import("../../web/page/settings.js");
const { NAMES, nearest, checkSettings } = await import("../../web/later/settings.js");
const { mayNameUser } = await import("../../web/page/mayNameUser.js");

const CHARACTERS = "abzAZ_-9";

/** @param {string} name */
function edits(name) {
  const found = new Set();
  for (let at = 0; at <= name.length; at++) {
    const [before, after] = [name.slice(0, at), name.slice(at)];
    for (const put of ["", ...CHARACTERS]) {
      if (put) found.add(before + put + after);
      if (after) found.add(before + put + after.slice(1));
    }
  }
  found.delete(name);
  return [...found];
}

const all = NAMES.flatMap(edits);
const passed = all.filter((name) => {
  const asked = { projectId: "p1", [name]: true };
  return readSettings(asked).isRight || !checkSettings(asked).faults.length;
});
const ordinary =
  "src async defer type id nonce crossorigin integrity referrerpolicy fetchpriority blocking class version domain cfasync site token";
const mistaken = ordinary.split(" ").filter((name) => nearest(name));

/** @param {unknown} userId @param {object} traits */
const names = (userId, traits) =>
  mayNameUser([{ partnerAction: "sendUserData", mapping: { userId } }])({ type: "identify", traits });
const ids = [
  [{ "@path": "$.traits.user id" }, { "user id": "a" }, {}],
  [{ "@path": "$.traits['user id']" }, { "user id": "a" }, { other: 1 }],
  [{ "@path": "$.traits.é@" }, { "é@": "a" }, { é: 1 }],
  [{ "@template": "{{traits.user id}}" }, { "user id": "a" }, {}],
  [{ "@if": { exists: { "@path": "$.traits.a b" }, then: { "@path": "$.traits.a b" } } }, { "a b": 1 }, {}],
];
// The check is exact for a plain value and for a path. For other mappings, it must not overlook a user.
const wrong = ids
  .filter(([id, known, anonymous]) => !names(id, known) || ("@path" in id && names(id, anonymous)))
  .map(([id]) => id);
// A setting that cannot be read, beside one whose name begins like it.
const unreadable = checkSettings({
  projectId: "p1",
  subs: [],
  get subscriptions() {
    throw Error("no");
  },
}).faults.map(({ field }) => field);
const { warnings, faults } = checkSettings({ projectId: "p1", future: 1, versionSettings: {} });

console.log(JSON.stringify({ edits: all.length, passed, mistaken, wrong, unreadable, warnings, faults }));
