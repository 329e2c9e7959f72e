import { RuntimeFailure } from '../runtime-failure.ts';

/**
 * The text of an env file that gives Compose exactly these values, whatever is in them. Throws a RuntimeFailure for a
 * value that no container gets unharmed: one with a control character other than a line end or a tab, or no valid text.
 */
export function environmentFile(values: Readonly<Record<string, string>>, comment: string): string {
  const lines = Object.entries(values).map(([name, value]) => `${name}=${quoted(name, value)}`);
  return [`# ${comment}`, ...lines, ''].join('\n');
}

/**
 * Within single quotes Compose takes everything as it is but a quote and a backslash before one; what has either goes
 * into double quotes, where a backslash makes everything else literal.
 */
function quoted(name: string, value: string): string {
  if (!isText(value)) throw new RuntimeFailure(`${name} holds a character that no container can be given`);
  if (!/['\\\n\r\t]/.test(value)) return `'${value}'`;
  const escaped = value
    .replaceAll(/[\\"$]/g, (character) => `\\${character}`)
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `"${escaped}"`;
}

/** Whether it is whole characters, none of them a control character but line ends and tabs. */
export function isText(value: string): boolean {
  return !/(?![\n\r\t])\p{Cc}|\p{Surrogate}/u.test(value);
}
