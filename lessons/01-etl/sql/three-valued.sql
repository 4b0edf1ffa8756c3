-- all = not negative + negative?
SELECT
  count(*) AS all_rows,
  count(*) FILTER (WHERE employees >= 0) AS not_negative,
  count(*) FILTER (WHERE employees < 0) AS negative
FROM clean
