/** What the guest's page says in a call, beside the call's own texts. */
const call = {
  'check.name': 'Camera and microphone check',
  'check.title': '{name} is waiting for you',
  'check.why': 'Your browser asks whether this page may use your camera and microphone. Please choose “Allow”, so that we can see and hear you.',
  'check.hint': 'Nobody sees or hears you yet. When all is well, join the call.',
  'check.join': 'Join call',
  'check.chat': 'Chat',

  'call.title': 'Video call with {names}',
  'call.guest': 'Guest',
  'call.waiting': '{name} will be with you in a moment. Please stay here.',
  'call.left': '{name} has left the call. You can wait here, or leave it too.',
  'call.chat': 'Chat',

  'thanks.title': 'Thank you',
  'thanks.left': 'You have left the call',
  'thanks.spoke': { one: 'You spoke with {names} for {count} minute.', other: 'You spoke with {names} for {count} minutes.' },
  'thanks.spoke_short': 'You spoke with {names}.',
  'thanks.nobody': '{name} was not there at that moment.',
  'thanks.running': 'The call is still running; you can go back into it.',
  'thanks.more': 'Anything else? The chat stays open.',
  'thanks.write': 'Write to {name}',
} as const;

export default call;
