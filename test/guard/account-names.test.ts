import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DEFAULTS } from "../../src/config/schema.js";
import { NameWatch } from "../../src/daemon/name-watch.js";
import { AccountNames } from "../../src/guard/account-names.js";
import { namesIn, settingsFrom } from "../../src/guard/settings.js";
import { memoryGuard, until } from "../support/memory-guard.js";

/** A name service in memory. */
class Directory {
	readonly users = new Map<string, number>();
	readonly groups = new Map<string, number>();
	state: "answers" | "fails" | "hangs" = "answers";
	asked = 0;

	uid(name: string): Promise<number | undefined> {
		return this.#answer(this.users.get(name));
	}

	gid(name: string): Promise<number | undefined> {
		return this.#answer(this.groups.get(name));
	}

	async #answer(id: number | undefined): Promise<number | undefined> {
		this.asked++;
		if (this.state === "fails") {
			throw new Error("the name service failed");
		}
		if (this.state === "hangs") {
			return new Promise(() => undefined);
		}
		return id;
	}
}

const LIMIT_MS = 20;

function configured(over: {
	users?: Partial<typeof DEFAULTS.users>;
	groups?: Partial<typeof DEFAULTS.groups>;
}) {
	const config = {
		...DEFAULTS,
		users: { ...DEFAULTS.users, ...over.users },
		groups: { ...DEFAULTS.groups, ...over.groups },
	};
	const directory = new Directory();
	const names = new AccountNames(directory);
	const ask = () => names.ask(namesIn(config), LIMIT_MS);
	return { config, directory, names, ask, settings: () => settingsFrom(config, names) };
}

/** Whether sessions of these users get a port. */
async function served(
	settings: ReturnType<typeof settingsFrom>,
	...users: { uid: number; groups?: number[] }[]
) {
	const { guard, host, firewall } = memoryGuard({ ...settings, trust: { ...settings.trust } });
	for (const [i, user] of users.entries()) {
		host.serve(60001 + i, user);
	}
	await guard.start();
	const open = users.map((_, i) => firewall.open.some((key) => key.includes(String(60001 + i))));
	const { problems, ports } = guard.status();
	await guard.stop();
	return { open, problems, codes: ports.map(({ code }) => code) };
}

describe("names that the host knows", () => {
	test("become numbers", async () => {
		const { directory, ask, settings } = configured({
			users: { allow: ["CORP\\alice"] },
			groups: { deny: ["domain users"] },
		});
		directory.users.set("CORP\\alice", 5001);
		directory.groups.set("domain users", 6001);
		await ask();
		const { policy, unknownNames } = settings();
		assert.deepEqual(
			[policy.allowUids, policy.denyGids, policy.unknownDenials, unknownNames],
			[[5001], [6001], [], []],
		);
	});

	test("need no name service when they are numbers", async () => {
		const { directory, ask, settings } = configured({
			users: { allow: ["1000"] },
			groups: { deny: ["3000000000"] },
		});
		directory.state = "hangs";
		await ask();
		const { policy, unknownNames } = settings();
		assert.deepEqual([policy.allowUids, policy.denyGids, unknownNames], [[1000], [3_000_000_000], []]);
		assert.equal(directory.asked, 0);
	});

	test("are believed on while the name service fails, and a denied one even when it disappears", async () => {
		const { directory, names, config, ask, settings } = configured({
			users: { allow: ["alice"] },
			groups: { deny: ["out"] },
		});
		directory.users.set("alice", 5001);
		directory.groups.set("out", 6001);
		await ask();
		directory.state = "fails";
		await names.ask(namesIn(config), LIMIT_MS);
		assert.deepEqual(settings().policy.allowUids, [5001]);
		assert.deepEqual(settings().unknownNames, ["user alice", "group out"]);
		directory.state = "answers";
		directory.users.clear();
		directory.groups.clear();
		await names.ask(namesIn(config), LIMIT_MS);
		const { policy } = settings();
		assert.deepEqual([policy.allowUids, policy.denyGids, policy.unknownDenials], [[], [6001], []]);
	});
});

describe("a name service that is silent", () => {
	test("keeps nobody waiting, and is not asked the same again before it answers", async () => {
		const { directory, ask } = configured({ users: { allow: ["alice"] } });
		directory.state = "hangs";
		const began = Date.now();
		await ask();
		await ask();
		assert.ok(Date.now() - began < 1000);
		assert.equal(directory.asked, 1);
	});

	test("is asked by few processes at once", async () => {
		const { directory, ask } = configured({
			users: { allow: Array.from({ length: 100 }, (_, i) => `user${i}`) },
		});
		directory.state = "hangs";
		await ask();
		assert.equal(directory.asked, 8);
	});

	test("leaves those whose names are known their ports", async () => {
		const { directory, ask, settings } = configured({ users: { allow: ["1000", "bob"] } });
		directory.state = "hangs";
		await ask();
		const { open, problems } = await served(settings(), { uid: 1000 }, { uid: 1001 });
		assert.deepEqual(open, [true, false]);
		assert.match(problems[0]?.message ?? "", /user bob/);
	});
});

describe("a denied name that is not known", () => {
	for (const state of ["answers", "fails", "hangs"] as const) {
		test(`of a group shuts out whoever is not allowed by name (the service ${state})`, async () => {
			const { directory, ask, settings } = configured({
				users: { allow: ["1000"] },
				groups: { allow: ["1001"], deny: ["out"] },
			});
			directory.state = state;
			await ask();
			const { open, codes, problems } = await served(settings(), { uid: 1000 }, { uid: 1001 });
			assert.deepEqual(
				[open, codes],
				[
					[true, false],
					[undefined, "denial-unknown"],
				],
			);
			assert.match(problems[0]?.message ?? "", /Until group out is known/);
		});
	}

	test("shuts out those who are allowed by default", async () => {
		const { ask, settings } = configured({ groups: { deny: ["out"] } });
		await ask();
		assert.deepEqual((await served(settings(), { uid: 1000 })).open, [false]);
	});

	test("of a user whom the host does not have shuts out nobody; of one it does not tell of, it does", async () => {
		const { directory, names, config, ask, settings } = configured({ users: { deny: ["gone"] } });
		await ask();
		assert.deepEqual((await served(settings(), { uid: 1000 })).open, [true]);
		directory.state = "fails";
		await names.ask(namesIn(config), LIMIT_MS);
		assert.deepEqual((await served(settings(), { uid: 1000 })).open, [false]);
	});
});

describe("a name that becomes known", () => {
	/** A guard whose names are watched. */
	async function watched(directoryState: Directory["state"], over: Parameters<typeof configured>[0]) {
		const { config, directory, names, ask, settings } = configured(over);
		directory.state = directoryState;
		await ask();
		const rig = memoryGuard(settings());
		const { guard } = rig;
		const watch = new NameWatch({
			names,
			wanted: () => namesIn(config),
			changed: () => guard.apply(settings()),
			askAgainMs: 10,
		});
		await guard.start();
		watch.start();
		const stop = async () => {
			watch.stop();
			await guard.stop();
		};
		return { ...rig, directory, stop };
	}

	test("is applied without a reload, whether it allows or denies", async () => {
		const { host, firewall, guard, directory, stop } = await watched("fails", { groups: { deny: ["out"] } });
		host.serve(60001, { uid: 1000, groups: [1000] });
		host.serve(60002, { uid: 1001, groups: [1001, 6001] });
		guard.requestScan();
		await until(() => guard.status().ports.length === 2);
		assert.deepEqual(firewall.open, []);
		directory.groups.set("out", 6001);
		directory.state = "answers";
		await until(() => firewall.open.length === 1);
		assert.match(firewall.open[0] ?? "", /60001/);
		assert.deepEqual(guard.status().problems, []);
		await stop();
	});

	test("is no longer asked for then", async () => {
		const { directory, stop, guard } = await watched("answers", { users: { allow: ["alice"] } });
		assert.equal(guard.status().problems.length, 1);
		directory.users.set("alice", 5001);
		await until(() => guard.status().problems.length === 0);
		const { asked } = directory;
		await new Promise((resolve) => setTimeout(resolve, 50));
		assert.equal(directory.asked, asked);
		await stop();
	});
});
