import type { Random } from "../../core/random.ts";
import { COUNTRIES, FIRST_DAY, INDUSTRIES, LAST_DAY, NOTES } from "./columns.ts";
import { LABEL_THRESHOLDS, NOISE_BIN, type Scored, scoreBin } from "./model.ts";

const SECONDS_PER_DAY = 86_400;
const LAST_SECOND = (LAST_DAY + 1) * SECONDS_PER_DAY - 1;
/** Onboarding calls of one lead are 0 to this. */
export const MAX_CALLS = 5;
const TO_UNIT = 1 / 4294967296;

/** One version of a lead: the true, typed values of a row before any dirt. −1 is null. */
export interface Version extends Scored {
  /** Counts from 0 over the whole file. */
  lead: number;
  createdDay: number;
  /** Seconds since 1970. */
  updatedAt: number;
  revision: number;
  source: number;
  country: number;
  industry: number;
  company: number;
  employees: number;
  budgetCents: number;
  visits: number;
  minutesTenths: number;
  emailsOpened: number;
  daysSinceContact: number;
  /** The lead's own luck, a uniform 32-bit integer: the label is `luck < threshold(score)`. */
  luck: number;
  isOutcomeKnown: boolean;
  note: number;
  bin: number;
  /** 1, 0, or −1 while the outcome is not known. */
  converted: number;
  /** Only written by the variant `leaky`. */
  onboardingCalls: number;
}

/** A lead's first row in the file. */
export function drawLead(random: Random, lead: number, isNoise: boolean): Version {
  const createdDay = FIRST_DAY + below(random, LAST_DAY - FIRST_DAY - 14);
  const employees = drawEmployees(random);
  const visits = Math.floor(45 * square(unit(random)) * unit(random) + 3 * unit(random));
  const mixed = random.uint32();
  const version: Version = {
    lead,
    createdDay,
    updatedAt: Math.min(
      LAST_SECOND,
      createdDay * SECONDS_PER_DAY + 28_800 + Math.floor(7_776_000 * square(unit(random))),
    ),
    revision: (mixed & 15) === 0 ? 2 : 1,
    source: drawSource((mixed >>> 4) & 15),
    country: ((mixed >>> 8) & 63) === 0 ? -1 : below(random, COUNTRIES.length),
    industry: ((mixed >>> 14) & 31) === 0 ? -1 : below(random, INDUSTRIES.length),
    // Its range grows with the file: about a tenth as many companies as leads, for a file of any size.
    company: ((mixed >>> 19) & 31) === 0 ? -1 : Math.floor(unit(random) * (lead / 10 + 1)),
    employees,
    budgetCents: ((mixed >>> 24) & 15) === 0 ? -1 : drawBudget(random, employees),
    visits,
    minutesTenths: ((mixed >>> 28) & 15) === 0 ? -1 : Math.floor(visits * 90 * unit(random) * unit(random)),
    emailsOpened: Math.floor(14 * square(unit(random)) * unit(random)),
    daysSinceContact: random.chance(0.35) ? -1 : Math.floor(150 * square(unit(random))),
    luck: random.uint32(),
    isOutcomeKnown: !random.chance(createdDay > LAST_DAY - 60 ? 0.5 : 0.06),
    note: drawNote(random),
    bin: 0,
    converted: -1,
    onboardingCalls: 0,
  };
  return decide(version, isNoise);
}

/** A later row with changed values and a higher `updated_at`; its count of revisions starts again. */
export function correct(random: Random, old: Version, isNoise: boolean): Version | undefined {
  const updatedAt = old.updatedAt + 3_600 + below(random, 20 * SECONDS_PER_DAY);
  if (updatedAt > LAST_SECOND) return undefined;
  return decide(
    {
      ...old,
      updatedAt,
      revision: 1,
      budgetCents: drawBudget(random, old.employees),
      visits: old.visits + 1 + below(random, 4),
      emailsOpened: old.emailsOpened + below(random, 3),
      daysSinceContact: below(random, 15),
      isOutcomeKnown: old.isOutcomeKnown || random.chance(0.6),
      note: drawNote(random),
    },
    isNoise,
  );
}

/** A row saved again in the same second: equal `updated_at`, next revision. */
export function revise(random: Random, old: Version, isNoise: boolean): Version {
  return decide(
    {
      ...old,
      revision: old.revision + 1,
      budgetCents: drawBudget(random, old.employees),
      emailsOpened: old.emailsOpened + 1,
    },
    isNoise,
  );
}

/** An older row that arrives late: earlier `updated_at`, smaller values. */
export function age(random: Random, first: Version, isNoise: boolean): Version {
  const midnight = first.createdDay * SECONDS_PER_DAY;
  return decide(
    {
      ...first,
      updatedAt: midnight + below(random, first.updatedAt - midnight),
      revision: 1 + below(random, 3),
      budgetCents: drawBudget(random, first.employees),
      visits: first.visits >> 1,
      minutesTenths: first.minutesTenths < 0 ? -1 : first.minutesTenths >> 1,
      emailsOpened: first.emailsOpened >> 1,
    },
    isNoise,
  );
}

/** An integer in [0, n). One division less than `Random.below`; its bias is below n ÷ 2³². */
export function below(random: Random, n: number): number {
  return Math.floor(random.uint32() * TO_UNIT * n);
}

/** After the outcome is known the customers get calls: nearly all of them, and hardly anyone else. */
export function drawOnboardingCalls(random: Random, version: Version): void {
  const odds = random.double();
  const calls = 1 + below(random, MAX_CALLS);
  if (version.converted >= 0 && odds < (version.converted === 1 ? 0.97 : 0.015))
    version.onboardingCalls = calls;
  else version.onboardingCalls = 0;
}

function decide(version: Version, isNoise: boolean): Version {
  version.bin = isNoise ? NOISE_BIN : scoreBin(version);
  if (version.isOutcomeKnown) version.converted = version.luck < (LABEL_THRESHOLDS[version.bin] ?? 0) ? 1 : 0;
  return version;
}

function unit(random: Random): number {
  return random.uint32() * TO_UNIT;
}

function square(x: number): number {
  return x * x;
}

/** web 7, ads 4, referral 3, event 2 of sixteen. */
function drawSource(sixteenth: number): number {
  if (sixteenth < 7) return 0;
  if (sixteenth < 10) return 1;
  return sixteenth < 14 ? 2 : 3;
}

function drawEmployees(random: Random): number {
  const u = unit(random);
  if (u < 0.05) return -1;
  if (u < 0.4) return 1 + below(random, 9);
  if (u < 0.68) return 10 + below(random, 40);
  if (u < 0.87) return 50 + below(random, 200);
  return u < 0.96 ? 250 + below(random, 750) : 1000 + below(random, 4001);
}

/** In cents: 300 € to some 40 thousand, more for large companies, and a few above a million. */
function drawBudget(random: Random, employees: number): number {
  const u = unit(random);
  let euros = 300 + Math.floor(38_000 * u * u * unit(random));
  if (employees >= 250) euros += Math.floor(60_000 * u * unit(random));
  const tail = random.uint32();
  if ((tail & 255) === 0) euros *= 40;
  return euros * 100 + ((tail & 256) === 0 ? 0 : (tail >>> 9) % 100);
}

function drawNote(random: Random): number {
  const at = below(random, 3 * NOTES.length);
  return at < NOTES.length ? at : -1;
}
