/** What a command prints on stdout, and what the process ends with. */
export type Answer = { text: string; exitCode: number };
