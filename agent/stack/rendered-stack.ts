import type { StackService } from '../../schema/stack-profiles.ts';

/** One file of a project's directory. */
export type RenderedFile = {
  /** relative, within the directory */
  path: string;
  content: string;
  mode: number;
  /** users and operators own what is in it: written when it is missing, never again */
  once?: true;
};

/** One container of a stack. */
export type RenderedService = {
  name: StackService;
  image: string;
  /** its fixed address in the project's network, and the port it listens on */
  address: string;
  port: number;
  /** SHA-256 (hex) of all that makes this container: its definition, the values of its variables, its mounted files */
  hash: string;
};

/** All that a project is on its host, before anything was done. */
export type RenderedStack = {
  ref: string;
  /** the name Docker Compose knows it by */
  composeProject: string;
  files: RenderedFile[];
  services: RenderedService[];
  network: { name: string; subnet: string /** the host's own address in it */; gateway: string };
  /** names of the volumes that hold its data */
  volumes: string[];
};
