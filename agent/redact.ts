import type { StackSecrets } from '../schema/stack-spec.ts';

/** The text with every secret of the stack in it replaced: for errors of code that was handed these secrets. */
export function redact(text: string, secrets: StackSecrets): string {
  const { dbPassword, jwtSecret, signingKey, apiKeys, ...tokens } = secrets;
  const values = [dbPassword, jwtSecret, signingKey.d, ...Object.values(tokens), ...apiKeys.map(({ key }) => key)];
  return values.filter((value) => value !== '').reduce((clean, value) => clean.replaceAll(value, '***'), text);
}
