import { Act } from '../state/act.svelte.ts';

/** The dialogs that a key or a menu anywhere may open; the shell shows them. */
class Overlays {
  creating = $state(false);
  shortcuts = $state(false);
  /** The organization's tags, for administrators. */
  tags = $state(false);
  /** Search and commands. */
  palette = $state(false);
  /** What a menu or a command does to one's own profile or session; the shell says why it failed. */
  readonly act = new Act();

  /** Someone sits down at the desk: only these stand open. */
  begin({ creating, tags }: { creating: boolean; tags: boolean }): void {
    this.creating = creating;
    this.tags = tags;
    this.shortcuts = false;
    this.palette = false;
    this.act.error = null;
  }
}

export const overlays = new Overlays();
