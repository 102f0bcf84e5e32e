import { mount } from 'svelte';
import '../styles/tokens.css';
import '../styles/base.css';
import './guest.css';
import App from './App.svelte';
import { i18n } from './i18n.ts';
import { Visit } from './visit.svelte.ts';

/** How long to wait when not even the texts could be loaded. */
const RELOAD_MS = 3_000;

/** The token is the last part of the address; it is sent once and stays there. */
const token = location.pathname.split('/').at(-1) ?? '';
const visit = new Visit(token);
const target = document.getElementById('app');

async function start(): Promise<void> {
  try {
    await i18n.start();
  } catch {
    // Without words there is nothing to show: begin again when the network may be back.
    setTimeout(() => location.reload(), RELOAD_MS);
    return;
  }
  if (target) mount(App, { target, props: { visit } });
  await visit.enter();
}

void start();
