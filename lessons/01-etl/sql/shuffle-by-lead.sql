-- Four workers. Each row goes to the one that its key says: here the last figures of lead_id.
SELECT
  'worker ' || CAST(CAST(right(lead_id, 4) AS INT) % 4 AS STRING) AS worker,
  count(*) AS rows_received
FROM leads_clean
GROUP BY 1
ORDER BY worker NULLS LAST
