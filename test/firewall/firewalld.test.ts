import { conformance } from "./conformance.js";
import { firewalldSubject } from "./firewalld-subject.js";

await conformance(firewalldSubject);
