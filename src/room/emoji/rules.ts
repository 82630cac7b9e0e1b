/**
 * The one emoji that this is, fully qualified (UTS 51, ED-18), so that the same picture is one
 * reaction whichever keyboard it came from, with selectors or without; null if it is not one emoji.
 */
export function foldEmoji(text: string): string | null {
  const qualified = text
    .replaceAll("\u{FE0F}", "")
    .replace(/[\p{Emoji}--\p{Emoji_Presentation}](?!\p{Emoji_Modifier})/gv, "$&\u{FE0F}");
  return /^\p{RGI_Emoji}$/v.test(qualified) ? qualified : null;
}
