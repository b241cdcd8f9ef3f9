// The profiles that the simulator of Jimo keeps.

import { byId, element, fill, show } from "./dom.js";

/** @param {any} simulator */
export function draw(simulator) {
  /** @type {JimoProfile[]} */
  const profiles = Object.values(simulator?.profiles ?? {});
  const { active, showing } = simulator ?? {};
  fill(byId("profiles"), [profiles, active, showing], () =>
    profiles.map((profile) => {
      /** @type {[string, unknown][]} */
      const facts = [
        ["Email", profile.email],
        ["Attributes", Object.keys(profile.attributes).length ? profile.attributes : null],
        ["Group", profile.group && /** @type {any} */ (profile.group).groupId],
        ["Tracks", profile.tracks.length],
        [
          "Experiences",
          `fetched ${profile.fetched}×${profile.refetched ? `, ${profile.refetched}× by a refetch` : ""}`,
        ],
      ];
      const here = profile.key === active;
      return element(
        "li",
        { class: "profile", "data-kind": profile.anonymous ? "anonymous" : "identified", "data-active": String(here) },
        element(
          "h3",
          {},
          profile.anonymous ? "Anonymous visitor" : profile.key,
          ...(here ? [element("span", { class: "tag" }, "active")] : []),
          ...(showing === profile.key
            ? [element("span", { class: "tag", "data-kind": "experience" }, "sees the tour")]
            : []),
        ),
        element(
          "dl",
          {},
          ...facts
            .filter(([, value]) => value !== null && value !== undefined && value !== 0)
            .map(([name, value]) =>
              element(
                "div",
                {},
                element("dt", {}, name),
                element("dd", {}, typeof value === "string" ? value : show(value)),
              ),
            ),
        ),
      );
    }),
  );
}
