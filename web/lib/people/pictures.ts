import { getContext, setContext } from 'svelte';

/** Where the picture of a person is, by the person's id; null for those who have none. */
export type Pictures = (id: string) => string | null;

const KEY = Symbol('pictures');

/** Says where pictures are, for every avatar below; whoever was met in an old message has one too then. */
export function setPictures(of: Pictures): void {
  setContext(KEY, of);
}

export function getPictures(): Pictures | undefined {
  return getContext<Pictures | undefined>(KEY);
}
