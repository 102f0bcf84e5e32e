/** The names of the help's topics, for the links to them; the articles are in `help/articles/`. */
const help = {
  'help.title': 'Help',
  'help.link': 'Help: {topic}',
  'help.topic.create': 'Create a case',
  'help.topic.list': 'Case list, filters and tags',
  'help.topic.queue': 'Queue',
  'help.topic.search': 'Search',
  'help.topic.details': 'Case and customer details',
  'help.topic.custom-fields': 'Custom fields',
  'help.topic.location': 'Location',
  'help.topic.operators': 'Operators, hand over and mentions',
  'help.topic.quick-responses': 'Quick responses',
  'help.topic.chat': 'Chat',
  'help.topic.video-calls': 'Video calls',
  'help.topic.closing': 'Complete, reopen, delete and merge',
  'help.topic.team': 'Team, seats and rights',
  'help.topic.branding': 'Branding',
  'help.topic.account': 'Your account',
  'help.topic.audit': 'Audit log',
  'help.topic.keyboard': 'Keyboard',
} as const;

export default help;
