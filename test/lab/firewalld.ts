/** firewalld on a lab host, on a message bus of its own without polkit, so that only root may change anything. */

import { setTimeout as pause } from "node:timers/promises";
import type { LabHost } from "./hosts.js";

const SOCKET = "/run/dbus/lab_bus_socket";

const BUS_CONFIG = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=${SOCKET}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
  </policy>
  <include>/usr/share/dbus-1/system.d/FirewallD.conf</include>
</busconfig>
`;

export class LabFirewalld {
	private readonly host: LabHost;

	constructor(host: LabHost) {
		this.host = host;
	}

	/** The bus as reached from outside the host. */
	get bus(): string {
		return `unix:path=${this.host.path(SOCKET)}`;
	}

	async start(): Promise<void> {
		await this.host.sh(`mkdir -p /run/dbus /run/firewalld; cat > /run/dbus/lab.conf <<'END'\n${BUS_CONFIG}END
			dbus-daemon --config-file=/run/dbus/lab.conf --fork --nopidfile`);
		await this.startDaemon();
	}

	async startDaemon(): Promise<void> {
		this.host.spawn(`export DBUS_SYSTEM_BUS_ADDRESS=unix:path=${SOCKET}; exec firewalld --nofork`);
		while (!(await this.#running())) {
			await pause(100);
		}
	}

	/** As `systemctl stop` does. */
	async stopDaemon(): Promise<void> {
		await this.host.sh("kill $(cat /run/firewalld.pid)");
		while (await this.#running()) {
			await pause(50);
		}
	}

	/** One or more calls of firewall-cmd, one argument list per line. */
	cmd(...lines: string[]): Promise<string> {
		const calls = lines.map((line) => `firewall-cmd ${line}`).join("\n");
		return this.host.sh(`export DBUS_SYSTEM_BUS_ADDRESS=unix:path=${SOCKET}\n${calls}`);
	}

	async #running(): Promise<boolean> {
		return this.cmd("-q --state").then(
			() => true,
			() => false,
		);
	}
}
