import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { compress } from './build/compress.ts';
import { pages } from './build/pages.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The running server that `vite dev` passes API calls on to. */
const server = process.env.DESKSIDE_URL ?? 'http://localhost:8080';

export default defineConfig({
  root: here('.'),
  plugins: [svelte(), pages(), compress()],
  build: {
    outDir: here('dist'),
    emptyOutDir: true,
    target: 'es2022',
    manifest: true,
    // The content security policy allows scripts and styles from files only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { dashboard: here('dashboard.html'), guest: here('guest.html') },
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
