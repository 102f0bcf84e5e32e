import { fields } from './en/fields.ts';
import { organization } from './en/organization.ts';
import { own } from './en/own.ts';
import { responses } from './en/responses.ts';

/** What settings say; loaded with them. The sections' names are in `dashboard/messages/`, because links and commands say them too. */
const settings = { ...own, ...organization, ...fields, ...responses } as const;

export default settings;
