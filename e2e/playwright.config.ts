import { defineConfig } from '@playwright/test';
import { getuid } from 'node:process';

/** Chromium refuses its sandbox as root; elsewhere it keeps it. */
const asRoot = getuid?.() === 0;

/**
 * The tests drive Debian's Chromium against the real binary of the development build.
 * Nothing is mocked: each test has a desk of its own, on its own data, on a free port.
 */
export default defineConfig({
  testDir: 'specs',
  outputDir: 'test-results',
  fullyParallel: true,
  forbidOnly: !!process.env['CI'],
  retries: 0,
  workers: 2,
  timeout: 120_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: {
    actionTimeout: 15_000,
    navigationTimeout: 20_000,
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    timezoneId: 'Europe/Berlin',
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        ...(asRoot ? ['--no-sandbox'] : []),
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        // A camera that shows a moving dial, slowly, for encoding costs the machine much, and a microphone that beeps;
        // whether a page may use them each test says.
        '--use-fake-device-for-media-stream=fps=6',
        '--allow-loopback-in-peer-connection',
      ],
    },
  },
});
