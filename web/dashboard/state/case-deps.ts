import type { Call, Me, OperatorRow } from '../../lib/api/types.ts';

/** What a case needs of the desk it lies on. */
export interface CaseDeps {
  /** Who looks; asked anew each time, because names and zones change. */
  readonly me: Me;
  /** Sends a frame to the live socket. */
  send(frame: { kind: string } & Record<string, unknown>): unknown;
  /** The colleagues there are. */
  readonly team: { readonly operators: readonly OperatorRow[] };
  /** Who is here right now; the socket knows it better than an answer that was long on its way. */
  readonly presence?: { readonly known: boolean; guest(caseId: string): boolean };
  /** What was typed into dialogs about cases; of a case that is gone it goes too. */
  readonly forms?: { dropCase(caseId: string): void };
  /** What is known of open calls; a case's answer says it for the case. */
  readonly calls?: { readonly open: { answered(caseId: string, call: Call | null): void } };
}

/** `gone`: not there any more, or not for this operator; see `Gone`. */
export type Opening = 'loading' | 'ready' | 'gone' | 'failed';
