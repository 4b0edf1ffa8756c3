import { type ObjectOperation, sendXml } from "../exchange.ts";

/** GetObjectTagging: no object here has tags. Clients ask before they copy in parts. */
export const objectTags: ObjectOperation = async ({ response, store }, bucketName, key) => {
  const object = await store.bucket(bucketName).open(key);
  await object.close();
  sendXml(response, "Tagging", [["TagSet", []]]);
};
