import { signal } from "@preact/signals";
import { deploymentOf } from "../../client/deployment.ts";
import type { Deployment } from "../../protocol/deployment.ts";
import { backchannel } from "../backchannel.ts";

/** How one comes in here; null while that is not known. */
export const deployment = signal<Deployment | null>(null);

let asked: Promise<void> | null = null;

/** Asks as it is now: another tab may have changed it. */
export async function readDeployment(): Promise<void> {
  deployment.value = await deploymentOf(backchannel).read();
}

/** Asks once; again only if there was no answer. */
export function learnDeployment(): Promise<void> {
  return (asked ??= readDeployment().catch(() => void (asked = null)));
}
