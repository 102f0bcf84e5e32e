/** The help's topics in reading order; each is an address and an article in every language. */
export const HELP_GROUPS = {
  cases: ['create', 'list', 'queue', 'search', 'details', 'custom-fields', 'location', 'closing'],
  talking: ['chat', 'quick-responses', 'video-calls', 'operators'],
  organization: ['team', 'branding', 'audit'],
  you: ['account', 'keyboard'],
} as const;

export type HelpTopic = (typeof HELP_GROUPS)[keyof typeof HELP_GROUPS][number];

export const HELP_TOPICS: readonly HelpTopic[] = Object.values(HELP_GROUPS).flat();
