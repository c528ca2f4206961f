/** Arrows between the rooms of src/ point down, each for a reason; ARCHITECTURE.md draws the same picture. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";

const SOURCE = new URL("../src", import.meta.url).pathname;

/** A room: a folder of src/, with the folders below it unless they have an entry of their own. */
interface Room {
	/** What it may import, beside itself. A folder stands for what lies below it too. */
	readonly imports: readonly string[];
	readonly reason: string;
}

const ROOMS: Readonly<Record<string, Room>> = {
	system: { imports: [], reason: "knows the host and nothing of this product" },
	config: { imports: ["system"], reason: "a file and its mistakes; who uses the values is not its business" },
	logind: { imports: [], reason: "both programs ask it, so it may know neither" },
	"guard-protocol": {
		imports: [],
		reason: "all that the unprivileged server shares with the guard; what it imported would run in both",
	},
	"firewall/path": {
		imports: ["system"],
		reason: "follows a datagram through the rules as they are; it knows no firewall and changes nothing",
	},
	firewall: {
		imports: ["firewall/path", "system"],
		reason: "opens what it is told to; it knows no sessions",
	},
	"guard/kernel": {
		imports: ["system"],
		reason: "reads the kernel's tables; what they mean is decided above",
	},
	"guard/sessions": {
		imports: ["guard/kernel", "guard-protocol", "firewall", "system"],
		reason: "judges sockets and processes; never changes a firewall",
	},
	"guard/report": {
		imports: ["guard/sessions", "guard/kernel", "firewall", "system"],
		reason: "puts into words what is so; it decides nothing",
	},
	"guard/triggers": {
		imports: ["guard/report", "guard/kernel", "firewall", "system"],
		reason: "tells when to look, not what to do",
	},
	guard: {
		imports: [
			"guard/sessions",
			"guard/report",
			"guard/triggers",
			"guard/kernel",
			"firewall",
			"config",
			"system",
		],
		reason: "one loop; it knows neither its sockets nor the program it runs in",
	},
	"guard/socket": {
		imports: ["guard", "guard/report", "guard/sessions", "guard-protocol", "firewall", "system"],
		reason: "the guard's own end of its sockets",
	},
	daemon: {
		imports: [
			"guard",
			"guard/socket",
			"guard/report",
			"guard/sessions",
			"guard/triggers",
			"guard/kernel",
			"guard-protocol",
			"firewall",
			"config",
			"system",
		],
		reason: "puts a guard together; a command line is only one way to start it",
	},
	cli: {
		imports: [
			"daemon",
			"guard",
			"guard/report",
			"guard/sessions",
			"guard/kernel",
			"guard-protocol",
			"firewall",
			"config",
			"logind",
			"system",
		],
		reason: "commands for people, above everything of the guard's",
	},
	terminal: { imports: [], reason: "pure: bytes in, screens and bytes out" },
	ssp: { imports: ["system"], reason: "the protocol does no I/O; of the system it takes the clock's type" },
	"server/host": {
		imports: ["ssp"],
		reason: "what the host gives a session; of the protocol it takes the port's type",
	},
	server: {
		imports: ["server/host", "ssp", "terminal", "guard-protocol", "logind", "system"],
		reason: "unprivileged: it imports nothing of the guard but the protocol between them",
	},
};

/** Files that import past the index of a room, each with its reason. */
const PAST_THE_INDEX: Readonly<Record<string, string>> = {
	"server/main.ts → ssp/crypto/key.ts":
		"the first bundle makes a key and is small: the index would bring all of the protocol into it",
	"server/session/extensions.ts → terminal/screen/extensions.ts":
		"the first bundle warns of what is wrong in the environment: the index would bring the emulator into it",
};

const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((file) =>
	file.endsWith(".ts"),
);
const edges = files.flatMap((file) => importsOf(file).map((target) => ({ file, target })));

test("every file of src/ lies in a room, and every room has a file", () => {
	assert.deepEqual(
		files.filter((file) => roomOf(file) === undefined),
		[],
	);
	assert.deepEqual(
		Object.keys(ROOMS).filter((room) => !files.some((file) => roomOf(file) === room)),
		[],
	);
});

test("rooms import what they may, and nothing else", () => {
	const wrong = edges.flatMap(({ file, target }) => {
		const from = roomOf(file) as string;
		const to = roomOf(target) as string;
		if (from === to || ROOMS[from]?.imports.includes(to)) {
			return [];
		}
		return [`${file} imports ${target}: ${from} may not, because it ${ROOMS[from]?.reason}`];
	});
	assert.deepEqual(wrong, []);
});

test("no arrow is allowed that nobody uses, or that leads in a circle", () => {
	const used = new Set(edges.map(({ file, target }) => `${roomOf(file)} → ${roomOf(target)}`));
	const allowed = Object.entries(ROOMS).flatMap(([from, { imports }]) =>
		imports.map((to) => `${from} → ${to}`),
	);
	assert.deepEqual(
		allowed.filter((arrow) => !used.has(arrow)),
		[],
	);
	const above = (room: string, path: readonly string[]): void => {
		assert.ok(!path.includes(room), [...path, room].join(" → "));
		for (const below of ROOMS[room]?.imports ?? []) {
			above(below, [...path, room]);
		}
	};
	for (const room of Object.keys(ROOMS)) {
		above(room, []);
	}
});

test("ARCHITECTURE.md draws every folder, and the arrows that there are", () => {
	const drawn = drawing();
	const folders = new Set(files.map(dirname));
	assert.deepEqual(
		[...drawn.keys()].filter((folder) => !folders.has(folder)),
		[],
	);
	const missing = [...folders].filter((folder) => !drawn.has(folder) && !folder.endsWith("/generated"));
	assert.deepEqual(missing, []);
	for (const [folder, arrows] of drawn) {
		assert.deepEqual([...arrows].sort(), arrowsOf(folder).sort(), folder);
	}
});

test("a room with an index is entered by it, and the index has nothing that nobody takes", () => {
	const indices = files.filter((file) => file.endsWith("/index.ts") && roomOf(file) === dirname(file));
	assert.ok(indices.length > 0);
	const past: string[] = [];
	for (const index of indices) {
		const room = dirname(index);
		const outside = edges.filter(({ file, target }) => roomOf(file) !== room && roomOf(target) === room);
		past.push(
			...outside.filter(({ target }) => target !== index).map(({ file, target }) => `${file} → ${target}`),
		);
		const entering = outside.filter(({ target }) => target === index).map(({ file }) => file);
		const taken = new Set([...new Set(entering)].flatMap((file) => namesFrom(file, index)));
		assert.deepEqual(
			namesIn(textOf(index)).filter((name) => !taken.has(name)),
			[],
			`exported by ${index} for nobody`,
		);
	}
	assert.deepEqual(past, Object.keys(PAST_THE_INDEX));
});

test("files import each other in no circle", () => {
	const done = new Set<string>();
	const visit = (file: string, path: readonly string[]): void => {
		assert.ok(!path.includes(file), [...path, file].join(" → "));
		if (done.has(file)) {
			return;
		}
		for (const { target } of edges.filter((edge) => edge.file === file)) {
			visit(target, [...path, file]);
		}
		done.add(file);
	};
	for (const file of files) {
		visit(file, []);
	}
});

test("nothing is called that Node 18 lacks, which the small package runs on (packaging/packages.ts)", () => {
	const later = /\.(toReversed|toSorted|toSpliced|withResolvers|isWellFormed|groupBy|fromAsync)\(/;
	assert.deepEqual(
		files.filter((file) => later.test(textOf(file))),
		[],
	);
});

/** What ARCHITECTURE.md draws of src/: its folders, and where the arrows of each lead. */
function drawing(): Map<string, readonly string[]> {
	const page = readFileSync(new URL("../ARCHITECTURE.md", import.meta.url), "utf8");
	const drawn = new Map<string, readonly string[]>();
	let last: readonly string[] = [];
	for (const line of page.split("```")[1]?.split("\n") ?? []) {
		const [, name] = /^(?:src\/| {2})([\w/{},-]+) {2}/.exec(line) ?? [];
		if (name !== undefined) {
			const [before, , several] = /^([^{]*)(\{(.*)\})?$/.exec(name)?.slice(1) ?? [];
			last = several?.split(",").map((each) => `${before}${each}`) ?? [name];
		}
		const arrows = line.split(" → ")[1]?.split(", ") ?? [];
		for (const folder of last) {
			drawn.set(folder, [...(drawn.get(folder) ?? []), ...arrows]);
		}
		last = line === "" ? [] : last;
	}
	return drawn;
}

/** Of a folder with an entry in ROOMS, where its arrows lead: another top folder stands for all in it, as does a folder for those below it. */
function arrowsOf(folder: string): string[] {
	const [top = ""] = folder.split("/");
	const targets = (ROOMS[folder]?.imports ?? [])
		.filter((to) => !to.startsWith(`${folder}/`))
		.map((to) => (to.split("/")[0] === top ? to : (to.split("/")[0] as string)));
	return [...new Set(targets)].filter((to) => !targets.some((other) => to.startsWith(`${other}/`)));
}

/** The innermost one. */
function roomOf(file: string): string | undefined {
	for (let folder = dirname(file); folder !== "."; folder = dirname(folder)) {
		if (folder in ROOMS) {
			return folder;
		}
	}
	return undefined;
}

/** Relative to src/. Types count: a room that knows another's types knows the other. */
function importsOf(file: string): string[] {
	const specifiers = textOf(file).matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)\.js"/g);
	return [...specifiers].map(([, path]) => resolve(file, path as string));
}

/** What `file` takes from `target` by name. */
function namesFrom(file: string, target: string): string[] {
	const imports = textOf(file).matchAll(/import [^;]*? from "(\.[^"]+)\.js";/g);
	return [...imports]
		.filter(([, path]) => resolve(file, path as string) === target)
		.flatMap(([text]) => namesIn(text));
}

/** The names in the braces of imports and exports. */
function namesIn(text: string): string[] {
	const lists = [...text.matchAll(/\{([^}]*)\}/g)].flatMap(([, list]) => (list as string).split(","));
	return lists.map((name) => name.trim().replace(/^type /, "")).filter((name) => name !== "");
}

function resolve(file: string, path: string): string {
	return relative(SOURCE, join(SOURCE, dirname(file), `${path}.ts`));
}

function textOf(file: string): string {
	return readFileSync(join(SOURCE, file), "utf8");
}
