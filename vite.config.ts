import { defineConfig, type Plugin } from "vite";

/**
 * The emoji picker writes a style element, style attributes and HTML from strings, all of which the
 * page's Content-Security-Policy refuses. The same through the object model is allowed. Each change
 * must be found exactly once, so that another version of the picker cannot slip through unchanged.
 */
const PICKER_CHANGES: readonly [from: string, to: string][] = [
  [
    "const style = document.createElement('style');\n    style.textContent = baseStyles + EXTRA_STYLES;\n    this.shadowRoot.appendChild(style);",
    "const style = new CSSStyleSheet();\n    style.replaceSync(baseStyles + EXTRA_STYLES);\n    this.shadowRoot.adoptedStyleSheets = [style];",
  ],
  [
    "targetNode.setAttribute(attributeName, newValue);",
    "if (attributeName === 'style') targetNode.style.cssText = newValue;\n        else targetNode.setAttribute(attributeName, newValue);",
  ],
  [
    "template.innerHTML = htmlString;",
    "template.innerHTML = (parseTemplate.policy ??= globalThis.trustedTypes?.createPolicy('emoji-picker', { createHTML: (html) => html }) ?? { createHTML: (html) => html }).createHTML(htmlString);",
  ],
  ["parentNode.innerHTML = '';", "parentNode.textContent = '';"],
];

function pickerUnderPolicy(): Plugin {
  return {
    name: "emoji-picker-under-policy",
    transform: {
      filter: { id: /emoji-picker-element\/picker\.js$/ },
      handler(code) {
        for (const [from, to] of PICKER_CHANGES) {
          if (code.split(from).length !== 2) {
            throw new Error(`the emoji picker is not the one this build knows: ${from}`);
          }
          code = code.replace(from, () => to);
        }
        return { code, map: null };
      },
    },
  };
}

/** Words to bundlers of React's, which ours would answer with a page of warnings at every start. */
function withoutDirectives(): Plugin {
  return {
    name: "without-directives",
    transform: {
      filter: { id: /node_modules/, code: /^["']use client["']/ },
      handler: (code) => ({ code: code.replace(/^["']use client["'];?/, ""), map: null }),
    },
  };
}

export default defineConfig({
  plugins: [pickerUnderPolicy(), withoutDirectives()],
  resolve: {
    alias: {
      "react/jsx-runtime": "preact/jsx-runtime",
      "react-dom": "preact/compat",
      react: "preact/compat",
    },
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2023",
    modulePreload: { polyfill: false },
    // A data: address is no address of this site: fonts and scripts from there are refused.
    assetsInlineLimit: 0,
    reportCompressedSize: true,
    rolldownOptions: { input: ["index.html", "embed.html"] },
  },
});
