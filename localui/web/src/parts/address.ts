// Addresses of adapters, and where the page will be after a change of one. Pure.

/** "192.0.2.10/24" -> "192.0.2.10" */
export function withoutPrefix(address: string): string {
  return address.split("/")[0] ?? "";
}

/**
 * The page's address after an adapter with `addresses` gets `next`; "" where it stays the same or is not known:
 * no address was typed (DHCP), or the page is not reached by one of the adapter's own addresses but by a name or
 * through a tunnel, which may lead to the new one too.
 */
export function newPageUrl(here: { hostname: string; port: string }, addresses: string[], next: string): string {
  const target = withoutPrefix(next);
  if (target === "" || target === here.hostname) return "";
  if (!addresses.some((one) => withoutPrefix(one) === here.hostname)) return "";
  return `https://${target}${here.port === "" ? "" : `:${here.port}`}`;
}

/** IPv4 addresses that end with their DHCP lease, as "192.0.2.10 (eth0)". */
export function leased(adapters: { name: string; addresses: string[]; leaseSeconds: number }[]): string[] {
  return adapters.filter((adapter) => adapter.leaseSeconds > 0).flatMap(({ name, addresses }) =>
    addresses.map(withoutPrefix).filter((one) => /^[0-9.]+$/.test(one) && !one.startsWith("169.254."))
      .map((one) => `${one} (${name})`));
}

/** Whether no adapter would have a default gateway once `name` is static with `gateway`; one that waits for DHCP has none. */
export function withoutGateway(
  adapters: { name: string; gateway: string; settings: { gateway?: string | undefined } }[], name: string, gateway: string,
): boolean {
  return gateway.trim() === "" &&
    !adapters.some((other) => other.name !== name && (other.gateway !== "" || (other.settings.gateway ?? "") !== ""));
}
