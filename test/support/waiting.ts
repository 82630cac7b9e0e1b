/** Something that is told things, and can be waited for until what it was told will do. */
export class Waiting {
  #heard: (() => void)[] = [];

  /** Something came: whoever waits looks again. */
  protected wakeAll(): void {
    for (const wake of this.#heard.splice(0)) wake();
  }

  /** Resolves once the test holds; the test's own timeout bounds it. */
  async until<value>(found: () => value | null | undefined | false): Promise<value> {
    for (;;) {
      const value = found();
      if (value !== null && value !== undefined && value !== false) return value;
      await new Promise<void>((wake) => this.#heard.push(wake));
    }
  }
}
