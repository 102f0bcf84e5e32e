/** What the browser already said about camera and microphone. */

const DEVICES = ['camera', 'microphone'] as const;

/**
 * Whether devices can be asked for without a question to the person: both have an answer, whichever.
 * False where the browser does not tell.
 */
export async function answered(): Promise<boolean> {
  try {
    const states = await Promise.all(DEVICES.map((name) => navigator.permissions.query({ name })));
    return states.every(({ state }) => state !== 'prompt');
  } catch {
    return false;
  }
}
