import { conformance } from "../conformance.js";
import { firewalldSubject } from "./subject.js";

await conformance(firewalldSubject);
