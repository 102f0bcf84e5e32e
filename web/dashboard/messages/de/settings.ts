import type { Catalogue } from '../../../lib/i18n/catalogue.ts';
import type english from '../en/settings.ts';

const settings = {
  'settings.title': 'Einstellungen',
  'section.profile': 'Profil',
  'section.language': 'Sprache',
  'section.responses': 'Schnellantworten',
  'section.security': 'Sicherheit',
  'section.team': 'Team',
  'section.workflow': 'Arbeitsablauf',
  'section.fields': 'Benutzerdefinierte Felder',
  'section.branding': 'Erscheinungsbild',
  'section.audit': 'Protokoll',
  'team.cancel': 'Abbrechen',
  'team.done': 'Fertig',
} as const satisfies Catalogue<typeof english>;

export default settings;
