import type { Answer, Call, Handler } from "../call.ts";
import { invalid, missing } from "../mlflow-error.ts";
import { checkAlias, checkNewAlias } from "../names.ts";
import { findModel, findVersion, versionJson } from "./registered-models.ts";

export const aliasCalls: Readonly<Record<string, Handler>> = {
  "POST mlflow/registered-models/alias": setAlias,
  "DELETE mlflow/registered-models/alias": deleteAlias,
  "GET mlflow/registered-models/alias": getByAlias,
};

function setAlias({ stores, fields }: Call): Promise<Answer> {
  const name = fields.required("name");
  const alias = checkNewAlias(fields.required("alias"));
  const version = fields.required("version");
  return stores.catalogue.change((state) => {
    const found = findVersion(state, name, version);
    const { model } = findModel(state, name);
    const aliases = [
      ...model.aliases.filter((one) => one.alias !== alias),
      { alias, version: found.version },
    ];
    return { events: [{ kind: "model", model: { ...model, aliases } }], result: () => ({}) };
  });
}

function deleteAlias({ stores, fields }: Call): Promise<Answer> {
  const name = fields.required("name");
  const alias = checkAlias(fields.required("alias"));
  return stores.catalogue.change((state) => {
    const { model } = findModel(state, name);
    const aliases = model.aliases.filter((one) => one.alias !== alias);
    return { events: [{ kind: "model", model: { ...model, aliases } }], result: () => ({}) };
  });
}

function getByAlias({ stores, fields }: Call): Answer {
  const name = fields.required("name");
  const alias = checkAlias(fields.required("alias"));
  const { model, versions } = findModel(stores.catalogue.state, name);
  if (alias.toLowerCase() === "latest") {
    const latest = versions.get(Math.max(0, ...versions.keys()));
    if (latest === undefined) throw missing(`Latest version not found for model ${name}.`);
    return { model_version: versionJson(latest, model) };
  }
  const found = versions.get(model.aliases.find((one) => one.alias === alias)?.version ?? 0);
  if (found === undefined) throw invalid(`Registered model alias ${alias} not found.`);
  return { model_version: versionJson(found, model) };
}
