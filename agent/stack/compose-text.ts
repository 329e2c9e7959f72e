import { stringify } from 'yaml';
import type { ComposeFile } from './compose-service.ts';

/** The text of a compose file, in the order in which it was written; strings are quoted wherever YAML 1.1 or 1.2 asks. */
export function composeText(file: ComposeFile, comment: readonly string[]): string {
  const body = stringify(file, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 });
  return `${comment.map((line) => `# ${line}`).join('\n')}\n${body}`;
}
