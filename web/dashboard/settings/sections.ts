/** The sections of settings as menus and commands show them. */

import type { IconName } from '../../lib/icon/names.ts';
import type { SettingsSection } from '../routes.ts';

export const SECTION_ICONS = {
  profile: 'person',
  language: 'globe',
  responses: 'bolt',
  security: 'shield',
  team: 'people',
  workflow: 'flow',
  fields: 'list',
  branding: 'brush',
  audit: 'eye',
} as const satisfies Record<SettingsSection, IconName>;

/** Everyone's own. */
export const OWN: readonly SettingsSection[] = ['profile', 'language', 'responses', 'security'];
/** Those of the organization. */
export const ADMINISTRATORS: readonly SettingsSection[] = ['team', 'workflow', 'fields', 'branding', 'audit'];
