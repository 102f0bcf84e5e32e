/** The help's topics in reading order; each is an address and an article in every language. */
export const HELP_TOPICS = [
  'create',
  'list',
  'queue',
  'search',
  'details',
  'custom-fields',
  'location',
  'operators',
  'quick-responses',
  'chat',
  'video-calls',
  'closing',
  'team',
  'branding',
  'account',
  'audit',
  'keyboard',
] as const;
export type HelpTopic = (typeof HELP_TOPICS)[number];
