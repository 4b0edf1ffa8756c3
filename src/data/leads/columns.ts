/** What the leads are made of: columns, vocabularies and the calendar. docs/data.md says it in prose. */

/** Raised when the same seed gives other bytes. */
export const LEADS_VERSION = 1;

/** Rows of a block: each block has its own random numbers, and a lead's duplicates lie in its own block. */
export const BLOCK_ROWS = 8192;

export const VARIANTS = ["plain", "noise", "leaky"] as const;
export type Variant = (typeof VARIANTS)[number];

export const SOURCES = ["web", "referral", "ads", "event"] as const;
export const COUNTRIES = ["ES", "MX", "AR", "CO", "CL", "PE"] as const;
export const INDUSTRIES = ["retail", "software", "health", "education", "finance", "manufacturing"] as const;

/** How "no value" is written; the first is the empty field. */
export const NULL_TEXTS = ["", "NA", "N/A", "-", "null"] as const;

/** 2023-01-01 and 2024-12-31, in days since 1970: no lead is created or updated outside them. */
export const FIRST_DAY = 19_358;
export const LAST_DAY = 20_088;

const COLUMNS = [
  "lead_id",
  "created",
  "updated_at",
  "revision",
  "source",
  "country",
  "industry",
  "company_id",
  "employees",
  "budget",
  "visits",
  "minutes_on_site",
  "emails_opened",
  "days_since_contact",
  "converted",
  "notes",
] as const;

export type LeadColumn = (typeof COLUMNS)[number] | "onboarding_calls";

/** The header, in the order of the file; `leaky` has one column more, before the label. */
export function columnsOf(variant: Variant): readonly LeadColumn[] {
  if (variant !== "leaky") return COLUMNS;
  const label = COLUMNS.indexOf("converted");
  return [...COLUMNS.slice(0, label), "onboarding_calls", ...COLUMNS.slice(label)];
}

/**
 * Free text as it stands in the file: quoted where CSV asks for it. Commas, doubled quotes, line breaks
 * and letters beyond ASCII are there on purpose.
 */
export const NOTES: readonly string[] = [
  "llamar el lunes",
  "pidió presupuesto",
  "no contesta",
  "interesada en la demo",
  "competidor actual: interno",
  "viene de la feria de Málaga",
  "wants a call in spring",
  "asked for references",
  "budget not confirmed",
  "señal débil pero constante",
  "decide la dirección en otoño",
  "already a customer of the group",
  '"pidió precio, plazo y garantía"',
  '"reunión el martes, a las 10"',
  '"compara con dos proveedores, sin prisa"',
  '"likes the product, not the price"',
  '"moved to Lima, new phone"',
  '"dice que es ""urgente"""',
  '"quiere el plan ""Pro"", anual"',
  '"said ""maybe next year"""',
  '"primera llamada: bien\nsegunda llamada: sin respuesta"',
  '"dirección nueva:\nCalle del Pez, 7\nMadrid"',
  '"asked twice:\nprice and ""support"""',
];
