import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/** Runes only: state is a variable with a rune, in components and in classes alike. */
export default {
  preprocess: vitePreprocess(),
  compilerOptions: { runes: true },
};
