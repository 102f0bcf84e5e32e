import type { CustomField } from '../../lib/api/types.ts';
import { shortDate } from '../../lib/time/format.ts';
import { i18n, t } from '../i18n.ts';
import { shownNumber } from './numbers.ts';

/** An option as people read it; one that is offered no more says so. */
export const optionWords = ({ label, retired }: CustomField['options'][number]): string => (retired ? t('custom.retired', { label }) : label);

/** A value of a custom field as people read it; what cannot be read so stays as it is. */
export function customWords({ kind, options }: Pick<CustomField, 'kind' | 'options'>, value: string): string {
  if (value === '') return '';
  if (kind === 'checkbox') return value === 'true' ? t('custom.yes') : t('custom.no');
  if (kind === 'number') return shownNumber(value, i18n.locale);
  if (kind === 'choice' || kind === 'choices') {
    const names = value.split(',').map((id) => {
      const option = options.find((known) => known.id === id);
      return option ? optionWords(option) : id;
    });
    return names.join(', ');
  }
  const day = kind === 'date' ? Date.parse(`${value}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(day) ? value : shortDate(day, { locale: i18n.locale, timeZone: 'UTC' });
}
