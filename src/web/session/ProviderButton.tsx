import { account } from "../account/account.ts";
import { useAsking } from "../dialog/asking.ts";
import { Wrong } from "../dialog/Field.tsx";
import { deployment } from "./deployment.ts";

/** Signing in at another site, where this one has been told of one. It comes back to where one was. */
export function ProviderButton(props: {
  words: string;
  invite?: string | undefined;
  /** Where there is more to do than coming in: the tab keeps the code of the link meanwhile. */
  to?: "/invite" | "/setup" | undefined;
}) {
  const asking = useAsking();
  const provider = deployment.value?.oidc ?? null;
  if (provider === null) return null;
  const { invite } = props;
  const begin = () =>
    asking.ask(async () => {
      const here = location.pathname.startsWith("/rooms/") ? location.pathname : "/";
      const to = props.to ?? here;
      location.assign(await account.startOidc({ to, ...(invite === undefined ? {} : { invite }) }));
    });
  return (
    <>
      <button type="button" disabled={asking.busy} onClick={() => void begin()}>
        <span>
          {props.words} <bdi>{provider.name}</bdi>
        </span>
      </button>
      <Wrong words={asking.beside()} />
    </>
  );
}
