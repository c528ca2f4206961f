/** What the nftables firewall of a lab has open for mosh-servers, read from nft's own listing. */

import { type Lab, SERVER4, SERVER6 } from "../lab/hosts.js";

/** `ADDRESS PORT`, sorted. */
export async function openPorts(lab: Lab): Promise<string[]> {
	const listing = await lab.server.sh("nft list ruleset");
	return [...listing.matchAll(/([0-9a-f.:]+) \. (60\d{3})\b/g)]
		.map(([, address = "", port = ""]) => `${address} ${port}`)
		.filter((text) => text.startsWith(`${SERVER4} `) || text.startsWith(`${SERVER6} `))
		.sort();
}
