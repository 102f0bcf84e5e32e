import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const web = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(web, path), 'utf8');

const drawn = [...read('lib/icon/icons.svg').matchAll(/symbol id="i-([^"]+)"/g)].map((match) => match[1] ?? '');
const named = [...read('lib/icon/names.ts').matchAll(/'([^']+)'/g)].map((match) => match[1] ?? '');

/** All the source that people wrote, without the names themselves. */
const source = ['dashboard', 'guest', 'lib']
  .filter((folder) => existsSync(join(web, folder)))
  .flatMap((folder) => readdirSync(join(web, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)))
  .filter((file) => /\.(svelte|ts)$/.test(file) && !/(names|schema|\.test)\.ts$/.test(file))
  .map(read)
  .join('\n');

test('every name has a drawing and every drawing a name', () => {
  expect(named).toEqual(drawn);
});

test('the sprite holds only icons in use', () => {
  const unused = drawn.filter((name) => !source.includes(`"${name}"`) && !source.includes(`'${name}'`));
  expect(unused).toEqual([]);
});
