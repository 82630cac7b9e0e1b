import type { ComponentChildren } from "preact";

export function icon(children: ComponentChildren) {
  return () => (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const MenuIcon = icon(<path d="M4 7h16M4 12h16M4 17h10" />);
export const PlusIcon = icon(<path d="M12 5v14M5 12h14" />);
export const CrossIcon = icon(<path d="m6 6 12 12M18 6 6 18" />);
export const SearchIcon = icon(
  <path d="M10.5 17a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13Zm4.8-1.7L20 20" />,
);
export const LockIcon = icon(
  <path d="M7 11V8a5 5 0 0 1 10 0v3M6 11h12a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1Z" />,
);
export const PeopleIcon = icon(
  <path d="M9 11.5A3.5 3.5 0 1 0 9 4.5a3.5 3.5 0 0 0 0 7ZM2.5 20c.3-3.5 3-5.5 6.5-5.5s6.2 2 6.5 5.5M16 4.8a3.5 3.5 0 0 1 0 6.4M18 14.9c2 .8 3.3 2.6 3.5 5.1" />,
);
export const DotsIcon = icon(<path d="M5 12h.01M12 12h.01M19 12h.01" class="thick" />);
export const SmileIcon = icon(
  <path d="M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18Zm-4-7.5c.9 1.6 2.3 2.5 4 2.5s3.1-.9 4-2.5M9 9.5h.01M15 9.5h.01" />,
);
export const SendIcon = icon(<path d="M12 19V5M5.5 11.5 12 5l6.5 6.5" />);
export const ReplyIcon = icon(<path d="M9.5 6 4 11.5 9.5 17M4.5 11.5H14a6 6 0 0 1 6 6V19" />);
export const PencilIcon = icon(
  <path d="M4 20l.9-4L16 4.9a1.9 1.9 0 0 1 2.7 0l.4.4a1.9 1.9 0 0 1 0 2.7L8 19.1 4 20Z" />,
);
export const TrashIcon = icon(
  <path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12.5h9.4L17.5 7M10 11v5M14 11v5" />,
);
export const LinkIcon = icon(
  <path d="M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1-1" />,
);
export const CopyIcon = icon(<path d="M9 9V5h10v10h-4M5 9h10v10H5V9Z" />);
export const DownIcon = icon(<path d="M12 5v14M5.5 12.5 12 19l6.5-6.5" />);
export const ClockIcon = icon(
  <path d="M12 20.5a8.5 8.5 0 1 1 0-17 8.5 8.5 0 0 1 0 17ZM12 7.5V12l3 2" />,
);

/** Two voices on one line: the page's sign. */
export function Sign() {
  return (
    <svg class="sign" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect class="sign-ground" width="32" height="32" rx="9" />
      <path class="sign-line" d="M8 11.5h12" />
      <path class="sign-line" d="M12 20.5h12" />
      <circle class="sign-dot" cx="24" cy="11.5" r="2" />
      <circle class="sign-dot" cx="8" cy="20.5" r="2" />
    </svg>
  );
}
