-- Valid rows, typed, of four sources.
SELECT
  lead_id,
  lower(trim(source)) AS source,
  upper(trim(country)) AS country,
  company_id,
  CASE substring(budget, length(budget) - 2, 1)
    WHEN ',' THEN try_cast(replace(replace(budget, '.', ''), ',', '.') AS DECIMAL(12, 2))
    WHEN '.' THEN try_cast(replace(budget, ',', '') AS DECIMAL(12, 2))
  END AS budget
FROM raw
WHERE length(lead_id) = 8
  AND lower(trim(source)) IN ('web', 'referral', 'ads', 'event')
  AND length(company_id) = 6
