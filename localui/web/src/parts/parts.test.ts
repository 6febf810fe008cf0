import { describe, expect, test } from "vitest";
import { leased, newPageUrl, withoutGateway } from "./address";
import { certificates } from "./certificates";
import { bytes, dateTime, duration, percent, speed, words } from "./format";
import { logLine } from "./logLine";

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1536, "1.5 KiB"],
  [12.34 * 1024 ** 3, "12.3 GiB"],
  [471 * 1024 ** 3, "471 GiB"],
  [2 * 1024 ** 6, "2048 PiB"],
])("%d bytes are %s", (value, text) => {
  expect(bytes(value)).toBe(text);
});

test.each([
  [-5, "0 s"],
  [59.9, "59 s"],
  [60, "1 min"],
  [3601, "1 h"],
  [93784, "1 d 2 h"],
])("%d seconds are %s", (value, text) => {
  expect(duration(value)).toBe(text);
});

test("a whole of nothing is 0 percent, more than all is 100", () => {
  expect([percent(5, 0), percent(1, 3), percent(9, 3)]).toEqual([0, 33, 100]);
});

test("rates are said in the larger unit where that is exact", () => {
  expect([speed(0), speed(100), speed(2500), speed(10000)]).toEqual(["", "100 Mbit/s", "2.5 Gbit/s", "10 Gbit/s"]);
});

test("what is no date is shown as it came", () => {
  expect(dateTime("yesterday")).toBe("yesterday");
  expect(dateTime("2026-11-23T10:00:00Z")).toMatch(/^2026-11-2\d \d\d:00:00$/);
});

test("words are separated by blanks, commas and semicolons", () => {
  expect(words(" a, b;c\n d ")).toEqual(["a", "b", "c", "d"]);
});

describe("the address of the page after a change", () => {
  const here = { hostname: "192.0.2.10", port: "5080" };
  test.each([
    ["the adapter's own address moves", ["192.0.2.10/24"], "192.0.2.20/24", "https://192.0.2.20:5080"],
    ["it stays", ["192.0.2.10/24"], "192.0.2.10/25", ""],
    ["DHCP decides", ["192.0.2.10/24"], "", ""],
    ["the page is reached by another way", ["198.51.100.1/24"], "192.0.2.20", ""],
  ])("%s", (_, addresses, next, url) => {
    expect(newPageUrl(here, addresses, next)).toBe(url);
  });
});

describe("certificates", () => {
  const pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
  test("base64 is taken as it is, one a line", () => {
    expect(certificates("QUJD\n\nREVG\n")).toEqual(["QUJD", "REVG"]);
  });
  test("PEM text is encoded, each certificate for itself", () => {
    expect(certificates(`${pem}\n${pem}`).map(atob)).toEqual([`${pem}\n`, `${pem}\n`]);
  });
  test("both may be mixed", () => {
    expect(certificates(`QUJD\n${pem}`)).toHaveLength(2);
  });
});

test("a grave entry of the log says so in words", () => {
  const entry = { cursor: "c", time: "2026-11-23T10:00:00.123Z", priority: 3, unit: "a.service", identifier: "a", pid: 7, message: "no" };
  expect(logLine(entry)).toBe("2026-11-23 10:00:00Z a[7]: error: no");
  expect(logLine({ ...entry, priority: 6, identifier: "", pid: 0 })).toBe("2026-11-23 10:00:00Z a.service: no");
});

test("IPv4 addresses by DHCP are named, static and local ones are not", () => {
  expect(leased([
    { name: "eth0", addresses: ["192.0.2.10/24", "2001:db8::1/64", "169.254.7.7/16"], leaseSeconds: 600 },
    { name: "eth1", addresses: ["198.51.100.7/24"], leaseSeconds: 0 },
  ])).toEqual(["192.0.2.10 (eth0)"]);
});

test.each([
  ["", "", "", true],
  ["192.0.2.1", "", "", false],
  ["", "198.51.100.1", "", false],
  ["", "", "198.51.100.1", false],
])("gateway %j beside another adapter's %j and its set %j: none at all is %s", (own, others, set, none) => {
  const adapters = [
    { name: "eth0", gateway: "192.0.2.1", settings: {} },
    { name: "eth1", gateway: others, settings: { gateway: set } },
  ];
  expect(withoutGateway(adapters, "eth0", own)).toBe(none);
});
