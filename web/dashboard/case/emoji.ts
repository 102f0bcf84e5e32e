import type english from '../messages/en/emoji.ts';

type Named = keyof typeof english extends `emoji.${infer Emoji}` ? Emoji : never;

/** The emoji of the picker, in its order; what they are called is in the catalogues. */
export const EMOJI = [
  '👍', '👎', '👌', '🙏', '👏', '👋', '🤝', '💪',
  '🤞', '🙌', '🙂', '😀', '😄', '😊', '😉', '😅',
  '😂', '🤣', '😍', '🥰', '😎', '🤔', '😌', '😇',
  '🤗', '😬', '😐', '🙄', '😮', '😢', '😭', '😕',
  '😟', '😴', '🤒', '🤷', '❤️', '💚', '💙', '✨',
  '🎉', '🎂', '💐', '🍀', '☀️', '🌧️', '☕', '🏠',
  '📞', '📧', '📅', '⏰', '📎', '📄', '📷', '💡',
  '✅', '❌', '⚠️', '❓', '👀', '💯', '🔧', '🚗',
] as const satisfies readonly Named[];
