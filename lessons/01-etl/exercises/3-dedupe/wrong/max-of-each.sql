SELECT
  lead_id,
  max(updated_at) AS updated_at,
  max(revision) AS revision,
  max(source) AS source,
  max(budget) AS budget
FROM leads
GROUP BY lead_id
