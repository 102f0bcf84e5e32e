/** Shows a stream in a `<video>`; the element keeps playing while the stream stays the same. */
export function plays(stream: () => MediaStream | null) {
  return (element: HTMLVideoElement) => {
    const next = stream();
    // The attribute alone does not count for elements made by script.
    element.muted = true;
    if (element.srcObject !== next) element.srcObject = next;
    // Taken away again meanwhile, or held back by the browser until a tap: `autoplay` tries again.
    void element.play().catch(() => {});
  };
}
