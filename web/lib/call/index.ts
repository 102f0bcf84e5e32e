/**
 * Everything of the call that a page needs, in one piece to be loaded when it
 * is needed: `const call = await import('../lib/call/index.ts')`.
 */

import './call.css';

export { callApi } from './api.ts';
export { Devices } from './devices.svelte.ts';
export { callTexts } from './i18n.ts';
export { Ring } from './ring.ts';
export { CallSession, type CallSessionOptions } from './session.svelte.ts';
export { Tile } from './tile.svelte.ts';
export { default as CallBar } from './ui/CallBar.svelte';
export { default as CallTime } from './ui/CallTime.svelte';
export { default as CallNotice } from './ui/CallNotice.svelte';
export { default as DeviceCheck } from './ui/DeviceCheck.svelte';
export { default as DeviceMenu } from './ui/DeviceMenu.svelte';
export { default as LevelMeter } from './ui/LevelMeter.svelte';
export { default as SelfView } from './ui/SelfView.svelte';
export { default as TileView } from './ui/TileView.svelte';
