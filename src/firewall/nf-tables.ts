/** The kernel's numbers for nf_tables that more than one file takes; linux/netfilter/nf_tables.h, linux/netfilter.h. */

/** Of netfilter's messages, in the upper byte of their type. */
export const NF_TABLES = 10;
export const GENERATION = { get: 16, new: 15, id: 1, pid: 2, program: 3 } as const;
/** Of tables, by nft's names. */
export const TABLE_FAMILY: Readonly<Record<string, number>> = {
	inet: 1,
	ip: 2,
	arp: 3,
	netdev: 5,
	bridge: 7,
	ip6: 10,
};
