/** Through every firewall, with default deny: a login's first datagram is not lost, so the prompt comes without a retry. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { inFull } from "../support/extent.js";
import { BACKENDS } from "./backends.js";
import { gaveUp, LoginHost, needsLoginHost, PROMPT, type ServerKind } from "./login-host.js";

/** For each server and family. `npm run bench -- --only login` makes fifty in a row. */
const LOGINS = inFull(2, 1);
/** With those that are not counted. */
const MOST_LOGINS = 12;

describe("a login's first datagram", { concurrency: 2 }, async () => {
	for (const backend of BACKENDS) {
		const skip = await needsLoginHost(...backend.tools);
		// One after another: what is dropped is counted for the whole host.
		describe(`through ${backend.name}`, { skip, concurrency: 1 }, () => {
			let host: LoginHost;
			before(async () => {
				host = await LoginHost.start(backend);
				assert.equal((await host.installed.status()).firewall.name, backend.firewall);
			});
			after(() => host?.close());

			for (const server of ["ours", "shim"] as const) {
				for (const family of [4, 6] as const) {
					it(`${describeKind(server)}, by IPv${family}`, async () => {
						let inTime = 0;
						for (let count = 0; inTime < LOGINS; count++) {
							assert.ok(count < MOST_LOGINS, `${count} logins`);
							// The last login's client may have sent something yet when its port was shut already.
							const before_ = await host.dropped();
							const { terminal } = await host.login({ server, family });
							await terminal.seeText(PROMPT);
							const dropped = (await host.dropped()) - before_;
							await terminal.enter("exit");
							assert.equal(await terminal.exited(), 0);
							const said = await terminal.outputWith("[mosh is exiting.]");
							if (gaveUp(said)) {
								continue;
							}
							inTime++;
							assert.equal(dropped, 0, host.installed.log);
							// Not "Nothing received": the client says so after 250 ms, which a busy machine takes without any loss.
							assert.doesNotMatch(said, /may not be open/);
						}
					});
				}
			}
		});
	}
});

function describeKind(server: ServerKind): string {
	return server === "ours" ? "our server" : "the stock server by its shim";
}
