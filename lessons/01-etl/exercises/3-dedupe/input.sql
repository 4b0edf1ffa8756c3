-- Valid rows: every row of a lead that comes more than once, and one in eight of the others.
WITH typed AS (
  SELECT
    lead_id,
    try_cast(updated_at AS TIMESTAMP) AS updated_at,
    try_cast(revision AS INT) AS revision,
    lower(trim(source)) AS source,
    CASE substring(budget, length(budget) - 2, 1)
      WHEN ',' THEN try_cast(replace(replace(budget, '.', ''), ',', '.') AS DECIMAL(12, 2))
      WHEN '.' THEN try_cast(replace(budget, ',', '') AS DECIMAL(12, 2))
    END AS budget,
    row_number() OVER () AS line
  FROM raw
  WHERE length(lead_id) = 8
)
SELECT lead_id, updated_at, revision, source, budget
FROM typed
QUALIFY count(*) OVER (PARTITION BY lead_id) > 1 OR line % 8 = 0
ORDER BY line
