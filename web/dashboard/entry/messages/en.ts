/** The way back to a forgotten password. */
const reset = {
  'reset.title': 'Forgotten password',
  'reset.text': 'Give the email address you sign in with. We send a link there to set a new password.',
  'reset.submit': 'Send link',
  'reset.busy': 'Sending…',
  'reset.asked': 'Look into your mail',
  'reset.asked_text': 'If {email} belongs to someone here, a link is on its way. It works once and for one hour. Nothing there after a few minutes? Look among the unwanted mail, or ask an administrator.',
  'reset.again': 'Another address',
  'reset.no_mail': 'This server sends no mail',
  'reset.no_mail_text': 'So it cannot send you a link. Ask whoever runs this server at your organization: they can make a link for you with which you choose a new password.',
  'reset.to_sign_in': 'Back to sign-in',
  'reset.looking': 'Looking up your link…',
  'reset.new': 'Set a new password',
  'reset.for': 'For {email}. You are signed out everywhere else then.',
  'reset.new_password': 'New password',
  'reset.save': 'Save new password',
  'reset.saving': 'Saving…',
  'reset.invalid': 'This link does not work any more',
  'reset.invalid_text': 'Each link works once and for one hour. Let us send you a new one.',
  'reset.ask_again': 'Send a new link',
  'reset.failed': 'The link could not be looked up',
  'reset.done': 'Your new password is saved',
  'reset.done_text': 'You are signed out in all browsers. Sign in with the new password.',
} as const;

export default reset;
