-- First the newest moment, then the highest revision of that moment
WITH newest AS (
  SELECT lead_id, max(updated_at) AS updated_at FROM leads GROUP BY lead_id
),
highest AS (
  SELECT leads.lead_id, leads.updated_at, max(revision) AS revision
  FROM leads
  JOIN newest ON newest.lead_id = leads.lead_id AND newest.updated_at IS NOT DISTINCT FROM leads.updated_at
  GROUP BY leads.lead_id, leads.updated_at
)
SELECT leads.lead_id, leads.updated_at, leads.revision, any_value(source) AS source, any_value(budget) AS budget
FROM leads
JOIN highest ON highest.lead_id = leads.lead_id
  AND highest.updated_at IS NOT DISTINCT FROM leads.updated_at
  AND highest.revision IS NOT DISTINCT FROM leads.revision
GROUP BY leads.lead_id, leads.updated_at, leads.revision
