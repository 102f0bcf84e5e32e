/** What the fields of a case are called where one of them is spoken of. */

import { t } from '../i18n.ts';
import type { CaseField } from '../state/field.svelte.ts';

/** A field as its label calls it. */
export function fieldName({ name, definition }: Pick<CaseField, 'name' | 'definition'>): string {
  switch (name) {
    case 'name':
    case 'email':
    case 'phone':
    case 'notes':
      return t(`details.${name}`);
    case 'internal_reference':
      return t('details.reference');
    case 'language':
      return t('crew.language');
    default:
      return definition?.label ?? t('custom.removed_name');
  }
}

/** The id in the document of what was typed into a field that is gone. */
export const removedId = (fieldId: string): string => `removed-${fieldId}`;
