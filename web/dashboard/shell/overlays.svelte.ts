/** The dialogs that a key or a menu anywhere may open; the shell shows them. */
class Overlays {
  creating = $state(false);
  shortcuts = $state(false);
  /** The organization's tags, for administrators. */
  tags = $state(false);
  /** Search and commands. */
  palette = $state(false);
}

export const overlays = new Overlays();
