/** Camera, microphone and speaker, before a call and in it. */

import type { DeviceChoice, DeviceKind, DeviceProblem } from './types.ts';

export class Devices {
  /** Whether the browser was asked and what came of it; the problems say it for each device. */
  permission = $state<'unknown' | 'asking' | 'granted' | 'denied'>('unknown');
  microphoneProblem = $state<DeviceProblem | null>(null);
  cameraProblem = $state<DeviceProblem | null>(null);
  /** What is wanted: whether the microphone is to be heard and the camera to be on. Kept over a lost device. */
  microphoneOn = $state(true);
  cameraOn = $state(true);
  /** The live tracks; null when off, refused or absent. */
  microphone = $state.raw<MediaStreamTrack | null>(null);
  camera = $state.raw<MediaStreamTrack | null>(null);
  /** The camera for a `<video>`; one object for each track, null without one. */
  preview = $state.raw<MediaStream | null>(null);
  /** The system took the device away for a while (a phone call, another program). */
  microphoneInterrupted = $state(false);
  cameraInterrupted = $state(false);
  cameras = $state.raw<DeviceChoice[]>([]);
  microphones = $state.raw<DeviceChoice[]>([]);
  speakers = $state.raw<DeviceChoice[]>([]);
  /** The chosen ones, remembered by the browser; '' is the system's choice. */
  cameraId = $state('');
  microphoneId = $state('');
  speakerId = $state('');
  /** The picture is that of the person in front of the screen: show it mirrored. */
  mirrored = $state(true);

  /** How loud the microphone is, 0 to 1, smoothed. Measured only while something shown reads it. */
  get level(): number { return 0; }
  /** There are two cameras to turn between (phones), or several to choose from. */
  get canFlip(): boolean { return false; }
  /** The browser lets a page choose where sound comes out. */
  get canChooseSpeaker(): boolean { return false; }
  /** Asks for what is wanted: both at once, then each by itself, so that a broken camera costs no voice. Never throws. */
  async request(): Promise<void> {}
  /** Turns the microphone on or off; asks for it where there is none yet. */
  async setMicrophone(_on: boolean): Promise<void> {}
  /** Turns the camera on (asks again) or off (its light goes out). */
  async setCamera(_on: boolean): Promise<void> {}
  /** Takes another device and remembers it. */
  async choose(_kind: DeviceKind, _id: string): Promise<void> {}
  /** To the camera on the other side of a phone, or the next one. */
  async flip(): Promise<void> {}
  /** Gets the devices back after an interruption; call it in a tap. */
  async resume(): Promise<void> {}
  /** A short tone on the chosen speaker. */
  async playTestTone(): Promise<void> {}
  /** Lets all devices go. `request()` begins again. */
  stop(): void {}
}
