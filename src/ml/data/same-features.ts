import { mlError } from "../ml-error.ts";
import type { Feature, Matrix } from "./matrix.ts";

/** Throws unless the matrix has the features that the model was fitted on, coded by the same dictionaries. */
export function requireSameFeatures(model: { readonly features: readonly Feature[] }, matrix: Matrix): void {
  const expected = model.features.map((feature) => feature.name).join(", ");
  const given = matrix.features.map((feature) => feature.name).join(", ");
  if (expected !== given) throw otherFeatures(expected, given);
  // The same name under another dictionary would give each category another's score.
  const strange = model.features.find((feature, j) => !isSameDictionary(feature, matrix.features[j]));
  if (strange === undefined) return;
  throw mlError("dictionary-differs", {
    es: `Los códigos de ${strange.name} son de otro diccionario: prepara las filas con la preparación del modelo.`,
    en: `The codes of ${strange.name} are of another dictionary: prepare the rows with the model's preparation.`,
  });
}

function isSameDictionary(a: Feature, b: Feature | undefined): boolean {
  const [ours, theirs] = [a.dictionary, b?.dictionary];
  if (ours === theirs) return true;
  return ours?.length === theirs?.length && (ours ?? []).every((value, code) => value === theirs?.[code]);
}

function otherFeatures(expected: string, given: string): Error {
  return mlError("features-differ", {
    es: `El modelo espera las columnas ${expected}; la matriz trae ${given}.`,
    en: `The model expects the columns ${expected}; the matrix has ${given}.`,
  });
}
