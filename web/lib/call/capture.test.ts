import { describe, expect, test } from 'vitest';
import { cameraConstraints, deviceProblem, microphoneConstraints } from './capture.ts';

const refusal = (name: string, message = '') => new DOMException(message, name);

describe('what a refusal means', () => {
  test.each([
    [refusal('NotAllowedError', 'Permission denied'), 'denied'],
    [refusal('NotAllowedError', 'Permission denied by system'), 'system'],
    [refusal('SecurityError'), 'denied'],
    [refusal('NotFoundError'), 'absent'],
    [refusal('NotReadableError', 'Device in use'), 'busy'],
    [refusal('AbortError'), 'busy'],
    [{ name: 'OverconstrainedError', message: '', constraint: 'deviceId' }, 'absent'],
    [new TypeError('getUserMedia is not a function'), 'unsupported'],
    [new Error('who knows'), 'failed'],
    ['nothing of use', 'failed'],
  ] as const)('%s', (error, problem) => expect(deviceProblem(error, true)).toBe(problem));

  test('without an encrypted connection nothing else matters', () => {
    expect(deviceProblem(refusal('NotAllowedError'), false)).toBe('insecure');
  });
});

describe('what is asked for', () => {
  test('sound without echo, from the chosen microphone if it is there', () => {
    expect(microphoneConstraints('m1')).toMatchObject({ echoCancellation: true, noiseSuppression: true, deviceId: { ideal: 'm1' } });
    expect(microphoneConstraints('')).not.toHaveProperty('deviceId');
  });

  test('a picture from the chosen camera, else from the wanted side', () => {
    expect(cameraConstraints({ id: 'c1', facing: 'user', exactly: true })).toMatchObject({ height: { ideal: 720 }, deviceId: { exact: 'c1' } });
    expect(cameraConstraints({ id: '', facing: 'environment' })).toMatchObject({ facingMode: { ideal: 'environment' } });
  });
});
