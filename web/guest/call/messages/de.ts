import type { Catalogue } from '../../../lib/i18n/catalogue.ts';
import type english from './en.ts';

const call: Catalogue<typeof english> = {
  'check.title': '{name} wartet auf Sie',
  'check.hint': 'Prüfen Sie Bild und Ton und nehmen Sie dann am Gespräch teil.',

  'call.title': 'Videoanruf mit {names}',
  'call.guest': 'Gast',
  'call.waiting': '{name} ist gleich bei Ihnen. Bitte bleiben Sie hier.',
  'call.left': '{name} hat den Anruf verlassen. Sie können hier warten oder ihn auch verlassen.',
  'call.chat': 'Chat',
  'call.chat_lost': 'Keine Verbindung zum Chat; das Gespräch geht weiter.',

  'thanks.title': 'Vielen Dank',
  'thanks.left': 'Sie haben den Anruf verlassen',
  'thanks.ended': 'Der Anruf ist beendet',
  'thanks.spoke': { one: 'Sie haben {count} Minute mit {names} gesprochen.', other: 'Sie haben {count} Minuten mit {names} gesprochen.' },
  'thanks.spoke_short': 'Sie haben mit {names} gesprochen.',
  'thanks.nobody': '{name} war gerade nicht da.',
  'thanks.running': 'Der Anruf läuft noch; Sie können zurückkehren.',
  'thanks.more': 'Noch etwas? Der Chat bleibt offen.',
  'thanks.write': '{name} schreiben',
};

export default call;
