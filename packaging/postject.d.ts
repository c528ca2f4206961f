/** The part of postject's interface that is used; it brings no types of its own. */

declare module "postject" {
	export function inject(
		filename: string,
		resourceName: string,
		resourceData: Buffer,
		options: { sentinelFuse: string },
	): Promise<void>;
}
