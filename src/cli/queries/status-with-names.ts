/** The current status with the name of each port's user. */

import type { PortStatus, Status } from "../../guard/report/status.js";
import type { Context } from "../context.js";
import { currentStatus } from "./current-status.js";
import { userNames } from "./user-names.js";

export interface NamedStatus extends Status {
	readonly ports: readonly (PortStatus & { readonly user: string })[];
}

export async function statusWithNames(
	context: Context,
): Promise<{ status: NamedStatus; nameOf: (uid: number) => string }> {
	const status = await currentStatus(context);
	const nameOf = await userNames(
		context,
		status.ports.map(({ uid }) => uid),
	);
	const ports = status.ports.map((port) => ({ ...port, user: nameOf(port.uid) }));
	return { status: { ...status, ports }, nameOf };
}
