import * as fc from "fast-check";
import { expect, it } from "vitest";
import { checkHandle, skeletonOf } from "../../src/accounts/handles/rules.ts";

const handleOf = (given: string) => {
  const checked = checkHandle(given);
  if (!checked.ok) throw new Error(`${given}: ${checked.refusal.detail}`);
  return checked.value;
};

/** Each line: handles that look like one another. */
const ALIKE = `
  ada Ada ＡＤＡ a.da a_d-a ᴀᴅᴀ ɑdɑ 𝒶𝒹𝒶 ⓐⓓⓐ ᵃᵈᵃ
  cocoa сосоа
  bob ЬоЬ b0b
  ian lan 1an ıan İan l.an ӏап
  bill biil b1ll bıll ｂｉｌｌ
  mark rnark rn.ark ｍａｒｋ
  modern rnodern modem rnodem
  william vvilliam vviiiiam vvi11iarn
  rossa roßa roẞa ro.ssa
  aether æther Æther
  oeuvre œuvre
  google goog1e g00gle googie ɡoogle
  paypal paypa1 paypai раураӏ
  tom том
  hope норе һоре
  coop соор
  xerox хегох xer0x
  apex арех
  straße strasse
  office oﬃce 0ffice
  news nevvs n.e.w.s
  kok кок κοκ ĸoĸ
  ali7 ali٧ ali۷ ali७ ali７
  עומו עו.מו
  エリ 工リ
  カトー 力ト一 力卜一
  ロ口 口口
  二コ ニコ
  علی على
  ɪvan ivan lvan
  ok 0k
  wolf ꞷolf vvolf vv.olf
`;

it("NAME2: of handles that look alike there is one: each of these pairs has one likeness", () => {
  let pairs = 0;
  for (const line of ALIKE.trim().split("\n")) {
    const [first = "", ...others] = line.trim().split(" ");
    for (const other of others) {
      expect(`${other} ${handleOf(other).skeleton}`).toBe(`${other} ${handleOf(first).skeleton}`);
      pairs += 1;
    }
  }
  expect(pairs).toBeGreaterThan(60);
});

it("NAME2: in one alphabet alone too: Cyrillic, Greek and small capitals that spell Latin words", () => {
  const pairs = [
    ["сосоа", "cocoa"],
    ["хегох", "xerox"],
    ["раураӏ", "paypal"],
    ["ѕуѕтем", "system"],
    ["κοκ", "kok"],
    ["рһоɴе", "phone"],
    ["ցօօց", "goog"],
    ["ᴀᴅᴀ", "ada"],
  ];
  for (const [given = "", latin = ""] of pairs) expect(skeletonOf(given)).toBe(skeletonOf(latin));
});

const HONEST = [
  "ada",
  "ada2",
  "ada3",
  "grace-hopper",
  "linus_t",
  "j.r.r",
  "josé",
  "jose",
  "müller",
  "muller",
  "søren",
  "françois",
  "łukasz",
  "žofie",
  "ğül",
  "đặng",
  "nguyễn",
  "ólafur",
  "þóra",
  "ʻokina".slice(1),
  "пётр",
  "анна",
  "юлия",
  "жанна",
  "ђорђе",
  "олексій",
  "γιώργος",
  "ελένη",
  "արամ",
  "გიორგი",
  "דוד",
  "שרה",
  "محمد",
  "فاطمة",
  "علی",
  "ابراهيم7",
  "नमस्ते",
  "राम",
  "রবি",
  "ਗੁਰਮੀਤ",
  "ગીતા",
  "தமிழ்",
  "తెలుగు",
  "ಕನ್ನಡ",
  "മലയാളം",
  "සිංහල",
  "สมชาย",
  "ລາວ",
  "မြန်မာ",
  "ខ្មែរ",
  "བོད",
  "አበበ",
  "ދިވެހި",
  "李小龙",
  "たろう",
  "タロウ",
  "山田太郎",
  "ニック99",
  "민수",
  "kim민수",
  "wang小明",
];

it("NAME3: handles of many languages are taken as they are, and none looks like another", () => {
  const seen = new Map<string, string>();
  for (const given of HONEST) {
    const { handle, skeleton } = handleOf(given);
    expect(handle).toBe(given.normalize("NFKC"));
    expect(seen.get(skeleton), given).toBeUndefined();
    seen.set(skeleton, given);
  }
  expect(seen.size).toBeGreaterThan(40);
});

const NONE = {
  empty: ["", " ", "@", "​"],
  shape: [".ada", "ada.", "a..da", "a._da", "a da", "ada!", "a@b", "a/b", "a\nb", "😀", "a'b", "-"],
  "a letter": ["42", "4.2", "٤٢"],
  hidden: ["a\u200Db", "a\u200Cb", "a\u00ADb", "a\u034Fb", "a\u202Eb", "a\uFE0Fb", "ㅤ", "ﾠa"],
  marks: ["\u0301ada", "a\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308", "z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚"],
  length: ["a".repeat(41), "ﷺﷺﷺ", `${"a".repeat(40)}1`],
  alphabets: [
    "сοсοа",
    "Bօb",
    "boᏏ",
    "gооgle",
    "ցօօցle",
    "tοm",
    "сօօр",
    "арeх",
    "ninа",
    "рһоɴе",
    "οк",
    "аda",
    "adа",
    "βeta",
    "раypal",
    "aא",
    "ترad",
    "ꮯat",
    "ᎪᎠᎪ",
    "𐌀𐌁",
    "ада1ж.a",
    "aกb",
  ],
  halves: ["a\uD800", "\uDC00a"],
  kept: [
    "admin",
    "ADMIN",
    "аdmin",
    "4dmin".replace("4", "ａ"),
    "0wner",
    "ownєr".replace("є", "e"),
    "me",
  ],
  "kept too": [
    "rne",
    "sys.tem",
    "every0ne",
    "here",
    "ch4nnel".replace("4", "a"),
    "deleted_user",
    "ѕуѕтем",
  ],
  ids: ["u_4k2v9w1x8q7m3c0d"],
};

it.each(Object.entries(NONE))("NAME4: what cannot be a handle is refused: %s", (_, all) => {
  for (const given of all) {
    const checked = checkHandle(given);
    expect(checked.ok, JSON.stringify(given)).toBe(false);
    if (checked.ok) continue;
    expect(checked.refusal).toMatchObject({
      code: "invalid-request",
      errors: [{ path: "handle" }],
    });
  }
});

it("NAME5: a handle is the same however it is typed, and what is a handle once stays one", () => {
  for (const [given, handle] of [
    ["  Ada ", "ada"],
    ["ＡＤＡ", "ada"],
    ["jose\u0301", "josé"],
    ["علی۷", "علی7"],
    ["İnci", "inci"],
  ])
    expect(handleOf(given ?? "").handle).toBe(handle);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 12 }), (given) => {
      const checked = checkHandle(given);
      if (!checked.ok) return;
      expect(checkHandle(checked.value.handle)).toEqual(checked);
    }),
    { numRuns: 3000 },
  );
});
