/** Small things kept in this browser. Storage may be full or forbidden: then they last as long as the page. */
const memory = new Map<string, string>();

export function kept(name: string): string | null {
  const known = memory.get(name);
  if (known !== undefined) return known;
  try {
    return localStorage.getItem(`backchannel.${name}`);
  } catch {
    return null;
  }
}

export function keep(name: string, value: string | null): void {
  if (value === null) memory.delete(name);
  else memory.set(name, value);
  try {
    if (value === null) localStorage.removeItem(`backchannel.${name}`);
    else localStorage.setItem(`backchannel.${name}`, value);
  } catch {
    // What cannot be kept is still in memory.
  }
}
