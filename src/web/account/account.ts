import { accountOf } from "../../client/account.ts";
import { deploymentOf } from "../../client/deployment.ts";
import { backchannel } from "../backchannel.ts";

export const account = accountOf(backchannel);
export const ownDeployment = deploymentOf(backchannel);
