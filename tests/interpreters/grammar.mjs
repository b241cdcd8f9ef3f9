// Makes random triggers, mappings and events, right and wrong ones. Together they use every operator and directive.

import fc from "fast-check";

const pick = (...values) => fc.constantFrom(...values);
const often = (...pairs) => fc.oneof(...pairs.map(([weight, arbitrary]) => ({ weight, arbitrary })));

// Events.

const texts = pick(
  "",
  "Order Completed",
  "a",
  "b",
  "ab",
  "abc",
  "true",
  "null",
  "eos",
  "5",
  "-3.5",
  "1e3",
  "x*",
  "é😀",
);
const leaf = fc.oneof(
  texts,
  fc.string({ maxLength: 4 }),
  fc.string({ unit: "binary", maxLength: 3 }),
  pick(0, 1, 5, -3.5, 1000, 2 ** 31, 1764000000000, NaN, -0, true, false, null, undefined),
  pick(new Date(0), new Date("2026-11-24T10:00:00Z")),
);
const key = pick("a", "b", "c", "x-y", "0", "1", "and", "null", "type", "traits", "properties", "with space", "a.b");
const value = fc.letrec((tie) => ({
  any: often([4, leaf], [2, tie("object")], [1, fc.array(tie("any"), { maxLength: 3 })]),
  object: fc.dictionary(key, tie("any"), { maxKeys: 4, noNullPrototype: true }),
}));

export const event = fc.record(
  {
    type: pick("identify", "track", "page", "screen", "group", "alias", "eos"),
    event: often([4, texts], [1, leaf]),
    name: often([4, texts], [1, leaf]),
    userId: often([4, texts], [1, leaf]),
    properties: often([6, value.object], [1, leaf]),
    traits: often([6, value.object], [1, leaf]),
    context: value.object,
  },
  { requiredKeys: ["type"], noNullPrototype: true },
);

// Triggers.

const plain = pick("type", "event", "name", "userId");
const path = fc
  .tuple(
    pick("properties", "traits", "context"),
    fc.array(pick("a", "b", "c", "x-y", "and", "null", "type", "a\\.b", "with\\ space", "\\0"), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map(([root, keys]) => [root, ...keys].join("."));
const quoted = fc.oneof(texts, fc.string({ maxLength: 4 })).map((text) => `"${text.replaceAll('"', "")}"`);
const types = pick("identify", "track", "page", "screen", "group", "alias").map((type) => `type = "${type}"`);
const literal = fc.oneof(
  quoted,
  quoted,
  quoted.map((text) => text.replaceAll('"', "'")),
  pick(
    "5",
    "0",
    "-3.5",
    "+5",
    "1.50",
    "1000",
    "2147483648",
    "1764000000000",
    "100000000000000000000000",
    "-",
    "1.",
    ".5",
  ),
  pick("true", "false", "null", "word", "and", "an", "nul"),
);
const operator = often(
  [9, pick("=", "!=", "<", "<=", ">", ">=")],
  [1, pick("==", "contains", "starts_with", "exists", "is_true", "is", "!", "or")],
);
const field = often(
  [3, plain],
  [5, path],
  [1, pick("properties", "traits.", "foo", "constructor", "__proto__.x", "type.x", "\\=", "\\.")],
);
const condition = fc.tuple(field, operator, literal).map((parts) => parts.join(" "));
const pattern = fc
  .tuple(pick("*", ""), texts, pick("*", ""))
  .map(([before, text, after]) => `"${before}${text}${after}"`);
const call = fc
  .tuple(pick("", "!"), pick("contains", "match"), field, fc.oneof(pattern, pattern, literal), pick(", ", ","))
  .map(([not, name, at, text, comma]) => `${not}${name}(${at}${comma}${text})`);
const logic = pick(" and ", " or ");
const simple = often([3, types], [4, condition], [3, call]);
const joined = (one) =>
  fc.tuple(one, fc.array(fc.tuple(logic, one), { maxLength: 3 })).map(([first, more]) => first + more.flat().join(""));
const well = joined(often([4, simple], [1, joined(simple).map((text) => `(${text})`)]));
const token = fc.oneof(
  field,
  operator,
  literal,
  pick(
    "(",
    ")",
    ",",
    ".",
    "!",
    "and",
    "or",
    "null",
    "contains(",
    "match(",
    '"',
    "'",
    "[",
    "]",
    "an",
    "nul",
    "\\",
    "\n",
    "\r",
    "\t",
    "#",
  ),
);
const soup = fc.array(fc.tuple(token, pick(" ", " ", "")), { maxLength: 12 }).map((parts) => parts.flat().join(""));
const spoilt = fc
  .tuple(well, fc.nat({ max: 60 }), fc.nat({ max: 3 }), pick("", "", " ", "(", ")", '"', "!", "and ", "x"))
  .map(([text, at, length, instead]) => text.slice(0, at) + instead + text.slice(at + length));

export const trigger = often([6, well], [2, spoilt], [2, soup]);

// Mappings.

const paths = often(
  [5, pick("$.properties", "$.traits", "$.context", "$.event", "$.userId", "$.missing")],
  [
    5,
    fc
      .tuple(
        pick("$.properties.", "$.traits.", "$.context."),
        fc.array(pick("a", "b", "c", "x-y", "0", "length"), { minLength: 1, maxLength: 3 }),
      )
      .map(([root, keys]) => root + keys.join(".")),
  ],
  [
    3,
    pick(
      "$.properties.a[0]",
      "$.traits.b[1].c",
      '$.properties["x-y"]',
      "$.traits['a.b']",
      "properties.a",
      "$.",
      "",
      ".",
      "$",
      "a$.b",
      "a[b]",
      "1]].a",
      "$.properties[0]]",
      "['']",
      "with space",
    ),
  ],
);
const templates = fc
  .array(
    fc.oneof(
      texts,
      pick(
        "{{event}}",
        "{{{event}}}",
        "{{ properties.a }}",
        "{{traits.b.c}}",
        "{{$.event}}",
        "{{missing}}",
        "{{}}",
        "{{ }}",
        "{{properties.a[0]}}",
        "{{{{a}}}}",
        "}}",
        "{",
      ),
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join(""));
const liquids = fc
  .array(
    fc.oneof(
      texts,
      pick(
        "{{ event }}",
        "{{ event | upcase | append: '!' }}",
        "{{properties.a.b}}",
        "{{ properties.a | size }}",
        "{{ traits }}",
        "{{ traits | json }}",
        "{{ properties.a[0] | default: 'none' }}",
        "{{ properties.a | plus: 1 | times: 2.5 }}",
        "{{ missing.at.all }}",
        "{{ userId | slice: 0, 2 | split: '' | join: '-' }}",
        "{{ properties.a | first }}{{ properties.a | last }}",
        "{{ timestamp | date: '%Y-%m-%d' }}",
        "{% if traits.b %}yes{% elsif event contains 'a' %}maybe{% else %}no{% endif %}",
        "{% unless properties.a == blank %}{{ properties.a }}{% endunless %}",
        "{% assign x = properties.a | strip %}{{ x }}",
        "{% capture y %}<{{ event }}>{% endcapture %}{{ y | escape }}",
        "{% cycle 'a', 'b' %}{% cycle 'a', 'b' %}",
        "{% for x in properties.a %}{{ x }}{% endfor %}",
        "{% case event %}{% endcase %}",
        "{{ properties.a | map: 'b' }}",
        "{{ properties.a | sort }}",
        "{{ properties.a | no_such_filter }}",
        "{% comment %}c{% endcomment %}{% raw %}{{ r }}{% endraw %}",
        "{%- echo event -%} ",
        "{% bogus %}",
        "{{",
        "{% if event %}",
      ),
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join(""));
const wrong = pick(null, 0, 5, "", "text", true, false, [], {}, ["a"], { a: 1 }, { "@path": "$.event" });

/** Options that are mostly right, sometimes missing, sometimes wrong. */
const options = (record) =>
  fc.record(Object.fromEntries(Object.entries(record).map(([name, right]) => [name, often([9, right], [1, wrong])])), {
    requiredKeys: Object.keys(record).filter((name) => !/2$|ignorecase|global|exists|else|blank|omitArrays/.test(name)),
    noNullPrototype: true,
  });
const directive = (name, given) => often([14, given], [1, wrong]).map((one) => ({ [name]: one }));

export const { mapping } = fc.letrec((tie) => {
  const any = tie("mapping");
  const at = paths.map((one) => ({ "@path": one }));
  const from = often([3, at], [1, any]);
  const record = fc.dictionary(pick("a", "b", "c", "0", "_metadata", "d e"), from, {
    maxKeys: 3,
    noNullPrototype: true,
  });
  const either = often([2, at], [1, texts], [1, any]);
  return {
    mapping: fc.oneof(
      { maxDepth: 3, depthIdentifier: "mapping" },
      at,
      fc.oneof(texts, pick(0, 5, -3.5, 1764000000000, true, false, null)),
      record,
      fc.array(from, { maxLength: 3 }),
      directive("@path", often([4, paths], [1, tie("text")])),
      directive("@template", often([6, templates], [1, tie("text")])),
      directive("@liquid", often([20, liquids], [1, fc.constant("a".repeat(1001))])),
      directive("@literal", any),
      directive("@if", options({ exists: either, blank: either, then: any, else: any })),
      directive("@case", options({ operator: pick("lower", "upper", "title"), value: either })),
      directive(
        "@replace",
        options({
          pattern: pick("a", "b", ".", "(", "Order", "\\", "$", "01234567890", "é"),
          replacement: pick("", "x", "$&", "$1", "01234567890"),
          pattern2: pick("x", "c", "", "01234567890"),
          replacement2: pick("y", "", "01234567890"),
          ignorecase: fc.boolean(),
          global: fc.boolean(),
          value: either,
        }),
      ),
      directive(
        "@arrayPath",
        often(
          [3, fc.tuple(often([3, paths], [1, at]), often([3, record], [1, at]))],
          [1, fc.tuple(paths)],
          [1, fc.array(any, { maxLength: 2 })],
        ),
      ),
      directive("@flatten", options({ value: from, separator: pick(".", "_", ""), omitArrays: pick(true, false, 1) })),
      directive("@json", options({ mode: pick("encode", "decode", "Encode", "x"), value: either })),
      directive(
        "@merge",
        options({
          direction: pick("left", "right", "LEFT", "up"),
          objects: fc.array(often([2, at], [2, record], [1, any]), { maxLength: 3 }),
        }),
      ),
      directive(
        "@transform",
        options({ apply: often([3, record], [1, at], [1, any]), mapping: often([3, record], [1, any]) }),
      ),
      directive("@excludeWhenNull", often([2, at], [1, any])),
      pick(
        { "@bogus": 1 },
        { "@path": "$.event", b: 1 },
        { "@path": "$.event", "@if": {} },
        { "@path": "$.event", _metadata: {} },
        [{ "@bogus": 1 }],
      ),
    ),
    text: fc.oneof(directive("@template", templates), at),
  };
});
