-- Only the form 1234.56 is a number to SQL.
SELECT
  count(budget) AS amounts_in_text,
  count(try_cast(budget AS DECIMAL(12, 2))) AS amounts_read
FROM texts
