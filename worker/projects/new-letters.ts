import type { Random } from '../deps.ts';

/** 20 lower-case letters, each as likely as the others: what refs of projects and slugs of organizations are. */
export function newLetters(random: Random): string {
  let letters = '';
  while (letters.length < 20) {
    for (const byte of random.bytes(32)) {
      // the highest multiple of 26 in a byte; above it the first letters would come up more often
      if (byte < 234 && letters.length < 20) letters += String.fromCharCode(97 + (byte % 26));
    }
  }
  return letters;
}
