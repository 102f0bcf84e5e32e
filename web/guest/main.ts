import { mount } from 'svelte';
import '../styles/tokens.css';
import '../styles/base.css';
import './guest.css';
import App from './App.svelte';
import { i18n } from './i18n.ts';
import { Visit } from './visit.svelte.ts';

/** The token is the last part of the address; it is sent once and stays there. */
const token = location.pathname.split('/').at(-1) ?? '';
const visit = new Visit(token);
const target = document.getElementById('app');

void i18n.start().then(() => {
  if (target) mount(App, { target, props: { visit } });
  return visit.enter();
});
