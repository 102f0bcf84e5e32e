/** What is said about phone numbers wherever one is typed. */
const phone = {
  'phone.country': 'Country code',
  'phone.country_is': 'Country code {iso}, {name}',
  'phone.search': 'Search country or code',
  'phone.none': 'No country is called so.',
  'phone.hint': 'With + and the country code, for example +49 9999 999',
  'phone.doubtful': 'An unusual number: please check it.',
  'phone.code_missing': 'Add the country code: type it with +, or choose the country on the left.',
  'phone.code_unknown': 'No country has this code. Please check the digits behind the +.',
  'phone.number_missing': 'Add the number behind the country code.',
  'phone.too_long': 'These are more digits than a number can have. Please check it.',
  'phone.not_a_number': 'Type digits only, with + and the country code in front.',
} as const;

export default phone;
