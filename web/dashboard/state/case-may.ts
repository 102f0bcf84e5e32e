import type { CaseView } from './case.svelte.ts';

/** What may be done about the open case as a whole, by this operator and as it stands now. */
export interface CaseMay {
  snooze: boolean;
  merge: boolean;
  /** Put it back into the queue. */
  queue: boolean;
  delete: boolean;
  handOver: boolean;
}

export function caseMay(view: Pick<CaseView, 'case' | 'deps' | 'mayWork' | 'locked' | 'completed'>): CaseMay {
  const { rights, operator } = view.deps.me;
  const active = view.case?.status === 'active';
  const joined = view.case?.mine.joined ?? false;
  return {
    snooze: view.mayWork && active && joined,
    merge: !view.locked && rights.reassign,
    queue: active && operator.role === 'administrator',
    delete: rights.delete,
    handOver: !view.locked && joined && rights.reassign,
  };
}
