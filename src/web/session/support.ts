/** Browsers have passkeys on https and on localhost only. Apart, so that asking is no load of code. */
export const hasPasskeys = (): boolean => typeof globalThis.PublicKeyCredential === "function";
