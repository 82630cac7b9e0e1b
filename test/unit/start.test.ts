import { expect, it } from "vitest";
import { givenCode, readyOrigin, setupLink } from "../../scripts/setup.ts";

it("OWN8: a setup code that is given holds: in the arguments, else in the files of variables", () => {
  expect(givenCode(["--port", "1"], ["", "GUESTS=off\n"])).toBeNull();
  expect(givenCode(["--var", "SETUP_CODE:a:b c"], ["SETUP_CODE=file"])).toBe("a:b c");
  expect(givenCode(["--var=SETUP_CODE:one", "--var", "SETUP_CODE:two"], [])).toBe("two");
  expect(givenCode(["--var", "GUESTS:off"], ["# SETUP_CODE=no\nSETUP_CODE=yes # mine\n"])).toBe(
    "yes",
  );
  expect(givenCode([], ['SETUP_CODE = "first"', "SETUP_CODE=second"])).toBe("first");
  expect(givenCode([], ['SETUP_CODE=""', "SETUP_CODE='second'"])).toBe("second");
});

it("OWN8: the code stands behind the # of the link, which a browser sends to nobody", () => {
  expect(setupLink("http://localhost:8787", "a b#c+/=")).toBe(
    "http://localhost:8787/setup#a%20b%23c+/=",
  );
  const ready = (ip: string) => JSON.stringify({ event: "DEV_SERVER_READY", ip, port: 9000 });
  for (const ip of ["localhost", "127.0.0.1", "0.0.0.0", "*", "[::]"]) {
    expect(readyOrigin(ready(ip), [])).toBe("http://localhost:9000");
  }
  expect(readyOrigin(ready("192.0.2.1"), [])).toBe("http://192.0.2.1:9000");
  expect(readyOrigin(ready("*"), ["--local-protocol", "https"])).toBe("https://localhost:9000");
  expect(readyOrigin('{"event":"other"}', [])).toBeNull();
  expect(readyOrigin({ event: "DEV_SERVER_READY" }, [])).toBeNull();
});
