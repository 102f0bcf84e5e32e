import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TestStorage } from '../../tests/support/storage.ts';
import { Keeper } from './kept.ts';

const keeper = () => new Keeper('case_1/op_1', 'notes');

beforeEach(() => vi.stubGlobal('localStorage', new TestStorage()));
afterEach(() => vi.unstubAllGlobals());

test('a tab gives up what it wrote, and not what another wrote since', () => {
  const [here, there] = [keeper(), keeper()];
  here.keep({ text: 'mine', version: 1 });
  there.keep({ text: 'theirs', version: 1 });
  here.forget();
  expect(keeper().read()).toEqual({ text: 'theirs', version: 1 });
  there.forget();
  expect(keeper().read()).toBeNull();
});

test('a tab that wrote nothing takes nothing away', () => {
  const idle = keeper();
  expect(idle.read()).toBeNull();
  keeper().keep({ text: 'theirs', version: 1 });
  idle.forget();
  expect(keeper().read()).toEqual({ text: 'theirs', version: 1 });
});

test('what an earlier visit kept is given up once it was taken up', () => {
  keeper().keep({ text: 'from before', version: 2 });
  const later = keeper();
  expect(later.read()).toEqual({ text: 'from before', version: 2 });
  later.forget();
  expect(keeper().read()).toBeNull();
});

test('of a case that is gone nothing stays, whoever wrote it', () => {
  keeper().keep({ text: 'theirs', version: 1 });
  keeper().clear();
  expect(keeper().read()).toBeNull();
});
