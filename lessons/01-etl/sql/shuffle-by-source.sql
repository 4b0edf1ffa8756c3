-- The same four workers, but the key is source: four values, and a number for each letter.
SELECT
  'worker ' || CAST(ascii(source) % 4 AS STRING) AS worker,
  count(*) AS rows_received
FROM leads_clean
GROUP BY 1
ORDER BY worker NULLS LAST
