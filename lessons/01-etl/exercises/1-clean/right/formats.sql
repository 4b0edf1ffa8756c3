-- DuckDB's own date formats, and patterns for the numbers
SELECT
  lead_id,
  coalesce(
    CAST(try_strptime(created, '%Y-%m-%d') AS DATE),
    CAST(try_strptime(created, '%d/%m/%Y') AS DATE),
    CAST(try_strptime(created, '%d.%m.%Y') AS DATE)
  ) AS created,
  trim(lower(source)) AS source,
  CASE WHEN country NOT IN ('NA', 'N/A', '-', 'null') THEN upper(country) END AS country,
  try_cast(
    CASE
      WHEN regexp_matches(budget, '^[0-9.]+,[0-9]{2}$') THEN replace(translate(budget, '.', ''), ',', '.')
      WHEN regexp_matches(budget, '^[0-9,]+[.][0-9]{2}$') THEN translate(budget, ',', '')
    END AS DECIMAL(12, 2)
  ) AS budget,
  try_cast(days_since_contact AS INT) AS days_since_contact,
  try_cast(converted AS BOOLEAN) AS converted
FROM leads
