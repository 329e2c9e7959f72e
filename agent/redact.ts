import type { StackSecrets } from '../schema/stack-spec.ts';

/** The text with every secret of the stack in it replaced: for errors of code that was handed these secrets. */
export function redact(text: string, secrets: StackSecrets): string {
  const { signingKey, apiKeys, services, ...own } = secrets;
  const shared = [signingKey.d, ...Object.values(services), ...apiKeys.map(({ key }) => key)];
  return [...Object.values(own), ...shared]
    .filter((value) => value !== '')
    .reduce((clean, value) => clean.replaceAll(value, '***'), text);
}
