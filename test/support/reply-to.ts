/** What an emulator replies to output. */

import { Emulator } from "../../src/terminal/index.js";

export function replyTo(output: string): string {
	let reply = "";
	const emulator = new Emulator({
		columns: 80,
		rows: 24,
		onReply: (bytes) => {
			reply += Buffer.from(bytes).toString();
		},
	});
	emulator.write(Buffer.from(output));
	return reply;
}
