import { systemCode } from "../../../../core/errors.ts";
import { receiveText } from "../body/receive.ts";
import { type BucketOperation, sendXml } from "../exchange.ts";
import { S3Error } from "../s3-error.ts";
import { childText, parseXml, type XmlNode } from "../xml.ts";
import { unquote } from "./conditions.ts";

/** DeleteObjects: up to a thousand keys, each with its own outcome. */
export const deleteObjects: BucketOperation = async (exchange, name) => {
  const { response, store } = exchange;
  const bucket = store.bucket(name);
  const asked = parseXml(await receiveText(exchange));
  const targets = asked.children.filter((child) => child.name === "Object");
  if (asked.name !== "Delete" || targets.length === 0 || targets.length > MAX_KEYS)
    throw new S3Error("MalformedXML");
  const isQuiet = childText(asked, "Quiet") === "true";

  const outcomes = new Array<XmlNode | undefined>(targets.length);
  const waiting = targets.map((target, position) => ({ target, position })).reverse();
  const deleteNext = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const key = childText(next.target, "Key") ?? "";
      const etag = childText(next.target, "ETag");
      try {
        if (key === "") throw new S3Error("MalformedXML");
        const version = childText(next.target, "VersionId") ?? "";
        if (version !== "" && version !== "null") throw new S3Error("NoSuchVersion");
        await bucket.delete(key, etag === undefined ? undefined : { kind: "matches", etag: unquote(etag) });
        outcomes[next.position] = isQuiet ? undefined : ["Deleted", [["Key", key]]];
      } catch (error) {
        outcomes[next.position] = ["Error", [["Key", key], ...wordsOf(error)]];
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, deleteNext));
  sendXml(
    response,
    "DeleteResult",
    outcomes.filter((outcome) => outcome !== undefined),
  );
};

const MAX_KEYS = 1000;
/** Their folder syncs are shared (folder-sync.ts). */
const PARALLEL = 32;

function wordsOf(error: unknown): XmlNode[] {
  if (error instanceof S3Error)
    return [
      ["Code", error.code],
      ["Message", error.message],
    ];
  return [
    ["Code", "InternalError"],
    ["Message", `The object store could not delete it: ${systemCode(error) ?? String(error)}.`],
  ];
}
