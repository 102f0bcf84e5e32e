/** The picture of the call in the page, and whether it fills the screen. The call's stage puts itself here. */
class StageScreen {
  /** The element of the stage, while there is one. */
  element = $state.raw<HTMLElement | null>(null);
  /** It fills the screen. */
  full = $state(false);

  /** This browser lets a page fill the screen; phones of one maker do not. */
  get possible(): boolean {
    return document.fullscreenEnabled === true;
  }

  /** Goes on the stage. */
  readonly attach = (element: HTMLElement): (() => void) => {
    const changed = () => (this.full = document.fullscreenElement === element);
    this.element = element;
    document.addEventListener('fullscreenchange', changed);
    return () => {
      document.removeEventListener('fullscreenchange', changed);
      this.element = null;
      this.full = false;
    };
  };

  enter(): void {
    // A browser that refuses leaves everything as it was.
    this.element?.requestFullscreen().catch(() => undefined);
  }

  leave(): void {
    if (this.full) document.exitFullscreen().catch(() => undefined);
  }
}

export const stage = new StageScreen();
