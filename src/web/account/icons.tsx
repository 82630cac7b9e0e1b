import { icon } from "../icons.tsx";

export const KeyIcon = icon(
  <path d="M8 16.5a4 4 0 1 1 0-8 4 4 0 0 1 0 8Zm3.7-5.5H21v3.5M17 11v2.5M8 12.5h.01" />,
);
