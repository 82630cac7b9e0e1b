import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkedHtml, drawHtml, plainHtml } from "../../src/web/markdown/html.ts";
import { isAsDrawn, safeAddress } from "../../src/web/markdown/rules.ts";
import { FRAGMENTS, HOSTILE } from "../support/hostile.ts";

const hrefs = (html: string) => [...html.matchAll(/<a href="([^"]*)"/g)].map(([, href]) => href);

/** Every tag of it, read by another grammar than the one that let it through. */
const tags = (html: string) => [...html.matchAll(/<[^>]*>?/g)].map(([tag]) => tag);
const TAG =
  /^<(?:\/(?:p|a|del|em|strong|code|pre|ol|ul|li|blockquote|table|thead|tbody|tr|th|td)|p|br|hr|del|em|strong|code|ul|li|blockquote|thead|tbody|tr|th|td|table tabindex="0"|ol(?: start="\d+")?|pre tabindex="0"(?: aria-label="Code, [^"<>]*")?|a href="(?:https?:\/\/|mailto:)[^"<>\s]*" rel="noopener noreferrer nofollow ugc" target="_blank")>$/;

describe("Markdown without a DOM", () => {
  it("READ19: what people write is drawn as Markdown and passes the check", () => {
    for (const [text, html] of [
      [
        "**b** _i_ ~~s~~ `c<d`",
        "<p><strong>b</strong> <em>i</em> <del>s</del> <code>c&lt;d</code></p>",
      ],
      ["one\ntwo", "<p>one<br>two</p>"],
      ["# Head", "<p><strong>Head</strong></p>"],
      ["- [x] a\n- b", "<ul><li>☑ a</li><li>b</li></ul>"],
      ["3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'],
      ["> q\n> 1. x", "<blockquote><p>q</p><ol><li>x</li></ol></blockquote>"],
      [
        "```js x\na < b\n```",
        '<pre tabindex="0" aria-label="Code, js"><code>a &lt; b</code></pre>',
      ],
      [
        "|a|b|\n|:-|-:|\n|1|`2`|",
        '<table tabindex="0"><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td><code>2</code></td></tr></tbody></table>',
      ],
      ["a\n\n---", "<p>a</p><hr>"],
      ["<b>x</b> &amp; &copy; AT&T", "<p>&lt;b&gt;x&lt;/b&gt; &amp; &copy; AT&amp;T</p>"],
    ] as const) {
      expect(isAsDrawn(drawHtml(text))).toBe(true);
      expect(checkedHtml(text).replaceAll("\n", "")).toBe(html);
    }
  });

  it("READ2: only http, https and mailto addresses that read as where they lead become links", () => {
    for (const [text, found] of [
      ["see https://a.example/x.", ["https://a.example/x"]],
      ["(https://a.example/x_(y))!", ["https://a.example/x_(y)"]],
      ["[one](http://a.example/?q=1&r=2#f)", ["http://a.example/?q=1&amp;r=2#f"]],
      ["[sp](<HTTPS://a.example/x y>)", ["https://a.example/x%20y"]],
      ["<mailto:a@b.example> MAILTO:c@d.example", ["mailto:a@b.example", "mailto:c@d.example"]],
      ["www.example.org me@example.org", ["http://www.example.org", "mailto:me@example.org"]],
      [
        "[a [b](https://b.example) c](https://c.example)",
        ["https://b.example", "https://c.example"],
      ],
      ["[![i](https://i.example/)](https://l.example/)", ["https://i.example/"]],
      ["![i](https://i.example/x.png)", ["https://i.example/x.png"]],
      ["https://good.example/\u{202E}moc.live [x](https://a.example/\u{200B})", []],
      ["javascript:alert(1) data:text/html,x ftp://a.example //x.example /x", []],
    ] as const)
      expect([text, hrefs(checkedHtml(text))]).toEqual([text, found]);
    for (const spelled of [
      "javascript:alert(1)",
      "JaVaScRiPt:alert(1)",
      "java\tscript:alert(1)",
      "java&#9;script:alert(1)",
      "&#106;avascript:alert(1)",
      "&#x6A;avascript&colon;alert(1)",
      "javascript&#58;alert(1)",
      "\u0001javascript:alert(1)",
      "javascript://https://a.example/%0aalert(1)",
      "vbscript:x",
      "data:text/html,<script>alert(1)</script>",
      "blob:https://a.example/x",
      "http:javascript:alert(1)",
    ]) {
      expect(safeAddress(spelled)).toBeNull();
      for (const text of [
        `[x](${spelled})`,
        `[x](<${spelled}>)`,
        `![x](${spelled})`,
        `<${spelled}>`,
      ])
        for (const href of hrefs(checkedHtml(text)))
          expect(href).toMatch(/^(?:https?:\/\/|mailto:)/);
    }
  });

  it("READ19: the check says no to whatever is not letter for letter as it is drawn", () => {
    const link =
      '<a href="https://a.example" rel="noopener noreferrer nofollow ugc" target="_blank">';
    expect(isAsDrawn(`<p>${link}x</a></p>`)).toBe(true);
    for (const html of [
      "x",
      "<p>x",
      "x</p>",
      "</p>",
      "<p>x</p></li></ol>",
      "<p>x</p><",
      "<p>x</p><p",
      "<p>x<</p>",
      "<p>x></p>",
      '<p>"</p>',
      "<p>'</p>",
      "<p>&</p>",
      "<p>&x y;</p>",
      "<p>&amp</p>",
      "<P>x</P>",
      "<p >x</p>",
      "<p/>",
      "<br/>",
      "<hr></hr>",
      "<p>x</p >",
      "< p>x</p>",
      "<p><p>x</p></p>",
      "<p><ul></ul></p>",
      "<em>x</em>",
      "<p><em>x</p></em>",
      "<ul>x</ul>",
      "<ul>\u{A0}</ul>",
      '<table tabindex="0">x</table>',
      '<table tabindex="0"><tr><td>x</td></tr></table>',
      "<table><thead><tr><th>x</th></tr></thead></table>",
      "<code>x</code>",
      "<pre><code>x</code></pre>",
      '<pre tabindex="0">x</pre>',
      '<pre tabindex="1"><code>x</code></pre>',
      '<pre tabindex="0" aria-label="x"><code>x</code></pre>',
      '<pre tabindex="0" aria-label="Code, x" class="x"><code>x</code></pre>',
      '<pre tabindex="0" aria-label="Code, "x"><code>x</code></pre>',
      '<ol start="-1"><li>x</li></ol>',
      '<ol start="1" type="a"><li>x</li></ol>',
      "<script>x</script>",
      "<p><img src=x></p>",
      "<p><constructor></constructor></p>",
      "<__proto__></__proto__>",
      "<></>",
      "<!--x-->",
      "<![CDATA[x]]>",
      "<?x?>",
      `<p>${link}${link}x</a></a></p>`,
      `<p>${link}<em>${link}x</a></em></a></p>`,
      `<p>${link}x</p></a>`,
      ...[
        "javascript:alert(1)",
        "//x",
        "/x",
        "",
        "HTTPS://x",
        "https://",
        "https:// x",
        "https://x&y",
        "https://x\u0001",
        "https://x'",
      ].map((href) => `<p>${link.replace("https://a.example", href)}x</a></p>`),
      `<p>${link.replace(" ugc", "")}x</a></p>`,
      `<p>${link.replace("_blank", "_top")}x</a></p>`,
      `<p>${link.replace(">", ' onclick="x">')}x</a></p>`,
      `<p>${link.replace('"', "")}x</a></p>`,
      `<p>${link.toUpperCase()}x</a></p>`,
      `${"<blockquote>".repeat(200)}${"</blockquote>".repeat(200)}`,
    ])
      expect([html, isAsDrawn(html)]).toEqual([html, false]);
  });

  it("READ19: of a tag that was drawn, changed by one sign, nothing else can come", () => {
    const html = checkedHtml(
      "**b** [l](https://a.example) `c`\n\n```js\nx\n```\n\n2. o\n3. p\n\n|a|\n|-|\n|b|\n\n> q\n\n---",
    );
    expect(isAsDrawn(html)).toBe(true);
    fc.assert(
      fc.property(
        fc.nat(html.length),
        fc.nat(3),
        fc.oneof(fc.constantFrom(..."<>/\"'&= \0\n"), fc.string({ unit: "binary", maxLength: 3 })),
        (at, less, more) => {
          const changed = html.slice(0, at) + more + html.slice(at + less);
          if (isAsDrawn(changed)) for (const tag of tags(changed)) expect(tag).toMatch(TAG);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("READ19: whatever is written, nothing but the listed tags comes of it", () => {
    const written = fc
      .array(fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ unit: "binary", maxLength: 4 })), {
        maxLength: 40,
      })
      .map((all) => all.join(""));
    const judge = (text: string) => {
      const html = checkedHtml(text);
      expect(isAsDrawn(html)).toBe(true);
      expect(html.length).toBeLessThanOrEqual(20 * text.length + 4000);
      for (const tag of tags(html)) expect(tag).toMatch(TAG);
    };
    for (const text of HOSTILE) judge(text);
    fc.assert(fc.property(written, judge), { numRuns: 3000 });
  });

  it("READ19: ordinary Markdown never fails the check", () => {
    const words = fc.constantFrom(
      "word",
      "a & b",
      "1 < 2",
      '"so"',
      "it's",
      "👩‍👩‍👧",
      "https://a.example/?a=1&b=2",
    );
    const marked = fc.oneof(
      words,
      words.map((word) => `**${word}**`),
      words.map((word) => `_${word}_`),
      words.map((word) => `\`${word}\``),
      words.map((word) => `[${word.replace("https://", "")}](https://b.example)`),
    );
    const line = fc.array(marked, { minLength: 1, maxLength: 5 }).map((all) => all.join(" "));
    const block = fc.oneof(
      line,
      line.map((text) => `# ${text}`),
      line.map((text) => `> ${text}`),
      line.map((text) => `- ${text}\n  - ${text}\n- [ ] ${text}`),
      line.map((text) => `7. ${text}\n\n   ${text}`),
      line.map((text) => `\`\`\`ts\n${text}\n\`\`\``),
      line.map((text) => `| ${text} | b |\n|:--|--|\n| c | ${text} |`),
      fc.constant("---"),
    );
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 6 }), (blocks) => {
        const html = drawHtml(blocks.join("\n\n"));
        expect([html, isAsDrawn(html)]).toEqual([html, true]);
      }),
      { numRuns: 1000 },
    );
  });

  it("READ19: a text that is nested to break the page, or that fails, is shown as it is", () => {
    for (const text of [">".repeat(4000), "- ".repeat(500), "[".repeat(7000), "*".repeat(7000)])
      expect(checkedHtml(text)).toBe(plainHtml(text));
    expect(plainHtml("<b>\n'")).toBe("<p>&lt;b&gt;<br>&#39;</p>");
  });

  it("READ19: a table of a few signs a row, that would be millions of cells, is shown as it is", () => {
    for (const columns of [20, 100, 500, 1000]) {
      for (const [begin, row] of [
        ["", "|\n"],
        ["> ", "> |\n"],
        ["- ", "  |\n"],
        ["1. ", "   |\n"],
      ] as const) {
        const indent = row.slice(0, row.indexOf("|"));
        const head = `${begin}|${"a|".repeat(columns)}\n${indent}|${"-|".repeat(columns)}\n`;
        const text = head.padEnd(7999, row);
        expect([columns, begin, checkedHtml(text) === plainHtml(text)]).toEqual([
          columns,
          begin,
          true,
        ]);
      }
    }
    const usual = `|${"a|".repeat(8)}\n|${"-|".repeat(8)}\n${`|${"b|".repeat(8)}\n`.repeat(50)}`;
    expect(checkedHtml(usual).match(/<td>/g)).toHaveLength(400);
  });
});
