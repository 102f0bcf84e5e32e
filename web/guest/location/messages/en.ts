/** What the question for the location says. */
const location = {
  'ask.title': '{name} asks where you are',
  'ask.why': 'If you agree, your browser asks once more, and {organization} sees the place where you are now. Nothing is read before, and nothing is followed afterwards.',
  'ask.share': 'Share location',
  'ask.no': 'No thanks',
  'ask.browser': 'Please answer your browser’s question. Finding the place can take half a minute.',
  'ask.sending': 'Sending…',
  'ask.unsent': 'Your answer could not be sent.',
  'ask.again': 'Try again',
  'ask.late': '{name} does not need it any more. Nothing was sent.',
  'ask.shared': '{name} can see now where you are.',
  'ask.refused': 'Your location was not shared.',
  'ask.denied': 'Your browser does not allow it. Choose the sign at the left of the address, allow “Location”, and tell {name}: then you can be asked again.',
  'ask.timeout': 'Your device took too long to find out. It often works near a window or with Wi-Fi switched on; {name} can ask again.',
  'ask.unavailable': 'Your device does not know where it is. Please check that location is switched on in its settings; {name} can ask again.',
  'ask.close': 'Close',
} as const;

export default location;
