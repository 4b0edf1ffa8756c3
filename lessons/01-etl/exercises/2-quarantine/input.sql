-- Typed rows with the text of the budget: every row with a defect, and one in twelve of the others.
WITH typed AS (
  SELECT
    CAST(row_number() OVER () AS INT) AS line,
    CASE WHEN length(lead_id) = 8 THEN lead_id END AS lead_id,
    try_cast(
      CASE
        WHEN substring(created, 5, 1) = '-' THEN created
        ELSE concat_ws('-', substring(created, 7, 4), substring(created, 4, 2), substring(created, 1, 2))
      END AS DATE
    ) AS created,
    try_cast(updated_at AS TIMESTAMP) AS updated_at,
    try_cast(employees AS INT) AS employees,
    nullif(nullif(nullif(nullif(budget, 'NA'), 'N/A'), '-'), 'null') AS budget_text,
    CASE substring(budget, length(budget) - 2, 1)
      WHEN ',' THEN try_cast(replace(replace(budget, '.', ''), ',', '.') AS DECIMAL(12, 2))
      WHEN '.' THEN try_cast(replace(budget, ',', '') AS DECIMAL(12, 2))
    END AS budget,
    try_cast(visits AS INT) AS visits
  FROM raw
)
SELECT *
FROM typed
WHERE lead_id IS NULL OR created IS NULL OR CAST(created AS TIMESTAMP) > updated_at
   OR employees < 0 OR visits < 0 OR (budget IS NULL AND budget_text IS NOT NULL)
   OR line % 12 = 0
