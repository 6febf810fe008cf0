// CA certificates as people bring them -> the list the host takes: each base64 of PEM. Pure but for the file.

const PEM = /-----BEGIN [A-Z0-9 ]+-----[\s\S]*?-----END [A-Z0-9 ]+-----/g;

/** Each line of base64 is one; PEM text that was pasted as it is gets encoded. Checking is the host's. */
export function certificates(text: string): string[] {
  const pem = text.match(PEM) ?? [];
  const rest = text.replace(PEM, "\n");
  return [
    ...rest.split(/[\s,]+/).filter((word) => word !== ""),
    ...pem.map((one) => btoa(`${one.trim()}\n`)),
  ];
}

/** The base64 of PEM of a certificate file, which is PEM or DER. */
export async function fileBase64(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  if (binary.includes("-----BEGIN ")) return btoa(binary);
  const lines = btoa(binary).match(/.{1,64}/g) ?? [];
  return btoa(["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n"));
}
