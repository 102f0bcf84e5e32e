import { createContext } from 'svelte';

/** The few words the components here say themselves; each entry gives its own, in the language in use. */
export interface Words {
  close(): string;
  showPassword(): string;
}

export const [getWords, setWords] = createContext<Words>();
