SELECT
  lead_id,
  try_cast(
    CASE
      WHEN substring(created, 5, 1) = '-' THEN created
      ELSE concat_ws('-', substring(created, 7, 4), substring(created, 4, 2), substring(created, 1, 2))
    END AS DATE
  ) AS created,
  lower(trim(source)) AS source,
  upper(nullif(nullif(nullif(nullif(country, 'NA'), 'N/A'), '-'), 'null')) AS country,
  CASE substring(budget, length(budget) - 2, 1)
    WHEN ',' THEN try_cast(replace(replace(budget, '.', ''), ',', '.') AS DECIMAL(12, 2))
    WHEN '.' THEN try_cast(replace(budget, ',', '') AS DECIMAL(12, 2))
  END AS budget,
  try_cast(days_since_contact AS INT) AS days_since_contact,
  lower(coalesce(converted, '0')) IN ('1', 'true', 'yes') AS converted
FROM leads
