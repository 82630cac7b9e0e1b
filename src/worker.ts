import { respond } from "./edge/router.ts";

export { Account } from "./accounts/object.ts";
export { Directory } from "./directory/object.ts";
export { Room } from "./room/object.ts";

export default { fetch: (request, env) => respond(request, env) } satisfies ExportedHandler<Env>;
