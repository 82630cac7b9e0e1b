import { icon } from "../icons.tsx";

export const ShieldIcon = icon(<path d="M12 3.5 5 6v5.5c0 4 2.8 7 7 9 4.2-2 7-5 7-9V6l-7-2.5Z" />);
export const CrownIcon = icon(<path d="m4 8 4 4.5L12 6l4 6.5L20 8l-1.5 10h-13L4 8Z" />);
export const MuteIcon = icon(<path d="M4 5h16v11h-9l-4 3.5V16H4V5Zm5.5 3.5 5 4M14.5 8.5l-5 4" />);
export const BanIcon = icon(<path d="M12 20.5a8.5 8.5 0 1 1 0-17 8.5 8.5 0 0 1 0 17ZM6 6l12 12" />);
