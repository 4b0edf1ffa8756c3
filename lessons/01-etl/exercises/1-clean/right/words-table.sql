-- The words as tables; the digits of the budget as an integer of cents
WITH nothing(word) AS (VALUES ('NA'), ('N/A'), ('-'), ('null')),
labels(word, value) AS (
  VALUES ('1', true), ('true', true), ('yes', true), ('0', false), ('false', false), ('no', false)
)
SELECT
  leads.lead_id,
  try_cast(
    CASE WHEN created LIKE '____-__-__' THEN created
         ELSE right(created, 4) || '-' || substring(created, 4, 2) || '-' || left(created, 2) END AS DATE
  ) AS created,
  lower(replace(source, ' ', '')) AS source,
  upper(CASE WHEN nothing.word IS NULL THEN country END) AS country,
  CASE WHEN budget LIKE '%.__' OR budget LIKE '%,__'
    THEN CAST(try_cast(replace(replace(budget, '.', ''), ',', '') AS BIGINT) * 0.01 AS DECIMAL(12, 2)) END AS budget,
  try_cast(days_since_contact AS INT) AS days_since_contact,
  labels.value AS converted
FROM leads
LEFT JOIN nothing ON nothing.word = country
LEFT JOIN labels ON labels.word = lower(converted)
