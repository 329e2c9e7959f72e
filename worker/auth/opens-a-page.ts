/** A browser that opens an address: what it gets is all that a person sees. Programs ask for no page. */
export function opensAPage(request: { header(name: string): string | undefined }): boolean {
  return request.header('accept')?.includes('text/html') === true;
}
