import type { Catalogue } from '../../../lib/i18n/catalogue.ts';
import type english from './en.ts';

const location = {
  'ask.title': '{name} fragt, wo Sie sind',
  'ask.why': 'Wenn Sie einverstanden sind, fragt Ihr Browser noch einmal, und {organization} sieht, wo Sie gerade sind. Vorher wird nichts gelesen, und danach wird nichts verfolgt.',
  'ask.share': 'Standort teilen',
  'ask.no': 'Nein danke',
  'ask.browser': 'Bitte beantworten Sie die Frage Ihres Browsers. Den Ort zu finden kann eine halbe Minute dauern.',
  'ask.sending': 'Wird gesendet…',
  'ask.unsent': 'Ihre Antwort ließ sich nicht senden.',
  'ask.again': 'Noch einmal versuchen',
  'ask.late': '{name} braucht ihn nicht mehr. Es wurde nichts gesendet.',
  'ask.shared': '{name} sieht jetzt, wo Sie sind.',
  'ask.refused': 'Ihr Standort wurde nicht geteilt.',
  'ask.denied': 'Ihr Browser erlaubt es nicht. Wählen Sie das Zeichen links neben der Adresse, erlauben Sie „Standort“, und sagen Sie {name} Bescheid: Dann können Sie noch einmal gefragt werden.',
  'ask.timeout': 'Ihr Gerät hat zu lange gebraucht. Am Fenster oder mit eingeschaltetem WLAN klappt es oft; {name} kann noch einmal fragen.',
  'ask.unavailable': 'Ihr Gerät weiß nicht, wo es ist. Bitte prüfen Sie, ob der Standort in den Einstellungen eingeschaltet ist; {name} kann noch einmal fragen.',
  'ask.close': 'Schließen',
} as const satisfies Catalogue<typeof english>;

export default location;
