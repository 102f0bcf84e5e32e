/** The sections of settings by name: for the tab's title, for commands, for links to them. Their own words are in `settings/messages/`. */
const settings = {
  'settings.title': 'Settings',
  'section.profile': 'Profile',
  'section.language': 'Language',
  'section.responses': 'Quick responses',
  'section.security': 'Security',
  'section.team': 'Team',
  'section.workflow': 'Workflow',
  'section.fields': 'Custom fields',
  'section.branding': 'Branding',
  'section.audit': 'Audit log',
  'team.cancel': 'Cancel',
  'team.done': 'Done',
} as const;

export default settings;
