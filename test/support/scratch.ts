/** Folders that tests write to, gone with the test's process. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export function scratchFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), "portguard-scratch-"));
	process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
	return folder;
}
