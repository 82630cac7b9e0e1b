import { icon } from "../icons.tsx";

export const KeyIcon = icon(
  <path d="M8 16.5a4 4 0 1 1 0-8 4 4 0 0 1 0 8Zm3.7-5.5H21v3.5M17 11v2.5M8 12.5h.01" />,
);
export const BackIcon = icon(<path d="M14.5 5.5 8 12l6.5 6.5" />);
export const NextIcon = icon(<path d="M9.5 5.5 16 12l-6.5 6.5" />);
