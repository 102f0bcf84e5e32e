import type { Phase } from './types.ts';

/** Whether somebody is in the call, or on the way into it or back; else they hold no devices, and there is nothing to switch. */
export function taking({ phase }: { phase: Phase }): boolean {
  return phase === 'joining' || phase === 'connecting' || phase === 'connected' || phase === 'reconnecting';
}
