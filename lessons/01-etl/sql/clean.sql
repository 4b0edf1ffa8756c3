-- Text to types. What can't be read becomes NULL; its text goes along, so
-- that the next query can tell "unreadable" from "not there".
SELECT
  lead_id,
  -- #region date
  -- 2024-02-05; 05/02/2024 and 05.02.2024 are turned round first
  try_cast(
    CASE
      WHEN substring(created, 5, 1) = '-' THEN created
      ELSE concat_ws('-',
        substring(created, 7, 4),
        substring(created, 4, 2),
        substring(created, 1, 2))
    END AS DATE
  ) AS created,
  -- #endregion
  try_cast(updated_at AS TIMESTAMP) AS updated_at,
  try_cast(revision AS INT) AS revision,
  lower(trim(source)) AS source,
  upper(trim(country)) AS country,
  lower(trim(industry)) AS industry,
  company_id,
  try_cast(employees AS INT) AS employees,
  -- #region amount
  -- two decimals always: the third character from the end is the point
  CASE substring(budget, length(budget) - 2, 1)
    WHEN ',' THEN try_cast(
      replace(replace(budget, '.', ''), ',', '.') AS DECIMAL(12, 2))
    WHEN '.' THEN try_cast(replace(budget, ',', '') AS DECIMAL(12, 2))
  END AS budget,
  -- #endregion
  try_cast(visits AS INT) AS visits,
  try_cast(replace(minutes_on_site, ',', '.') AS DOUBLE) AS minutes_on_site,
  try_cast(emails_opened AS INT) AS emails_opened,
  try_cast(days_since_contact AS INT) AS days_since_contact,
  try_cast(lower(converted) AS BOOLEAN) AS converted,
  notes,
  created AS created_text,
  budget AS budget_text,
  employees AS employees_text,
  visits AS visits_text,
  minutes_on_site AS minutes_text,
  emails_opened AS emails_text,
  days_since_contact AS days_text,
  converted AS converted_text
FROM texts
