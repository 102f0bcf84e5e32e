import type { Catalogue } from '../../../lib/i18n/catalogue.ts';
import { fields } from './de/fields.ts';
import { organization } from './de/organization.ts';
import { own } from './de/own.ts';
import { responses } from './de/responses.ts';
import type english from './en.ts';

const settings = { ...own, ...organization, ...fields, ...responses } as const satisfies Catalogue<typeof english>;

export default settings;
