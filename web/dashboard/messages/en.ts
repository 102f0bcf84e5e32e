import problems from '../../lib/i18n/problems/en.ts';
import call from './en/call.ts';
import casework from './en/casework.ts';
import list from './en/list.ts';
import shell from './en/shell.ts';

/** What the dashboard says: shell and settings, the case list, the open case, calls. */
const dashboard = { ...problems, ...shell, ...list, ...casework, ...call } as const;

export default dashboard;
