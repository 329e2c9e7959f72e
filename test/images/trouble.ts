/** What went wrong in words for the person who builds the images. */
export class Trouble extends Error {}
