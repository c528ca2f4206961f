/** What this kernel lets two users do on one port: what src/guard/sessions/overlap.ts rests on. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, test } from "node:test";
import { needsRoot, needsTools } from "../../support/requirements.js";

/** A socket: family, address, and options, of those named below. */
type Bind = readonly ["4" | "6", string, ...("reuseaddr" | "reuseport" | "v6only")[]];

/** Binds the first for one user, the second for another, and sends to 127.0.0.1 or ::1 what one of them gets. */
const TRIAL = `
import json, os, socket, sys
def bound(uid, port, family, address, *options):
    os.seteuid(uid)
    s = socket.socket(socket.AF_INET if family == "4" else socket.AF_INET6, socket.SOCK_DGRAM)
    s.settimeout(0.05)
    for option in options:
        level, name = {"reuseaddr": (1, 2), "reuseport": (1, 15), "v6only": (41, 26)}[option]
        s.setsockopt(level, name, 1)
    s.bind((address, port))
    os.seteuid(0)
    return s
def gets(s):
    try: return s.recv(9) == b"x"
    except OSError: return False
first, second = json.loads(sys.argv[1])
try:
    one = bound(61500, 0, *first)
    two = bound(61234, one.getsockname()[1], *second)
except OSError:
    print("refused"); sys.exit()
to = "127.0.0.2" if "127.0.0.2" in (first[1], second[1]) else "127.0.0.1"
if "::1" in (first[1], second[1]): to = "::1"
sender = socket.socket(socket.AF_INET6 if ":" in to else socket.AF_INET, socket.SOCK_DGRAM)
sender.sendto(b"x", (to, one.getsockname()[1]))
print("first" if gets(one) else "second" if gets(two) else "none")
`;

const skip = needsRoot() || needsTools("python3");

function trial(first: Bind, second: Bind): string {
	return execFileSync("python3", ["-c", TRIAL, JSON.stringify([first, second])], { encoding: "utf8" }).trim();
}

describe("two users on one port, by this kernel", { skip }, () => {
	const overlapping = [
		[["4", "0.0.0.0"], ["4", "127.0.0.1"], "second"],
		[["6", "::"], ["6", "::1"], "second"],
		[["6", "::"], ["4", "127.0.0.1"], "second"],
		[["6", "::"], ["4", "0.0.0.0"], "second"],
		[["4", "0.0.0.0"], ["6", "::"], "first"],
		[["4", "127.0.0.1"], ["4", "0.0.0.0"], "first"],
		[["4", "127.0.0.1"], ["6", "::"], "first"],
	] as const;

	for (const [first, second, winner] of overlapping) {
		test(`${first[1]} and ${second[1]}: only with SO_REUSEADDR of both, and who gets the datagrams`, () => {
			assert.equal(trial(first, second), "refused");
			assert.equal(trial(first, [...second, "reuseaddr", "reuseport"]), "refused");
			assert.equal(trial([...first, "reuseport"], [...second, "reuseport"]), "refused");
			assert.equal(trial([...first, "reuseaddr"], [...second, "reuseaddr"]), winner);
		});
	}

	test("other addresses, and `::` with V6ONLY, are nobody's concern", () => {
		assert.equal(trial(["4", "127.0.0.2"], ["4", "127.0.0.1"]), "first");
		assert.equal(trial(["4", "0.0.0.0"], ["6", "::", "v6only"]), "first");
	});
});
