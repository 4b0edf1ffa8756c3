-- Valid rows, typed: what the pipeline writes.
SELECT
  lead_id,
  try_cast(substring(updated_at, 1, 10) AS DATE) AS day,
  lower(trim(source)) AS source,
  upper(trim(country)) AS country,
  lower(trim(industry)) AS industry,
  company_id,
  CASE substring(budget, length(budget) - 2, 1)
    WHEN ',' THEN try_cast(replace(replace(budget, '.', ''), ',', '.') AS DECIMAL(12, 2))
    WHEN '.' THEN try_cast(replace(budget, ',', '') AS DECIMAL(12, 2))
  END AS budget
FROM raw
WHERE length(lead_id) = 8
  AND lower(trim(source)) IN ('web', 'referral', 'ads', 'event')
  AND length(trim(country)) = 2
  AND length(trim(industry)) > 5
  AND length(company_id) = 6
  AND length(updated_at) = 19
