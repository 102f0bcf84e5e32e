import type { Catalogue } from '../../../lib/i18n/catalogue.ts';
import type english from './en.ts';

const reset = {
  'reset.title': 'Passwort vergessen',
  'reset.text': 'Geben Sie die E-Mail-Adresse an, mit der Sie sich anmelden. Dorthin senden wir einen Link, mit dem Sie ein neues Passwort setzen.',
  'reset.submit': 'Link senden',
  'reset.busy': 'Wird gesendet…',
  'reset.asked': 'Sehen Sie in Ihre Mails',
  'reset.asked_text':
    'Wenn {email} zu jemandem hier gehört, ist ein Link unterwegs. Er gilt einmal und eine Stunde lang. Ist nach einigen Minuten nichts da? Sehen Sie bei den unerwünschten Mails nach oder fragen Sie einen Administrator.',
  'reset.again': 'Andere Adresse',
  'reset.no_mail': 'Dieser Server sendet keine Mails',
  'reset.no_mail_text':
    'Deshalb kann er Ihnen keinen Link senden. Fragen Sie die Person, die diesen Server bei Ihnen betreibt: Sie kann Ihnen einen Link machen, mit dem Sie ein neues Passwort wählen.',
  'reset.to_sign_in': 'Zurück zur Anmeldung',
  'reset.looking': 'Ihr Link wird geprüft…',
  'reset.new': 'Neues Passwort setzen',
  'reset.for': 'Für {email}. Überall sonst werden Sie dann abgemeldet.',
  'reset.new_password': 'Neues Passwort',
  'reset.save': 'Neues Passwort speichern',
  'reset.saving': 'Wird gespeichert…',
  'reset.invalid': 'Dieser Link gilt nicht mehr',
  'reset.invalid_text': 'Jeder Link gilt einmal und eine Stunde lang. Lassen Sie sich einen neuen senden.',
  'reset.ask_again': 'Neuen Link senden',
  'reset.failed': 'Der Link konnte nicht geprüft werden',
  'reset.done': 'Ihr neues Passwort ist gespeichert',
  'reset.done_text': 'Sie sind in allen Browsern abgemeldet. Melden Sie sich mit dem neuen Passwort an.',
} as const satisfies Catalogue<typeof english>;

export default reset;
