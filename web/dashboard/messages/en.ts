import problems from '../../lib/i18n/problems/en.ts';
import call from './en/call.ts';
import casework from './en/casework.ts';
import help from './en/help.ts';
import list from './en/list.ts';
import phone from './en/phone.ts';
import settings from './en/settings.ts';
import shell from './en/shell.ts';

/** What the dashboard says: shell and settings, the case list, the open case, calls. */
const dashboard = { ...problems, ...shell, ...list, ...casework, ...call, ...help, ...phone, ...settings } as const;

export default dashboard;
