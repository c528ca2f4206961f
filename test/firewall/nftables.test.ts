import { conformance } from "./conformance.js";
import { nftablesSubject } from "./nftables-subject.js";

await conformance(nftablesSubject);
