/** The product's version; a test holds it to package.json, which a Worker does not carry. */
export const version = '0.1.0';
