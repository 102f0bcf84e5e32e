/** One thing a button does: whether it is under way, and why it last failed. */
export class Act {
  busy = $state(false);
  error = $state.raw<unknown>(null);

  /** Does it, unless it is under way already; true when it went well. */
  async run(act: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.error = null;
    try {
      await act();
      return true;
    } catch (error) {
      this.error = error;
      return false;
    } finally {
      this.busy = false;
    }
  }
}
