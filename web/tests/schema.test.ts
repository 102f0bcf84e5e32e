import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const web = fileURLToPath(new URL('..', import.meta.url));

test('the types are those of the server’s description', { timeout: 60_000 }, () => {
  const made = execFileSync(process.execPath, ['node_modules/openapi-typescript/bin/cli.js', '../server/openapi.json'], { cwd: web, encoding: 'utf8' });
  const kept = readFileSync(`${web}lib/api/schema.ts`, 'utf8');
  expect(kept.trim() === made.trim(), 'run ./script/types and commit what changed').toBe(true);
});
