/** What stands around the help's articles. */
const help = {
  'help.intro': 'How the desk works, part by part.',
  'help.contents': 'Contents',
  'help.all': 'All topics',
  'help.pages': 'Previous and next topic',
  'help.previous': 'Previous',
  'help.next': 'Next',
  'help.to_desk': 'To the desk',
  'help.loading': 'Loading…',
  'help.failed': 'This topic could not be loaded. Check the connection and try again.',
  'help.group_cases': 'Cases',
  'help.group_talking': 'Talking with customers',
  'help.group_organization': 'Your organization',
  'help.group_you': 'You and your desk',
} as const;

export default help;
