/** A SHA-256 fingerprint in two lines of sixteen pairs, as the console shows it. */
export function Fingerprint({ value }: { value: string }) {
  const pairs = value.split(":");
  return (
    <span className="pe-mono pe-break">
      {pairs.slice(0, 16).join(":")}
      {pairs.length > 16 && ":"}
      <wbr />
      {pairs.slice(16).join(":")}
    </span>
  );
}
