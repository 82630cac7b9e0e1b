/** Listeners by name. One that throws is reported as any uncaught error; the others still hear. */
export class Emitter<events> {
  readonly #listeners = new Map<keyof events, Set<(value: never) => void>>();

  on<name extends keyof events>(name: name, listener: (value: events[name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    // Wrapped, so that the same function given twice is called twice and ended one by one.
    const call = (value: never) => listener(value);
    listeners.add(call);
    return () => void listeners.delete(call);
  }

  emit<name extends keyof events>(name: name, value: events[name]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        listener(value as never);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
