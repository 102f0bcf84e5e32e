/** The tab's icon as it is without a number; the page's own link says where it is. */
const PLAIN = '/favicon.svg';
/** More than this, and the icon only says that there are more. */
const COUNT_MAX = 9;

/** The icon with how much is unread on it, drawn as a picture in the address itself: the page's policy allows those. */
export function iconOf(unread: number): string {
  if (unread === 0) return PLAIN;
  const words = unread > COUNT_MAX ? `${COUNT_MAX}+` : String(unread);
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">' +
    '<path d="M11 4v24" stroke="#7a898f" stroke-width="2" stroke-linecap="round"/><circle cx="11" cy="10" r="5" fill="#01677c"/>' +
    '<rect x="6.5" y="17.5" width="9" height="9" rx="2.5" fill="#fff" stroke="#01677c" stroke-width="2"/>' +
    '<circle cx="21" cy="11" r="11" fill="#c2353b"/>' +
    `<text x="21" y="16.5" text-anchor="middle" font-family="system-ui,sans-serif" font-weight="700" font-size="${words.length > 1 ? 13 : 16}" fill="#fff">${words}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

/** Shows how much is unread in the tab's icon. */
export function showIcon(unread: number): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  const href = iconOf(unread);
  if (link && link.getAttribute('href') !== href) link.href = href;
}
