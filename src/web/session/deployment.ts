import { signal } from "@preact/signals";
import { deploymentOf } from "../../client/deployment.ts";
import type { Deployment } from "../../protocol/deployment.ts";
import { backchannel } from "../backchannel.ts";

/** How one comes in here; null while that is not known. */
export const deployment = signal<Deployment | null>(null);

let asked: Promise<void> | null = null;

/** Asks once; again only if there was no answer. */
export function learnDeployment(): Promise<void> {
  return (asked ??= deploymentOf(backchannel)
    .read()
    .then(
      (answer) => void (deployment.value = answer),
      () => void (asked = null),
    ));
}
