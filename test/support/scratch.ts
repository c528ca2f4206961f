/** Folders that tests write to, gone with the test's process. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folders: string[] = [];
process.on("exit", () => {
	for (const folder of folders) {
		rmSync(folder, { recursive: true, force: true });
	}
});

export function scratchFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), "portguard-scratch-"));
	folders.push(folder);
	return folder;
}
