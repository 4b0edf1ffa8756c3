-- The same column, before and after.
SELECT
  (SELECT count(DISTINCT country) FROM raw) AS countries_in_text,
  (SELECT count(DISTINCT country) FROM clean) AS countries
