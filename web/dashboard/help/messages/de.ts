import type { Catalogue } from '../../../lib/i18n/catalogue.ts';
import type english from './en.ts';

const help = {
  'help.intro': 'Wie der Arbeitsplatz funktioniert, Stück für Stück.',
  'help.contents': 'Inhalt',
  'help.all': 'Alle Themen',
  'help.pages': 'Voriges und nächstes Thema',
  'help.previous': 'Voriges',
  'help.next': 'Nächstes',
  'help.to_desk': 'Zum Arbeitsplatz',
  'help.loading': 'Wird geladen…',
  'help.failed': 'Dieses Thema konnte nicht geladen werden. Bitte prüfen Sie die Verbindung und versuchen Sie es noch einmal.',
  'help.group_cases': 'Fälle',
  'help.group_talking': 'Mit Kunden sprechen',
  'help.group_organization': 'Ihre Organisation',
  'help.group_you': 'Sie und Ihr Arbeitsplatz',
} as const satisfies Catalogue<typeof english>;

export default help;
