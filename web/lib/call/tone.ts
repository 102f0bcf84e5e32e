/** A short, friendly tone to try a speaker with. */

import type { AudioOut } from './environment.ts';

/** Two notes, a fourth apart (Hz), and how long the whole takes. */
const NOTES_HZ = [523.25, 698.46] as const;
const NOTE_S = 0.35;
const LOUD = 0.16;

/** Draws one soft note into a graph: no click at either end. */
export function note(context: AudioContext, to: AudioNode, hz: number, at: number, lengthS: number, loud: number): void {
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.type = 'sine';
  oscillator.frequency.value = hz;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(loud, at + 0.03);
  gain.gain.exponentialRampToValueAtTime(0.0001, at + lengthS);
  oscillator.connect(gain).connect(to);
  oscillator.start(at);
  oscillator.stop(at + lengthS);
}

/** Plays the tone through an element, because an element can be sent to a chosen speaker everywhere. Ends with it. */
export async function playTone(context: AudioContext, out: AudioOut, speakerId: string, wait: (ms: number) => Promise<void>): Promise<void> {
  const target = context.createMediaStreamDestination();
  try {
    if (context.state === 'suspended') await context.resume();
    out.srcObject = target.stream;
    if (speakerId) await out.setSinkId?.(speakerId);
    await out.play();
    NOTES_HZ.forEach((hz, index) => note(context, target, hz, context.currentTime + index * NOTE_S, NOTE_S * 1.6, LOUD));
    await wait(NOTES_HZ.length * NOTE_S * 1000 + 300);
  } finally {
    out.pause();
    out.srcObject = null;
    out.remove();
  }
}
