import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { endsProcessesOf, logindFiles, readFileOrNothing } from "../../src/logind/configuration.js";
import { scratchFolder } from "../support/scratch.js";

/** A host with these files, by their path beneath the roots `etc`, `run` and `lib`; `null` masks. */
function host(files: Readonly<Record<string, string | null>>): string[] {
	const folder = scratchFolder();
	for (const [path, text] of Object.entries(files)) {
		const [root = "", name = ""] = path.split(":");
		const file = join(folder, root, "systemd", name);
		mkdirSync(dirname(file), { recursive: true });
		if (text === null) {
			symlinkSync("/dev/null", file);
		} else {
			writeFileSync(file, text);
		}
	}
	return ["etc", "run", "lib"].map((root) => join(folder, root));
}

const endsAlice = (files: Readonly<Record<string, string | null>>) =>
	endsProcessesOf(() => "alice", logindFiles(host(files)).map(readFileOrNothing));

const yes = "[Login]\nKillUserProcesses=yes\n";
const no = "[Login]\nKillUserProcesses=no\n";

describe("logind's configuration", () => {
	it("leaves processes alone when it says nothing, or only in a comment", () => {
		assert.equal(endsAlice({}), false);
		assert.equal(endsAlice({ "etc:logind.conf": "[Login]\n#KillUserProcesses=yes\n" }), false);
		assert.equal(endsAlice({ "etc:logind.conf": "[Other]\nKillUserProcesses=yes\n" }), false);
	});

	it("counts in all of systemd's words for yes", () => {
		for (const word of ["yes", "1", "true", "on", "YES", "y", "t"]) {
			assert.equal(endsAlice({ "etc:logind.conf": `[Login]\n KillUserProcesses = ${word} \n` }), true, word);
		}
	});

	it("has its drop-ins after the main file, by their names, wherever they are", () => {
		assert.equal(endsAlice({ "etc:logind.conf": no, "lib:logind.conf.d/10-a.conf": yes }), true);
		assert.equal(endsAlice({ "etc:logind.conf.d/10-a.conf": no, "lib:logind.conf.d/20-b.conf": yes }), true);
		assert.equal(endsAlice({ "lib:logind.conf.d/10-a.conf": yes, "run:logind.conf.d/20-b.conf": no }), false);
		assert.equal(endsAlice({ "etc:logind.conf.d/10-a.txt": yes }), false);
	});

	it("has /etc hide what is elsewhere under the same name", () => {
		assert.equal(endsAlice({ "etc:logind.conf": no, "lib:logind.conf": yes }), false);
		assert.equal(endsAlice({ "lib:logind.conf": yes }), true);
		assert.equal(endsAlice({ "etc:logind.conf.d/a.conf": no, "run:logind.conf.d/a.conf": yes }), false);
		assert.equal(endsAlice({ "etc:logind.conf.d/a.conf": null, "lib:logind.conf.d/a.conf": yes }), false);
	});

	it("makes exceptions of users, root being one unless others are named", () => {
		const ends = (user: string, ...lines: string[]) =>
			endsProcessesOf(() => user, [["[Login]", ...lines].join("\n")]);
		assert.equal(ends("root", "KillUserProcesses=yes"), false);
		assert.equal(ends("root", "KillUserProcesses=yes", "KillExcludeUsers=bob"), true);
		assert.equal(
			ends("alice", "KillUserProcesses=yes", "KillExcludeUsers=bob", "KillExcludeUsers=alice"),
			false,
		);
		assert.equal(ends("bob", "KillUserProcesses=yes", "KillExcludeUsers=bob", "KillExcludeUsers="), true);
		assert.equal(ends("alice", "KillOnlyUsers=bob alice"), true);
		assert.equal(ends("carol", "KillUserProcesses=yes", "KillOnlyUsers=bob alice"), false);
	});
});
