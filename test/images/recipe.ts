/** How one image is made: what lies on top of another one, and how it is run. */
export type Recipe = {
  name: string;
  /** name of the recipe it stands on */
  parent: string;
  /** a directory that is copied into the image's root as it is, modes included */
  rootfs?: string;
  /** what else lies in the image */
  copies?: Copy[];
  /** last touch to the files before they are packed; `root` is the image's root */
  complete?(root: string): Promise<void>;
  /** Dockerfile instructions that make no layer: ENV, ENTRYPOINT, CMD, STOPSIGNAL, USER, WORKDIR */
  config: string[];
};

/** `source` is a file or a directory, `version` changes when it does; files whose path matches `leaveOut` stay behind. */
export type Copy = { source: string; target: string; version: string; leaveOut?: RegExp };
