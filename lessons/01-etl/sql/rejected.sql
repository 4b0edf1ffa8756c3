-- The quarantine: every row that was not taken, why, and what it said.
SELECT reasons, CAST(NULL AS BIGINT) AS line, original,
  lead_id,
  created,
  updated_at,
  revision,
  source,
  country,
  industry,
  company_id,
  employees,
  budget,
  visits,
  minutes_on_site,
  emails_opened,
  days_since_contact,
  converted,
  notes
FROM checked
WHERE reasons IS NOT NULL
UNION ALL
SELECT 'structural', line, text,
  CAST(NULL AS STRING),
  CAST(NULL AS DATE),
  CAST(NULL AS TIMESTAMP),
  CAST(NULL AS INT),
  CAST(NULL AS STRING),
  CAST(NULL AS STRING),
  CAST(NULL AS STRING),
  CAST(NULL AS STRING),
  CAST(NULL AS INT),
  CAST(NULL AS DECIMAL(12, 2)),
  CAST(NULL AS INT),
  CAST(NULL AS DOUBLE),
  CAST(NULL AS INT),
  CAST(NULL AS INT),
  CAST(NULL AS BOOLEAN),
  CAST(NULL AS STRING)
FROM structural
