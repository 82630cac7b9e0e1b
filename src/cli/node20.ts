/**
 * The SDK is written for what browsers and Node have had since 2024; Node 20 lacks this alone.
 * Called and not only imported, since this package says that its files have no side effects.
 */
export function fillInNode20(): void {
  // Reflected, because the types are of a platform that has it.
  if (Reflect.has(Promise, "withResolvers")) return;
  Reflect.set(Promise, "withResolvers", function withResolvers<value>() {
    const settle: Partial<PromiseWithResolvers<value>> = {};
    const promise = new Promise<value>((resolve, reject) =>
      Object.assign(settle, { resolve, reject }),
    );
    return { promise, ...settle };
  });
}
