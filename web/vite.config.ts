import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { compress } from './build/compress.ts';
import { pages } from './build/pages.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The running server that `vite dev` passes API calls on to. */
const server = process.env.DESKSIDE_URL ?? 'http://localhost:8080';

/** What is built for one page, and the list of it that tests weigh. */
const entry = (name: string) => ({
  manifest: `.vite/${name}.json`,
  // The time each plugin takes is no news.
  rolldownOptions: { input: { [name]: here(`${name}.html`) }, checks: { pluginTimings: false } },
});

export default defineConfig({
  root: here('.'),
  plugins: [svelte(), pages(), compress()],
  build: {
    outDir: here('dist'),
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy allows scripts and styles from files only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // Each page is built by itself: a chunk in common would hold what either needs of Svelte, and
  // guests would load the dashboard's part of it.
  environments: {
    client: { build: entry('dashboard') },
    guest: { consumer: 'client', build: { ...entry('guest'), emptyOutDir: false } },
  },
  builder: {
    async buildApp({ build, environments: { client, guest } }) {
      if (client) await build(client);
      if (guest) await build(guest);
    },
  },
  server: {
    proxy: {
      '/api': { target: server, changeOrigin: true, ws: true, headers: { origin: server } },
    },
  },
  // Runes in tests run on the same runtime as in the browser.
  resolve: process.env.VITEST ? { conditions: ['browser'] } : {},
  test: {
    include: ['lib/**/*.test.ts', 'guest/**/*.test.ts', 'dashboard/**/*.test.ts', 'tests/**/*.test.ts'],
    environment: 'node',
  },
});
