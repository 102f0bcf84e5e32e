import type { Catalogue } from '../../../lib/i18n/catalogue.ts';
import type english from '../en/phone.ts';

const phone = {
  'phone.country': 'Landesvorwahl',
  'phone.country_is': 'Landesvorwahl {iso}, {name}',
  'phone.search': 'Land oder Vorwahl suchen',
  'phone.none': 'So heißt kein Land.',
  'phone.hint': 'Mit + und Landesvorwahl, zum Beispiel +49 9999 999',
  'phone.doubtful': 'Ungewöhnliche Nummer: bitte prüfen.',
  'phone.code_missing': 'Ergänzen Sie die Landesvorwahl: mit + davor, oder wählen Sie links das Land.',
  'phone.code_unknown': 'Diese Vorwahl hat kein Land. Bitte prüfen Sie die Ziffern hinter dem +.',
  'phone.number_missing': 'Ergänzen Sie die Nummer hinter der Landesvorwahl.',
  'phone.too_long': 'So viele Ziffern hat keine Nummer. Bitte prüfen Sie sie.',
  'phone.not_a_number': 'Bitte nur Ziffern, mit + und Landesvorwahl davor.',
} as const satisfies Catalogue<typeof english>;

export default phone;
