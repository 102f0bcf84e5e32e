import { mount } from 'svelte';
import '../styles/tokens.css';
import '../styles/base.css';
import '../lib/ui/ui.css';
import './styles/shell.css';
import './styles/entry.css';
import './styles/list.css';
import './styles/chat.css';
import './styles/details.css';
import './styles/call.css';
import App from './App.svelte';
import { i18n } from './i18n.ts';
import { session } from './state/session.svelte.ts';
import { recallTheme } from './state/theme.ts';

/** How long to wait when not even the texts could be loaded. */
const RELOAD_MS = 3_000;

async function start(): Promise<void> {
  recallTheme();
  try {
    await i18n.start();
  } catch {
    // Without words there is nothing to show: begin again when the network may be back.
    setTimeout(() => location.reload(), RELOAD_MS);
    return;
  }
  const target = document.getElementById('app');
  if (target) mount(App, { target });
  await session.load();
}

void start();
