import { type Environment, Misconfigured } from './double.ts';

/** The value of a variable. Throws a Misconfigured when it is missing or empty. */
export function required(env: Environment, name: string): string {
  const value = env[name];
  if (value === undefined) throw new Misconfigured(`${name} is missing`);
  if (value === '') throw new Misconfigured(`${name} is empty`);
  return value;
}

export function requireAll(env: Environment, names: string[]): void {
  for (const name of names) required(env, name);
}

/** The value of a variable that has exactly, or at least, this many characters. */
export function ofLength(
  env: Environment,
  name: string,
  { exactly, atLeast = 0 }: { exactly?: number; atLeast?: number },
) {
  const value = required(env, name);
  if (exactly !== undefined && value.length !== exactly) {
    throw new Misconfigured(`${name} has ${value.length} characters, it needs exactly ${exactly}`);
  }
  if (value.length < atLeast)
    throw new Misconfigured(`${name} has ${value.length} characters, it needs ${atLeast} or more`);
  return value;
}

export function port(env: Environment, name: string): number {
  const value = Number(required(env, name));
  if (!Number.isInteger(value) || value < 1 || value > 65_535) throw new Misconfigured(`${name} is not a port`);
  return value;
}

/** The URL of a variable, with one of these schemes. */
export function url(env: Environment, name: string, schemes: string[]): URL {
  const value = required(env, name);
  if (!URL.canParse(value)) throw new Misconfigured(`${name} is not a URL`);
  const parsed = new URL(value);
  if (!schemes.includes(parsed.protocol.replace(':', ''))) {
    throw new Misconfigured(`${name} has the scheme ${parsed.protocol} instead of ${schemes.join(' or ')}`);
  }
  return parsed;
}

export function json(env: Environment, name: string): unknown {
  try {
    return JSON.parse(required(env, name));
  } catch (cause) {
    if (cause instanceof Misconfigured) throw cause;
    throw new Misconfigured(`${name} is not JSON`);
  }
}
