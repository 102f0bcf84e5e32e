import { defineConfig } from '@playwright/test';
import tests from '../playwright.config.ts';

/** Measures instead of testing: one browser at a time, and a camera as people have it. */
export default defineConfig(tests, {
  testDir: '.',
  outputDir: '../test-results',
  workers: 1,
  timeout: 300_000,
  use: {
    trace: 'off',
    launchOptions: {
      ...tests.use?.launchOptions,
      args: (tests.use?.launchOptions?.args ?? []).map((arg) => arg.replace('=fps=6', '=fps=20')),
    },
  },
});
