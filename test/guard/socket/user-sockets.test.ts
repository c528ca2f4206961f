/** Which users have a socket of their own. */

import assert from "node:assert/strict";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, test } from "node:test";
import type { ListeningSocket } from "../../../src/guard/socket/listening-socket.js";
import { UserSockets } from "../../../src/guard/socket/user-sockets.js";
import { scratchFolder } from "../../support/scratch.js";
import { until } from "../../support/wait.js";

const running: UserSockets[] = [];
afterEach(() => {
	for (const sockets of running.splice(0)) {
		sockets.stop();
	}
});

function setUp({ logind = true } = {}) {
	const root = scratchFolder();
	const [folder, logins] = [join(root, "users"), join(root, "logins")];
	if (logind) {
		mkdirSync(logins);
	}
	const open = new Set<number>();
	const failures: unknown[] = [];
	const refused = new Set<number>();
	let opened = 0;
	const sockets = new UserSockets({
		folder,
		logins,
		create: (uid, path) => {
			assert.equal(path, join(folder, String(uid)));
			const socket = {
				open: async () => {
					if (refused.has(uid)) {
						throw new Error("no ACL");
					}
					opened++;
					open.add(uid);
				},
				close: () => void open.delete(uid),
			};
			return socket as unknown as ListeningSocket;
		},
		failed: (cause) => failures.push(cause),
	});
	running.push(sockets);
	return { sockets, folder, logins, open, failures, refused, opened: () => opened };
}

describe("the users' sockets", () => {
	test("are in a folder that everybody can traverse and nobody else can list, without those of an earlier guard", () => {
		const { sockets, folder } = setUp();
		mkdirSync(folder);
		writeFileSync(join(folder, "1000"), "");
		sockets.start();
		assert.equal(statSync(folder).mode & 0o777, 0o711);
		assert.ok(!existsSync(join(folder, "1000")));
	});

	test("are there for who is logged in, at the start and later; other names in logind's folder are none", async () => {
		const { sockets, logins, open } = setUp();
		writeFileSync(join(logins, "1000"), "");
		writeFileSync(join(logins, ".#10017f3a"), "");
		sockets.start();
		await until("the first is there", () => open.has(1000));
		writeFileSync(join(logins, "1002"), "");
		await until("the second is there", () => open.has(1002));
		assert.equal(sockets.count, 2);
	});

	test("are made once for each user, on a host without logind too", async () => {
		const { sockets, opened } = setUp({ logind: false });
		sockets.start();
		await sockets.ensure(1000);
		await sockets.ensureAll([1000, 1001]);
		assert.deepEqual([opened(), sockets.count], [2, 2]);
	});

	test("that cannot be made are told of, and tried again when they are needed again", async () => {
		const { sockets, failures, refused, open } = setUp();
		sockets.start();
		refused.add(1000);
		await sockets.ensure(1000);
		assert.deepEqual([failures.length, sockets.count], [1, 0]);
		refused.clear();
		await sockets.ensure(1000);
		assert.ok(open.has(1000));
	});

	test("are at most 4096: the one needed least recently goes", async () => {
		const { sockets, open } = setUp();
		sockets.start();
		await sockets.ensureAll(Array.from({ length: 4096 }, (_, i) => 1000 + i));
		await sockets.ensure(1000);
		await sockets.ensure(9000);
		assert.ok(open.has(1000) && open.has(9000) && !open.has(1001));
		assert.equal(sockets.count, 4096);
	});

	test("are gone when the guard stops, and none is made after that", async () => {
		const { sockets, open } = setUp();
		sockets.start();
		await sockets.ensure(1000);
		sockets.stop();
		await sockets.ensure(1001);
		assert.deepEqual([...open], []);
	});
});
