import type { Catalogue } from '../../lib/i18n/catalogue.ts';
import problems from '../../lib/i18n/problems/de.ts';
import call from './de/call.ts';
import casework from './de/casework.ts';
import help from './de/help.ts';
import list from './de/list.ts';
import phone from './de/phone.ts';
import settings from './de/settings.ts';
import shell from './de/shell.ts';
import type english from './en.ts';

const dashboard = { ...problems, ...shell, ...list, ...casework, ...call, ...help, ...phone, ...settings } as const satisfies Catalogue<typeof english>;

export default dashboard;
