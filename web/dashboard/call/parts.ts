/** Everything of the dashboard that only a call needs; loaded with the first one. */

import './stage.css';

export * from '../../lib/call/index.ts';
export { default as CallStage } from './CallStage.svelte';
export { default as CallWindow } from './CallWindow.svelte';
