-- The rule once, as a boolean that is never NULL
CREATE OR REPLACE TEMP TABLE judged AS
SELECT *,
  coalesce(
    lead_id IS NULL OR created IS NULL OR created > CAST(updated_at AS DATE)
      OR employees < 0 OR visits < 0 OR (budget_text IS NOT NULL AND budget IS NULL),
    false
  ) AS is_bad
FROM leads;

CREATE OR REPLACE TEMP VIEW valid AS
SELECT line, lead_id, created, updated_at, employees, budget, visits FROM judged WHERE NOT is_bad;

CREATE OR REPLACE TEMP VIEW rejected AS
SELECT line, lead_id, created, updated_at, employees, budget, visits,
  trim(
    CASE WHEN lead_id IS NULL THEN 'missing-id,' ELSE '' END
    || CASE WHEN created IS NULL THEN 'impossible-date,' ELSE '' END
    || CASE WHEN created > CAST(updated_at AS DATE) THEN 'created-after-update,' ELSE '' END
    || CASE WHEN employees < 0 THEN 'negative-employees,' ELSE '' END
    || CASE WHEN budget_text IS NOT NULL AND budget IS NULL THEN 'unreadable-budget,' ELSE '' END
    || CASE WHEN visits < 0 THEN 'negative-visits,' ELSE '' END,
    ',') AS reasons
FROM judged
WHERE is_bad;
