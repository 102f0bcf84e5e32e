/** What stands in each line, trimmed; empty lines and repetitions are left out. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line, index) => line && lines.indexOf(line) === index);
}
