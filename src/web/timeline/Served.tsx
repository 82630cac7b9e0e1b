import { useLayoutEffect, useRef } from "preact/hooks";
import { dropServed, showServed } from "./served.ts";

/** The log as the server drew it, as long as there is none that lives. */
export function Served({ slug }: { slug: string }) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    showServed(slug, place.current!);
    return () => dropServed(slug);
  }, [slug]);
  return <div ref={place} class="served-place" />;
}
