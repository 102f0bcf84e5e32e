import type { Catalogue } from '../../i18n/catalogue.ts';
import type english from './en.ts';

const call: Catalogue<typeof english> = {
  'call.name': 'Videoanruf',
  'call.controls': 'Steuerung des Anrufs',
  'call.microphone': 'Mikrofon',
  'call.camera': 'Kamera',
  'call.share': 'Bildschirm teilen',
  'call.full': 'Vollbild',
  'call.small': 'Kleines Fenster',
  'call.leave': 'Anruf verlassen',
  'call.end': 'Anruf für alle beenden',
  'call.flip': 'Kamera wechseln',
  'call.devices': 'Geräte',
};

export default call;
