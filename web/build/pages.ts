import type { Plugin } from 'vite';

/** The file behind a page's path, as the server does it; null leaves the path to Vite. */
export function pageFor(path: string): string | null {
  if (/^\/g\/[^/]*$/.test(path)) return '/guest.html';
  if (path === '/' || /^\/(sign-in|setup|invite|cases|search|settings|reset|help)(\/|$)/.test(path)) return '/dashboard.html';
  return null;
}

/** `vite dev` answers the same addresses as the server. */
export function pages(): Plugin {
  return {
    name: 'deskside-pages',
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const page = pageFor((request.url ?? '/').split('?')[0] ?? '/');
        if (page) request.url = page;
        next();
      });
    },
  };
}
