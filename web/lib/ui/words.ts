import { createContext } from 'svelte';
import type { PhoneFault } from '../phone/number.ts';

/** The few words the components here say themselves; each entry gives its own, in the language in use. */
export interface Words {
  close(): string;
  showPassword(): string;
  /** What is said about phone numbers, and in which locale countries are named. */
  phone: {
    locale(): string;
    country(): string;
    /** As `country`, with the one that is chosen. */
    countryIs(iso: string, name: string): string;
    search(): string;
    none(): string;
    hint(): string;
    doubtful(): string;
    fault(fault: PhoneFault): string;
  };
}

export const [getWords, setWords] = createContext<Words>();
