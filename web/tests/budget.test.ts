import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LANGUAGES, type Language } from '../lib/i18n/catalogue.ts';

/** Kilobytes of script, gzip, that an entry may need before it shows anything. */
const BUDGET_KB = { guest: 45, dashboard: 150 } as const;

type Entry = keyof typeof BUDGET_KB;

interface Chunk {
  file: string;
  src?: string;
  isEntry?: boolean;
  imports?: string[];
  dynamicImports?: string[];
}

type Manifest = Record<string, Chunk>;

/** A build takes seconds; this much is for a machine that does other things too. */
const BUILD_TIMEOUT_MS = 180_000;

const web = fileURLToPath(new URL('..', import.meta.url));
const out = mkdtempSync(join(tmpdir(), 'deskside-web-'));
const dist = (path: string) => join(out, path);
let manifests: Record<Entry, Manifest>;

// A build of its own: what is weighed is what the sources are now, whatever dist/ holds.
beforeAll(() => {
  const { VITEST: _, NODE_ENV: __, ...env } = process.env;
  execFileSync(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn', '--outDir', out], { cwd: web, env, stdio: 'inherit' });
  const read = (entry: Entry) => JSON.parse(readFileSync(dist(`.vite/${entry}.json`), 'utf8')) as Manifest;
  manifests = { guest: read('guest'), dashboard: read('dashboard') };
}, BUILD_TIMEOUT_MS);

afterAll(() => rmSync(out, { recursive: true, force: true }));

/** Everything a chunk needs before it runs. */
function needed(manifest: Manifest, key: string, found = new Set<string>()): Set<string> {
  const chunk = manifest[key];
  if (!chunk || found.has(key)) return found;
  found.add(key);
  for (const other of chunk.imports ?? []) needed(manifest, other, found);
  return found;
}

const cases = (Object.keys(BUDGET_KB) as Entry[]).flatMap((entry) => LANGUAGES.map((language) => [entry, language] as const));

test.each(cases)('the first script of %s in %s is within its budget', (entry: Entry, language: Language) => {
  const manifest = manifests[entry];
  const chunks = needed(manifest, `${entry}.html`);
  expect(chunks.size, 'entry in the manifest').toBeGreaterThan(0);
  needed(manifest, `${entry}/messages/${language}.ts`, chunks);
  expect([...chunks], 'its catalogue').toContain(`${entry}/messages/${language}.ts`);
  const other = LANGUAGES.filter((known) => known !== language).map((known) => `${entry}/messages/${known}.ts`);
  for (const catalogue of other) expect([...chunks], 'no other language').not.toContain(catalogue);

  const bytes = [...chunks].reduce((sum, key) => sum + gzipSync(readFileSync(dist(manifest[key]?.file ?? ''))).length, 0);
  console.info(`${entry}.html, ${language}: ${(bytes / 1000).toFixed(1)} kB gzip of ${BUDGET_KB[entry]}`);
  expect(bytes / 1000).toBeLessThanOrEqual(BUDGET_KB[entry]);
});

test.each(['guest.html', 'dashboard.html'])('%s runs no inline script and has no inline style', (page) => {
  const html = readFileSync(dist(page), 'utf8');
  for (const [tag] of html.matchAll(/<script[^>]*>/g)) expect(tag).toMatch(/\ssrc="\/assets\//);
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|data:/);
});

test('scripts and sheets lie compressed beside themselves', () => {
  for (const { file } of Object.values(manifests).flatMap((manifest) => Object.values(manifest))) {
    if (!/\.(js|css|svg)$/.test(file)) continue;
    expect(existsSync(dist(`${file}.br`)), `${file}.br`).toBe(true);
    expect(existsSync(dist(`${file}.gz`)), `${file}.gz`).toBe(true);
  }
});
