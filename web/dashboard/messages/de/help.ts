import type { Catalogue } from '../../../lib/i18n/catalogue.ts';
import type english from '../en/help.ts';

const help = {
  'help.title': 'Hilfe',
  'help.link': 'Hilfe: {topic}',
  'help.topic.create': 'Einen Fall erstellen',
  'help.topic.list': 'Fallliste, Filter und Schlagwörter',
  'help.topic.queue': 'Warteschlange',
  'help.topic.search': 'Suche',
  'help.topic.details': 'Fall- und Kundendetails',
  'help.topic.custom-fields': 'Benutzerdefinierte Felder',
  'help.topic.location': 'Standort',
  'help.topic.operators': 'Mitarbeiter, Übergabe und Erwähnungen',
  'help.topic.quick-responses': 'Schnellantworten',
  'help.topic.chat': 'Chat',
  'help.topic.video-calls': 'Videoanrufe',
  'help.topic.closing': 'Abschließen, wieder öffnen, löschen und zusammenführen',
  'help.topic.team': 'Team, Plätze und Rechte',
  'help.topic.branding': 'Erscheinungsbild',
  'help.topic.account': 'Ihr Konto',
  'help.topic.audit': 'Protokoll',
  'help.topic.keyboard': 'Tastatur',
} as const satisfies Catalogue<typeof english>;

export default help;
