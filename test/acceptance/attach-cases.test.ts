/** What getting a session back has to stand, case by case, and the tests that try it. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkout } from "../support/mosh-server.js";

const [PRODUCT, CLIENTS, FAREWELL, FOLDER, LISTENER, ASK, COMMANDS, PORTS, E2E, MACHINES] = [
	"acceptance/attach.test.ts",
	"server/session/clients.test.ts",
	"server/session/farewell.test.ts",
	"server/control/folder.test.ts",
	"server/control/listener.test.ts",
	"server/control/ask.test.ts",
	"server/commands.test.ts",
	"server/session-ports.test.ts",
	"e2e/attach.test.ts",
	"packaging/machines/run",
];

/** File in test/, and a test's name or its beginning. */
type Tried = readonly [file: string, name: string];

/** By number, in words; what is measured in minutes or hours is tried with a clock that a test moves. */
const CASES: readonly (readonly [what: string, ...Tried[]])[] = [
	[
		"1: a client killed in vim; screen, shell and typing are as before",
		[PRODUCT, "gives vim back cell by cell"],
		[MACHINES, "same shell, same screen"],
	],
	[
		"2: a live client ends within 1 s, and types nothing more",
		[PRODUCT, "takes a live session over by its port"],
		[CLIENTS, "shows it all there is, takes its keys from the first one on"],
	],
	[
		"3: a client that slept for an hour is told when it wakes",
		[CLIENTS, "tells a client that was away when it is heard again, however late"],
		[PRODUCT, "takes a live session over by the other family"],
	],
	[
		"4: a promise that nobody takes leaves nothing",
		[CLIENTS, "forgets a promise after a minute"],
		[PRODUCT, "has two at most, however many clients are on their way"],
	],
	[
		"5: two at once, in both orders",
		[CLIENTS, "belongs to the one heard later"],
		[CLIENTS, "gives up those that were promised"],
		[PORTS, "grow by one for an address that none of them has, whoever asks first"],
	],
	[
		"6: another address, another family, another range of ports",
		[PRODUCT, "takes a live session over by the other family"],
		[PRODUCT, "goes from size to size and to another range of ports"],
		[PORTS, "suits a client that reaches the host by its address"],
	],
	[
		"7: two ports at most, one after the farewell; refused at the user's limit",
		[PRODUCT, "has two at most, however many clients are on their way"],
		[PRODUCT, "is refused a third in one line"],
		[PORTS, "do not grow where the guard refuses"],
	],
	["8: 15 % loss, 200 ms", [CLIENTS, "comes through 15 % loss and 100 ms each way"]],
	["9: 200×60, 40×20, and back", [PRODUCT, "goes from size to size"]],
	["10: neither bell nor clipboard of the past", [CLIENTS, "neither rings bells of the past"]],
	["11: the program ends before the promised client comes", [FAREWELL, "reaches one that was promised"]],
	["12: time limits and SIGUSR1 go by the new client", [CLIENTS, "counts silence and signals"]],
	[
		"13: others' users, links, foreign folders, garbage, no end of a line, many connections",
		[PRODUCT, "begins a session where none is detached, and takes nobody's"],
		[FOLDER, "is no link, no file, and nothing that others may enter"],
		[FOLDER, "is nobody else's"],
		[LISTENER, "closes on garbage without an end"],
		[LISTENER, "closes on one that says half a line"],
		[LISTENER, "turns connections away beyond a number"],
	],
	[
		"14: what a killed server leaves, and a number that is used again",
		[ASK, "leaves nothing for long if it is killed"],
		[LISTENER, "takes the place of one that had its number"],
		[COMMANDS, "finds none where only the socket of a server is left"],
		[PRODUCT, "and tidies up after one that was killed"],
	],
	["15: neither XDG_RUNTIME_DIR nor /run/user", [PRODUCT, "works for a user without a folder of logind's"]],
	[
		"16: an older server, or one of another version",
		[COMMANDS, "says what an older server says"],
		[LISTENER, "answers a line of its version, and refuses in words"],
	],
	[
		"17: none to attach to, and what is said of a named one",
		[COMMANDS, "is a new session where there is none"],
		[E2E, "delays another login of its user by little, and is said not to answer"],
		[PRODUCT, "begins a session where none is detached"],
	],
	[
		"18: KillUserProcesses with and without linger; Debian 13 without utmp",
		[MACHINES, "attach, KillUserProcesses, lingers"],
		[MACHINES, "attach, KillUserProcesses: what has ended is not there, and why"],
		[MACHINES, "attach: this release has no utmp"],
	],
	[
		"19: no echo ack falls, and what the client predicts is confirmed",
		[E2E, "predicts what is typed, underlined, and has it confirmed"],
		[CLIENTS, "shows it all there is, takes its keys from the first one on"],
	],
	[
		"20: sessions that nobody attaches to are as before",
		["e2e/typing.test.ts", "ends right when the client shows keys"],
	],
];

test("every case is tried by tests that there are", () => {
	assert.equal(CASES.length, 20);
	for (const [at, [what, ...tried]] of CASES.entries()) {
		assert.ok(what.startsWith(`${at + 1}: `), what);
		assert.ok(tried.length > 0, what);
		for (const [file, name] of tried) {
			assert.ok(
				readFileSync(join(checkout, "test", file), "utf8").includes(name),
				`${what}: ${file}: ${name}`,
			);
		}
	}
});
