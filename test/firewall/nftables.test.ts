import { conformance } from "./conformance.js";
import { nftablesSetSubject, nftablesSubject } from "./nftables-subject.js";

await conformance(nftablesSubject);
await conformance(nftablesSetSubject);
