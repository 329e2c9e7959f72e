/** Text that people chose, so that Markdown shows it as it is: a name never becomes a link. */
export function asText(text: string): string {
  return text.replace(/[\\`*_[\]<>!#|~]/g, '\\$&').replace(/\s+/g, ' ');
}
