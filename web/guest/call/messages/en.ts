/** What the guest's page says in a call, beside the call's own texts. */
const call = {
  'check.title': '{name} is waiting for you',
  'check.hint': 'Try out picture and sound, then join the call.',

  'call.title': 'Video call with {names}',
  'call.guest': 'Guest',
  'call.waiting': '{name} will be with you in a moment. Please stay here.',
  'call.left': '{name} has left the call. You can wait here, or leave it too.',
  'call.chat': 'Chat',
  'call.chat_lost': 'No connection to the chat; the call goes on.',

  'thanks.title': 'Thank you',
  'thanks.left': 'You have left the call',
  'thanks.ended': 'The call has ended',
  'thanks.spoke': { one: 'You spoke with {names} for {count} minute.', other: 'You spoke with {names} for {count} minutes.' },
  'thanks.spoke_short': 'You spoke with {names}.',
  'thanks.nobody': '{name} was not there at that moment.',
  'thanks.running': 'The call is still running; you can go back into it.',
  'thanks.more': 'Anything else? The chat stays open.',
  'thanks.write': 'Write to {name}',
} as const;

export default call;
