import { layout } from '../shell/layout.svelte.ts';
import { paths, router } from '../router.svelte.ts';
import { searchOf, sensible, type CaseFilter } from '../state/case-filter.ts';

/** Shows other cases in the list. The address says which, so that it can be kept, sent and gone back to. */
export function show(filter: CaseFilter): void {
  router.look(searchOf(sensible(filter)));
  // From a page without the list, and on a phone from a case, it is where the list is.
  if (layout.phone || (router.route.name !== 'home' && router.route.name !== 'case')) router.go(paths.home);
}
